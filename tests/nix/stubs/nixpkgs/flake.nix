# A stand-in for nixpkgs, for tests alone: see ../README.md.
{
  outputs =
    { self }:
    let
      lib = import ./lib // {
        nixosSystem = import (if builtins.pathExists ./nixos then ./with-nixos.nix else ./nixos.nix) { inherit lib legacyPackages; };
      };
      legacyPackages = lib.genAttrs [ "x86_64-linux" "aarch64-linux" "aarch64-darwin" ] (system: import ./pkgs.nix { inherit lib system; });
    in
    {
      inherit lib legacyPackages;
    };
}
