# The house: Fronius Gen24 with smart meter, Varta battery, Wattpilot, BMW, Ostrom; evcc and the suite upon them. Each
# device is a default: it is changed, or left out (without), by its name.
{
  config,
  lib,
  options,
  pkgs,
  ...
}:
let
  inherit (lib) mkDefault mkOption types;
  cfg = config.roles.evcc;
  json = (pkgs.formats.json { }).type;
  secret = name: cfg.secretFiles.${name};
  sops = options ? sops;
  # Devices by name, as evcc lists them.
  listed = lib.mapAttrsToList (name: device: { inherit name; } // device);
  present = lib.filterAttrs (name: _: !lib.elem name cfg.without);
  devices =
    what:
    mkOption {
      type = types.attrsOf (types.attrsOf json);
      default = { };
      example = {
        grid = {
          template = "sunspec-meter";
          modbus = "tcpip";
        };
      };
      description = "evcc's ${what} by name, beside the role's own and over them, value by value.";
    };
  # Weak down to every value, so that one of them can be said anew.
  weak = lib.mapAttrsRecursive (_: mkDefault);
  ocpp = cfg.charger == "ocpp-goe";
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
  ]
  ++ lib.optional (!ocpp) "wattpilot-password";
  # All of the suite; see modules/services/evcc-ems/services.nix.
  services = map (lib.removeSuffix ".json") (
    lib.attrNames (builtins.readDir ../generated/settings)
  );
  secretNames = evccSecrets ++ map (name: "mqtt-password-${name}") services;
