# `nix flake check`: the roles on machines that stand in for others, and whole houses in virtual machines.
{ lib, pkgs, self }:
{
  package = pkgs.evcc-ems;
  mqtt-01 = (self.lib.dummyHosts.mqtt-01).config.system.build.toplevel;
  proxy-01 = (self.lib.dummyHosts.proxy-01).config.system.build.toplevel;
  sops-yaml = pkgs.runCommand "sops-yaml-is-current" { } ''
    ${pkgs.jq}/bin/jq -e --slurpfile wanted ${pkgs.writeText "sops.json" (builtins.toJSON self.lib.sopsYaml)} \
      '. == $wanted[0]' ${../../.sops.yaml} && touch $out
  '';
  house = pkgs.testers.runNixOSTest (import ./house.nix { inherit lib self; });
}
