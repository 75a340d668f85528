# The VM that evcc and the suite run on. What is particular to this house is in house.nix.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  node = config.infrastructure.nodes.evcc-01;
in
{
  imports = [
    ../nodes.nix
    ../../modules/infrastructure/nodes.nix
    ../../roles/evcc.nix
    ./house.nix
    ./network.nix
    ./proxmox.nix
    ./secrets.nix
  ];

  nixpkgs.hostPlatform = lib.mkDefault "x86_64-linux";
  networking = {
    hostName = "evcc-01";
    inherit (config.infrastructure.vlans.${node.vlan}) domain;
  };
  # The role knows no registry: what it needs of ours it is told.
  roles.evcc.mqtt.host = lib.mkDefault config.infrastructure.nodes.mqtt-01.fqdn;
  time.timeZone = lib.mkDefault "Europe/Berlin";
  services.openssh = {
    enable = true;
    settings.PasswordAuthentication = false;
  };
  # For backups: docs/deploy-nixos.md, step 10.
  environment.systemPackages = [ pkgs.sqlite ];
  nix.settings.experimental-features = [
    "nix-command"
    "flakes"
  ];
  system.stateVersion = "26.05";
}
