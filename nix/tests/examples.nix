# The examples' machines, as their own flakes make them, with this flake as their input.
{
  lib,
  self,
  sops-nix,
}:
let
  nodes = import ../examples/homelab/nodes.nix;
  machine =
    name: module:
    lib.nixosSystem {
      modules = [
        module
        sops-nix.nixosModules.sops
        {
          networking.hostName = name;
          nixpkgs.hostPlatform = lib.mkDefault "x86_64-linux";
        }
      ];
    };
in
{
  minimal = machine "home" (import ../examples/minimal/machine.nix { evcc-ems = self; });
}
// lib.mapAttrs (
  name: _:
  machine name (
    import (../examples/homelab + "/${name}.nix") {
      inherit nodes;
      evcc-ems = self;
    }
  )
) nodes
