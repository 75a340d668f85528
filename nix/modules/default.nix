# What other flakes import; docs/deploy-nixos.md shows how.
{ self }:
{
  # evcc with its secrets from credentials, and the suite.
  default.imports = [
    self.nixosModules.evcc
    self.nixosModules.evcc-ems
  ];
  evcc = ./services/evcc;
  evcc-ems = {
    imports = [ ./services/evcc-ems ];
    nixpkgs.overlays = [ self.overlays.default ];
  };

  # For machines that play a part without running the suite.
  nodes = ./infrastructure/nodes.nix;
  mqtt-evcc = ../roles/mqtt-evcc.nix;
  proxy-evcc = ../roles/proxy-evcc.nix;
}
