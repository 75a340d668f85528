# The house: Fronius Gen24 with smart meter, Varta battery, Wattpilot, BMW, Ostrom; evcc and the suite upon them.
{ config, lib, ... }:
let
  inherit (lib) mkDefault mkOption types;
  cfg = config.roles.evcc;
  secret = name: config.sops.secrets.${name}.path;
  host =
    what: example:
    mkOption {
      type = types.str;
      inherit example;
      description = "Name or address of the ${what}.";
    };
  figure =
    what: example:
    mkOption {
      type = types.number;
      inherit example;
      description = what;
    };
  # What evcc needs, by the names that its settings below say.
  evccSecrets = [
    "bmw-client-id"
    "bmw-vin"
    "mqtt-password-evcc"
    "ostrom-client-id"
    "ostrom-client-secret"
    "wattpilot-password"
  ];
  # All of the suite; see modules/services/evcc-ems/services.nix.
  services = map (lib.removeSuffix ".json") (
    lib.attrNames (builtins.readDir ../generated/settings)
  );
  mqttHost = config.infrastructure.nodes.mqtt-01.fqdn;
in
{
  options.roles.evcc = {
    enable = lib.mkEnableOption "evcc and the suite for this house";
    gen24 = host "Fronius Gen24" "10.10.30.20";
    varta = host "Varta battery" "10.10.30.21";
    wattpilot = host "Fronius Wattpilot" "10.10.30.22";
    varta_kwh = figure "Usable capacity of the Varta." 9.8;
    varta_w = figure "Most power that the Varta gives." 4000;
    bmw_kwh = figure "Usable capacity of the BMW." 80.7;
    ostromContract = mkOption {
      type = types.int;
      example = 100000;
      description = "Ostrom's number of the contract.";
    };
    feedin_eur_per_kwh = figure "What a kWh fed in earns." 0.0803;
    latitude = figure "Where the roof is: degrees north." 52.5;
    longitude = figure "Where the roof is: degrees east." 13.4;
    roof = {
      kwp = figure "Peak power of the panels." 9.9;
      tilt = figure "Degrees from the horizontal." 30;
      azimuth = figure "Degrees from south, east negative." 0;
    };
  };

  config = lib.mkIf cfg.enable {
    services.evcc = {
      enable = true;
      credentials = lib.genAttrs evccSecrets secret;
      settings = {
        interval = mkDefault "30s";
        site = {
          title = mkDefault "Home";
          meters = {
            grid = "grid";
            pv = [ "pv" ];
            battery = [ "varta" ];
          };
        };
        meters = [
          {
            name = "grid";
            type = "template";
            template = "fronius-gen24";
            usage = "grid";
            host = cfg.gen24;
            port = 502;
            id = 200;
          }
          {
            name = "pv";
            type = "template";
            template = "fronius-gen24";
            usage = "pv";
            host = cfg.gen24;
          }
          {
            name = "varta";
            type = "template";
            template = "varta";
            usage = "battery";
            host = cfg.varta;
            capacity = cfg.varta_kwh;
            maxdischargepower = cfg.varta_w;
          }
        ];
        # Deprecated upstream since 2024-08; the successor is template "ocpp-goe" (OCPP on port 8887, sponsor token).
        chargers = [
          {
            name = "wattpilot";
            type = "template";
            template = "fronius-wattpilot";
            host = cfg.wattpilot;
            password = "@credential:wattpilot-password@";
          }
        ];
        # Template "bmw" (ConnectedDrive) is dead upstream since 2025-10; CarData is its successor. Log in once on
        # evcc's page. One connection per account: vehicle-soc reads this car from evcc.
        vehicles = [
          {
            name = "bmw";
            type = "template";
            template = "cardata";
            title = "BMW";
            vin = "@credential:bmw-vin@";
            clientid = "@credential:bmw-client-id@";
            streaming = true;
            capacity = cfg.bmw_kwh;
          }
        ];
        loadpoints = [
          {
            title = "Wattpilot";
            charger = "wattpilot";
            vehicle = "bmw";
            mode = "pv";
          }
        ];
        tariffs = {
          currency = "EUR";
          grid = {
            type = "template";
            template = "ostrom";
            clientid = "@credential:ostrom-client-id@";
            clientsecret = "@credential:ostrom-client-secret@";
            contract = cfg.ostromContract;
          };
          feedin = {
            type = "fixed";
            price = cfg.feedin_eur_per_kwh;
          };
          solar = [
            {
              type = "template";
              template = "open-meteo";
              lat = cfg.latitude;
              lon = cfg.longitude;
              inherit (cfg.roof) kwp;
              dec = cfg.roof.tilt;
              az = cfg.roof.azimuth;
            }
          ];
        };
        mqtt = {
          broker = "${mqttHost}:1883";
          user = "evcc";
          password = "@credential:mqtt-password-evcc@";
        };
      };
    };

    services.evcc-ems = lib.mkMerge [
      (lib.genAttrs services (name: {
        credentials.mqtt-password = secret "mqtt-password-${name}";
      }))
      {
        enable = true;
        settings = {
          mqtt.host = mkDefault mqttHost;
          timezone = mkDefault "Europe/Berlin";
          language = mkDefault "de";
        };
        # A Varta cannot be charged from the grid, it can only be kept from discharging.
        evcc-poller.settings.control.battery_modes = mkDefault [ "hold" ];
        vehicle-soc.settings.vehicles.bmw.provider = mkDefault "evcc";
      }
    ];

    sops.secrets =
      lib.genAttrs evccSecrets (_: {
        restartUnits = [ "evcc.service" ];
      })
      // lib.mergeAttrsList (
        map (name: {
          "mqtt-password-${name}".restartUnits = [ "evcc-ems-${name}.service" ];
        }) services
      );
  };
}
