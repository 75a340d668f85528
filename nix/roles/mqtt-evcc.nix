# Clients, roles and passwords of evcc, the suite and Home Assistant on a broker, after every start and every change:
# on the broker's own machine, or (host) from another one. Nothing that other projects have there is touched, except
# (see denyByDefault) what is allowed to all.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.roles.mqtt-evcc;
  secrets = import ../lib/credentials.nix { inherit lib; };
  wanted = import ../lib/dynsec.nix { inherit lib; } {
    rights = lib.importJSON ../generated/access.json;
    inherit (cfg)
      alsoReceive
      denyByDefault
      evccRoot
      homeAssistant
      prefix
      workers
      ;
  };
  apply = pkgs.callPackage ../packages/evcc-dynsec.nix {
    mosquitto = config.services.mosquitto.package;
    inherit wanted;
  };
  local = config.services.mosquitto.enable;
  clients = map (client: client.username) wanted.clients;
in
{
  imports = [ ./mqtt-listener.nix ];

  options.roles.mqtt-evcc = {
    enable = lib.mkEnableOption "evcc's and the suite's rights on this machine's broker";
    host = lib.mkOption {
      type = lib.types.str;
      default = "127.0.0.1";
      example = "mqtt.example.org";
      description = "The broker whose rights are kept. With TLS: the name in its certificate.";
    };
    port = lib.mkOption {
      type = lib.types.port;
      default = cfg.listener.port;
      defaultText = lib.literalExpression "config.roles.mqtt-evcc.listener.port";
      description = "The broker's port.";
    };
    tls = lib.mkOption {
      type = lib.types.bool;
      default = cfg.listener.certFile != null || cfg.caFile != null;
      defaultText = lib.literalExpression "true with listener.certFile or caFile";
      description = "Whether the broker is spoken to by TLS.";
    };
    caFile = lib.mkOption {
      type = lib.types.nullOr lib.types.str;
      default = null;
      example = "/etc/ssl/certs/home-ca.crt";
      description = "Whom to believe that the broker is the broker; what the system trusts when null.";
    };
    admin = lib.mkOption {
      type = lib.types.str;
      default = "admin";
      description = "The client that may administer the dynamic security.";
    };
    adminPasswordFile = lib.mkOption {
      type = lib.types.path;
      example = "/run/secrets/mqtt-admin-password";
      description = "Its password.";
    };
    passwordFiles = lib.mkOption {
      type = lib.types.attrsOf lib.types.path;
      default = { };
      example = {
        evcc = "/run/secrets/mqtt-password-evcc";
      };
      description = "Passwords by client. A client without one is not created, but gets its roles when it exists.";
    };
    homeAssistant = lib.mkOption {
      type = lib.types.str;
      default = "homeassistant";
      description = "The client that Home Assistant logs in as.";
    };
    prefix = lib.mkOption {
      type = lib.types.str;
      default = (lib.importJSON ../generated/access.json).prefix;
      description = "Where the suite lives on the broker.";
    };
    evccRoot = lib.mkOption {
      type = lib.types.str;
      default = (lib.importJSON ../generated/access.json).evcc;
      example = "house/evcc";
      description = ''
        evcc's own root: its `mqtt.topic`, and `evcc.mqtt_root` of the gateway, which is handed what rings there. Beside the
        suite's prefix, never above it.
      '';
    };
    alsoReceive = lib.mkOption {
      type = lib.types.attrsOf (lib.types.listOf lib.types.str);
      default = { };
      example = {
        vehicle-soc = [ "carconnectivity/0/garage/#" ];
      };
      description = "Filters outside of the suite that a service may receive, by service: cars that other bridges publish.";
    };
    workers = lib.mkOption {
      type = lib.types.nullOr (
        lib.types.submodule {
          options = {
            topic = lib.mkOption {
              type = lib.types.str;
              default = "evcc/planners/order";
              description = "Where homes give their orders: `workers.topic` of planners and workers.";
            };
            group = lib.mkOption {
              type = lib.types.str;
              default = "planners";
              description = "The workers' group: their `workers.group`.";
            };
            homes = lib.mkOption {
              type = lib.types.str;
              default = cfg.prefix;
              defaultText = lib.literalExpression "config.roles.mqtt-evcc.prefix";
              example = "evcc/homes/+";
              description = "A filter of the prefixes of the homes whose planners they may answer.";
            };
          };
        }
      );
      default = null;
      example = { };
      description = ''
        Workers that plan for many homes: the client `planner-worker`, which may take orders and answer planners and nothing else,
        and the planner's right to give orders. Null: there are none.
      '';
    };
    denyByDefault = lib.mkOption {
      type = lib.types.bool;
      default = true;
      description = ''
        Whether a client receives only what a role allows. It holds for every client of the broker: other projects'
        clients need roles of their own (mosquitto as it comes hands everything to everybody who could subscribe).
      '';
    };
    wanted = lib.mkOption {
      type = lib.types.attrs;
      readOnly = true;
      internal = true;
      description = "The resulting roles, groups and clients.";
    };
  };

  config = {
    roles.mqtt-evcc = { inherit wanted; };

    assertions = lib.mkIf cfg.enable (
      secrets.outsideStore "roles.mqtt-evcc" { inherit (cfg) adminPasswordFile; }
      ++ secrets.outsideStore "roles.mqtt-evcc.passwordFiles" cfg.passwordFiles
      ++ lib.mapAttrsToList (name: _: {
        assertion = lib.elem name clients;
        message = "roles.mqtt-evcc.passwordFiles.${name} belongs to no client; there are ${lib.concatStringsSep ", " clients}.";
      }) cfg.passwordFiles
      ++ [
        {
          assertion = cfg.evccRoot != cfg.prefix && !lib.hasPrefix "${cfg.evccRoot}/" cfg.prefix;
          message =
            ''roles.mqtt-evcc.evccRoot = "${cfg.evccRoot}" holds the suite's ${cfg.prefix}: evcc erases everything below its ''
            + ''own root at every start. Take another one, such as "evcc/core", here and for services.evcc.settings.mqtt.topic.'';
        }
      ]
    );

    systemd.services.evcc-ems-dynsec = lib.mkIf cfg.enable {
      description = "Rights of evcc and its suite on the broker";
      wantedBy = [ "multi-user.target" ];
      wants = [ "network-online.target" ] ++ lib.optional local "mosquitto.service";
      after = [ "network-online.target" ] ++ lib.optional local "mosquitto.service";
      # Again with every start of the broker that somebody asks for. Not `requires`: a broker whose secret comes late fails
      # and is tried again, and what requires it would have failed for good.
      partOf = lib.optional local "mosquitto.service";
      # A broker that has just started may not listen yet.
      unitConfig.StartLimitIntervalSec = 0;
      environment = {
        HOST = cfg.host;
        PORT = toString cfg.port;
        ADMIN = cfg.admin;
      }
      // lib.optionalAttrs cfg.tls { TLS = "1"; }
      // lib.optionalAttrs (cfg.caFile != null) { CAFILE = cfg.caFile; };
      serviceConfig = import ../lib/hardening.nix // {
        Type = "oneshot";
        RemainAfterExit = true;
        ExecStart = lib.getExe apply;
        Restart = "on-failure";
        RestartSec = 5;
        DynamicUser = true;
        RuntimeDirectory = "evcc-ems-dynsec";
        RuntimeDirectoryMode = "0700";
        LoadCredential = [
          "admin:${cfg.adminPasswordFile}"
        ]
        ++ lib.mapAttrsToList (name: path: "password-${name}:${path}") cfg.passwordFiles;
      };
    };
  };
}
