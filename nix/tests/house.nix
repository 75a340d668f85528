# A broker, and a machine with evcc (its own demo devices) and the suite: from boot to a plan on the bus.
{ lib, self }:
let
  rights = lib.importJSON ../generated/access.json;
  clients = [
    "evcc"
    "homeassistant"
  ]
  ++ lib.attrNames rights.services;
  # Passwords of a test may be in the store; the modules refuse that for real ones.
  passwords = {
    systemd.tmpfiles.rules = map (client: "f /run/test-secrets/${client} 0400 root root - secret-${client}") (
      clients ++ [ "admin" ]
    );
  };
  file = client: "/run/test-secrets/${client}";
in
{
  name = "evcc-ems-house";

  nodes = {
    broker =
      { pkgs, ... }:
      {
        imports = [
          self.nixosModules.mqtt-evcc
          passwords
        ];
        roles.mqtt-evcc = {
          enable = true;
          listener = {
            enable = true;
            openFirewall = true;
          };
          adminPasswordFile = file "admin";
          passwordFiles = lib.genAttrs clients file;
        };
        environment.systemPackages = [ pkgs.mosquitto ];
      };

    house = {
      imports = [
        self.nixosModules.default
        passwords
      ];
      services.evcc = {
        enable = true;
        credentials.mqtt-password-evcc = file "evcc";
        settings = {
          interval = "5s";
          site = {
            title = "Test";
            meters = {
              grid = "grid";
              pv = [ "pv" ];
              battery = [ "battery" ];
            };
          };
          meters = [
            {
              name = "grid";
              type = "template";
              template = "demo-meter";
              usage = "grid";
              power = 500;
            }
            {
              name = "pv";
              type = "template";
              template = "demo-meter";
              usage = "pv";
              power = 3000;
            }
            {
              name = "battery";
              type = "template";
              template = "demo-battery";
              usage = "battery";
              power = -1000;
              soc = 55;
            }
          ];
          chargers = [
            {
              name = "charger";
              type = "template";
              template = "demo-charger";
              status = "B";
              power = 0;
              enabled = true;
            }
          ];
          loadpoints = [
            {
              title = "Garage";
              charger = "charger";
              mode = "pv";
            }
          ];
          tariffs.grid = {
            type = "fixed";
            price = 0.3;
          };
          mqtt = {
            broker = "broker:1883";
            user = "evcc";
            password = "@credential:mqtt-password-evcc@";
          };
        };
      };
      services.evcc-ems = {
        enable = true;
        settings.mqtt.host = "broker";
      }
      // lib.genAttrs self.lib.services (service: {
        credentials.mqtt-password = file service;
      });
    };
  };

  testScript = ''
    import json

    services = ${builtins.toJSON self.lib.services}

    def seen_by_home_assistant(topic):
        command = f"mosquitto_sub -u homeassistant -P secret-homeassistant -W 60 -C 1 -t '{topic}'"
        return broker.succeed(command).strip()

    broker.start()
    broker.wait_for_unit("evcc-ems-dynsec.service")
    broker.succeed("systemctl restart evcc-ems-dynsec.service")
    broker.succeed("journalctl -u evcc-ems-dynsec.service | grep 'is as it should be'")

    house.start()
    house.wait_for_unit("evcc.service")
    house.wait_for_open_port(7070)
    for service in services:
        house.wait_for_unit(f"evcc-ems-{service}.service")

    with subtest("secrets are nowhere in the store"):
        house.fail("grep -rl secret-evcc $(systemctl cat evcc.service | grep -o '/nix/store/[^ ]*json')")

    with subtest("Home Assistant sees the house"):
        site = json.loads(seen_by_home_assistant("evcc/ems/site"))
        assert site["v"] == 1, site
        for service in services:
            assert seen_by_home_assistant(f"evcc/ems/{service}/status") == "online"

    with subtest("evcc's wipe at its start does not touch the suite"):
        house.systemctl("restart evcc.service")
        house.wait_for_open_port(7070)
        assert seen_by_home_assistant("evcc/ems/site")

    with subtest("a service that hangs is restarted"):
        pid = house.succeed("systemctl show -P MainPID evcc-ems-evcc-poller.service").strip()
        house.succeed(f"kill -STOP {pid}")
        house.wait_until_succeeds(f"test $(systemctl show -P MainPID evcc-ems-evcc-poller.service) != {pid}", timeout=180)
        house.wait_for_unit("evcc-ems-evcc-poller.service")
  '';
}
