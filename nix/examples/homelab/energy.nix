# evcc as it was (environment file and all), its meters and charger, and the suite upon it.
{ evcc-ems, nodes }:
{ config, lib, ... }:
let
  inherit (config.sops) placeholder;
  inherit (evcc-ems.lib) services;
  secret = service: "evcc-mqtt_${service}";
  influx = {
    settings.influx = {
      url = "http://influx.home.example.org:8086";
      version = 2;
      org = "home";
      bucket = "energy";
      token_credential = "influx-token";
    };
    credentials.influx-token = config.sops.secrets.influx-token.path;
  };
in
{
  imports = [ evcc-ems.nixosModules.default ];

  services.evcc = {
    enable = true;
    openFirewall = true; # 7070, and 8887 for the charger
    environmentFile = config.sops.templates."evcc.env".path;
    settings = {
      sponsortoken = "$SPONSOR_TOKEN";
      mqtt = {
        broker = "tls://${nodes.broker.host}:8883";
        user = "evcc";
        password = "$MQTT_PASSWORD";
      };
      meters = [
        {
          name = "grid";
          type = "template";
          template = "sunspec-meter";
          usage = "grid";
          modbus = "tcpip";
          host = "192.0.2.20";
          id = 240;
        }
        {
          name = "roof";
          type = "template";
          template = "sunspec-inverter";
          usage = "pv";
          modbus = "tcpip";
          host = "192.0.2.20";
          id = 1;
        }
      ];
      chargers = [
        {
          name = "garage";
          type = "template";
          template = "ocpp-goe";
          stationid = "garage-1";
        }
      ];
      vehicles = [
        {
          name = "car";
          type = "template";
          template = "cardata";
          clientid = "$CARDATA_CLIENT";
          vin = "$CARDATA_VIN";
          streaming = true;
          capacity = 70;
        }
      ];
      loadpoints = [
        {
          title = "Garage";
          charger = "garage";
          vehicle = "car";
          mode = "pv";
        }
      ];
      site = {
        title = "Home";
        meters = {
          grid = "grid";
          pv = [ "roof" ];
        };
      };
    };
  };

  services.evcc-ems = lib.mkMerge [
    (lib.genAttrs services (service: {
      credentials.mqtt-password = config.sops.secrets.${secret service}.path;
    }))
    {
      enable = true;
      settings.language = "en";
      # The history of this house is in InfluxDB 2: written there, and learnt from.
      evcc-poller = influx;
      rl-agent = influx;
      vehicle-soc.settings.vehicles.car.provider = "evcc";
    }
  ];

  sops = {
    defaultSopsFile = ./secrets.yaml;
    secrets =
      lib.genAttrs (map secret services) (_: { })
      // lib.genAttrs [ "influx-token" "evcc-sponsor" "evcc-mqtt" "evcc-cardata_client" "evcc-cardata_vin" ] (_: { });
    templates."evcc.env" = {
      restartUnits = [ "evcc.service" ];
      content = ''
        SPONSOR_TOKEN=${placeholder.evcc-sponsor}
        MQTT_PASSWORD=${placeholder.evcc-mqtt}
        CARDATA_CLIENT=${placeholder.evcc-cardata_client}
        CARDATA_VIN=${placeholder.evcc-cardata_vin}
      '';
    };
  };
}
