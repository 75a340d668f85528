# `nix flake check`: the roles on machines that stand in for others, and a whole house in virtual machines.
{
  lib,
  pkgs,
  self,
}:
{
  package = pkgs.ours.evcc-ems;
  sops-yaml = pkgs.runCommand "sops-yaml-is-current" { } ''
    ${pkgs.jq}/bin/jq -e --slurpfile wanted ${pkgs.writeText "sops.json" (builtins.toJSON self.lib.sopsYaml)} \
      '. == $wanted[0]' ${../../.sops.yaml} && touch $out
  '';
  house = pkgs.testers.runNixOSTest (import ./house.nix { inherit lib self; });
}
# The stand-ins are PCs.
// lib.optionalAttrs (pkgs.stdenv.hostPlatform.system == "x86_64-linux") (
  lib.mapAttrs (_: host: host.config.system.build.toplevel) self.lib.dummyHosts
)
