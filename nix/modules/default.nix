# What other flakes import; docs/deploy-nixos.md shows how. A module takes nothing but its options, and sets nothing
# that is the consumer's: no overlay, no Python set.
{ self }:
{
  # evcc with its secrets from credentials, and the suite.
  default.imports = [
    self.nixosModules.evcc
    self.nixosModules.evcc-ems
  ];
  evcc = ./services/evcc;
  evcc-ems = {
    key = "evcc-ems#nixosModules.evcc-ems";
    imports = [
      ./services/evcc-ems
      (
        { lib, pkgs, ... }:
        {
          # The package as this flake's own nixpkgs builds it: the one that was tested.
          services.evcc-ems.package = lib.mkOptionDefault self.packages.${pkgs.stdenv.hostPlatform.system}.evcc-ems;
        }
      )
    ];
  };

  # For machines that play a part without running the suite.
  nodes = ./infrastructure/nodes.nix;
  role-evcc = ../roles/evcc.nix;
  proxmox-vm = ../roles/proxmox-vm.nix;
  mqtt-evcc = ../roles/mqtt-evcc.nix;
  proxy-evcc = ../roles/proxy-evcc.nix;
}
