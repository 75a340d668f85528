# Machines that stand in for the owner's broker and proxy: the roles on as little as they need.
{ lib, self }:
let
  host =
    name: module:
    lib.nixosSystem {
      modules = [
        module
        ../hosts/nodes.nix
        self.nixosModules.nodes
        {
          boot.isContainer = true;
          networking.hostName = name;
          nixpkgs.hostPlatform = "x86_64-linux";
          system.stateVersion = "26.05";
        }
      ];
    };
in
{
  mqtt-01 = host "mqtt-01" {
    imports = [ self.nixosModules.mqtt-evcc ];
    roles.mqtt-evcc = {
      enable = true;
      listener.enable = true;
      adminPasswordFile = "/run/secrets/mqtt-admin-password";
      passwordFiles = lib.genAttrs [
        "evcc"
        "evcc-poller"
        "homeassistant"
        "notifier"
        "rl-agent"
        "tariff-planner"
        "vehicle-soc"
      ] (client: "/run/secrets/mqtt-password-${client}");
    };
  };

  proxy-01 = host "proxy-01" (
    { config, ... }:
    {
      imports = [ self.nixosModules.proxy-evcc ];
      roles.proxy-evcc = {
        enable = true;
        upstream = "http://${config.infrastructure.nodes.evcc-01.address}:7070";
      };
      security.acme = {
        acceptTerms = true;
        defaults.email = "hostmaster@mares.id";
      };
    }
  );
}
