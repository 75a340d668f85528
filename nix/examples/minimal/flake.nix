# The suite beside an evcc and a broker of your own, on one machine.
{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";
    evcc-ems.url = "git+https://YOUR-FORGE/evcc-ems";
  };
  outputs =
    { nixpkgs, evcc-ems, ... }:
    {
      nixosConfigurations.home = nixpkgs.lib.nixosSystem {
        modules = [ (import ./machine.nix { inherit evcc-ems; }) ];
      };
    };
}