in
{
  options.roles.evcc = {
    enable = lib.mkEnableOption "evcc and the suite for this house";
    gen24 = host "Fronius Gen24" "10.10.30.20";
    varta = host "Varta battery" "10.10.30.21";
    charger = mkOption {
      type = types.enum [
        "fronius-wattpilot"
        "ocpp-goe"
      ];
      default = "fronius-wattpilot";
      description = ''
        How the Wattpilot is spoken to: in its own way (deprecated by evcc since 2024-08), or by OCPP, where it dials port
        8887 of this machine and evcc needs a sponsor token.
      '';
    };
    wattpilot = host "Fronius Wattpilot (not with ocpp-goe)" "10.10.30.22" // {
      default = "";
    };
    stationId = mkOption {
      type = types.str;
      default = "";
      example = "wattpilot-1";
      description = "What the Wattpilot calls itself by OCPP.";
    };
    without = mkOption {
      type = types.listOf types.str;
      default = [ ];
      example = [ "varta" ];
      description = "Devices of the role that this house does not have.";
    };
    meters = devices "meters";
    chargers = devices "chargers";
    vehicles = devices "vehicles";
    mqtt = {
      host = mkOption {
        type = types.str;
        example = "mqtt.example.org";
        description = "The broker of evcc and of the suite.";
      };
      port = mkOption {
        type = types.port;
        default = if cfg.mqtt.tls then 8883 else 1883;
        defaultText = lib.literalExpression "8883 with TLS, else 1883";
        description = "Its port.";
      };
      tls = mkOption {
        type = types.bool;
        default = false;
        description = "Whether it speaks TLS, with a certificate that the system trusts.";
      };
    };
    secretFiles = mkOption {
      type = types.attrsOf types.str;
      default = if sops then lib.genAttrs secretNames (name: config.sops.secrets.${name}.path) else { };
      defaultText = lib.literalExpression "config.sops.secrets.NAME.path, where sops-nix is there";
      example = {
        mqtt-password-evcc = "/run/secrets/evcc-mqtt_password";
      };
      description = "Files with the role's secrets, by name.";
    };
    declareSecrets = mkOption {
      type = types.bool;
      default = sops;
      defaultText = lib.literalExpression "true where sops-nix is there";
      description = "Whether the role declares its secrets to sops-nix; no where that is done elsewhere.";
    };
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

  config = lib.mkMerge [
    (lib.mkIf cfg.enable {
      assertions = [
        {
          assertion = !ocpp || cfg.stationId != "";
          message = "roles.evcc.charger is ocpp-goe: say what the charger calls itself in roles.evcc.stationId.";
        }
        {
          assertion = ocpp || cfg.wattpilot != "" || lib.elem "wattpilot" cfg.without;
          message = "roles.evcc.wattpilot is empty: give the charger's name or address.";
        }
      ];

      roles.evcc = {
        meters = {
          grid = weak {
            type = "template";
            template = "fronius-gen24";
            usage = "grid";
            host = cfg.gen24;
            port = 502;
            id = 200;
          };
          pv = weak {
            type = "template";
            template = "fronius-gen24";
            usage = "pv";
            host = cfg.gen24;
          };
          varta = weak {
            type = "template";
            template = "varta";
            usage = "battery";
            host = cfg.varta;
            capacity = cfg.varta_kwh;
            maxdischargepower = cfg.varta_w;
          };
        };
        chargers.wattpilot = weak (
          {
            type = "template";
            template = cfg.charger;
          }
          // (
            if ocpp then
              { stationid = cfg.stationId; }
            else
              {
                host = cfg.wattpilot;
                password = "@credential:wattpilot-password@";
              }
          )
        );
        # Template "bmw" (ConnectedDrive) is dead upstream since 2025-10; CarData is its successor. Log in once on
        # evcc's page. One connection per account: vehicle-soc reads this car from evcc.
        vehicles.bmw = weak {
          type = "template";
          template = "cardata";
          title = "BMW";
          vin = "@credential:bmw-vin@";
          clientid = "@credential:bmw-client-id@";
          streaming = true;
          capacity = cfg.bmw_kwh;
        };
      };

      services.evcc = {
        enable = true;
        credentials = lib.genAttrs evccSecrets secret;
        settings = {
          interval = mkDefault "30s";
          site = {
            title = mkDefault "Home";
            meters = {
              grid = mkDefault "grid";
              pv = mkDefault [ "pv" ];
              battery = mkDefault (lib.optional (!lib.elem "varta" cfg.without) "varta");
            };
          };
          meters = listed (present cfg.meters);
          chargers = listed (present cfg.chargers);
          vehicles = listed (present cfg.vehicles);
          loadpoints = mkDefault [
            {
              title = "Wattpilot";
              charger = "wattpilot";
              vehicle = "bmw";
              mode = "pv";
            }
          ];
          tariffs = {
            currency = mkDefault "EUR";
            grid = mkDefault {
              type = "template";
              template = "ostrom";
              clientid = "@credential:ostrom-client-id@";
              clientsecret = "@credential:ostrom-client-secret@";
              contract = cfg.ostromContract;
            };
            feedin = mkDefault {
              type = "fixed";
              price = cfg.feedin_eur_per_kwh;
            };
            solar = mkDefault [
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
            broker = mkDefault "${lib.optionalString cfg.mqtt.tls "tls://"}${cfg.mqtt.host}:${toString cfg.mqtt.port}";
            user = mkDefault "evcc";
            password = mkDefault "@credential:mqtt-password-evcc@";
          };
        };
      };

      services.evcc-ems = lib.mkMerge [
        (lib.genAttrs services (name: {
          credentials.mqtt-password = secret "mqtt-password-${name}";
        }))
        {
          enable = true;
          # Broker and page follow evcc (modules/services/evcc-ems/beside-evcc.nix).
          settings = {
            timezone = mkDefault "Europe/Berlin";
            language = mkDefault "de";
          };
          # A Varta cannot be charged from the grid, it can only be kept from discharging.
          evcc-poller.settings.control.battery_modes = mkDefault [ "hold" ];
          vehicle-soc.settings.vehicles.bmw.provider = mkDefault "evcc";
        }
      ];
    })
    (lib.optionalAttrs sops {
      sops.secrets = lib.mkIf (cfg.enable && cfg.declareSecrets) (
        lib.genAttrs evccSecrets (_: {
          restartUnits = [ "evcc.service" ];
        })
        // lib.mergeAttrsList (
          map (name: {
            "mqtt-password-${name}".restartUnits = [ "evcc-ems-${name}.service" ];
          }) services
        )
      );
    })
  ];
}
