# On the broker's machine: clients, roles and passwords of evcc, the suite and Home Assistant, after every start and
# every change. Nothing that other projects have there is touched, except (see denyByDefault) what is allowed to all.
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
      homeAssistant
      prefix
      ;
  };
  apply = pkgs.writeShellApplication {
    name = "evcc-dynsec";
    runtimeInputs = [
      pkgs.coreutils
      pkgs.jq
      config.services.mosquitto.package
    ];
    text = builtins.readFile ../lib/dynsec/apply.sh;
    # '$CONTROL' is a topic.
    excludeShellChecks = [ "SC2016" ];
  };
  clients = map (client: client.username) wanted.clients;
in
{
  options.roles.mqtt-evcc = {
    enable = lib.mkEnableOption "evcc's and the suite's rights on this machine's broker";
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
    alsoReceive = lib.mkOption {
      type = lib.types.attrsOf (lib.types.listOf lib.types.str);
      default = { };
      example = {
        vehicle-soc = [ "carconnectivity/0/garage/#" ];
      };
      description = "Filters outside of the suite that a service may receive, by service: cars that other bridges publish.";
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
      secrets.outsideStore "roles.mqtt-evcc.passwordFiles" cfg.passwordFiles
      ++ lib.mapAttrsToList (name: _: {
        assertion = lib.elem name clients;
        message = "roles.mqtt-evcc.passwordFiles.${name} belongs to no client; there are ${lib.concatStringsSep ", " clients}.";
      }) cfg.passwordFiles
    );

    systemd.services.evcc-dynsec = lib.mkIf cfg.enable {
      description = "Rights of evcc and its suite on the broker";
      wantedBy = [ "multi-user.target" ];
      after = [ "mosquitto.service" ];
      requires = [ "mosquitto.service" ];
      # A broker that has just started may not listen yet.
      unitConfig.StartLimitIntervalSec = 0;
      environment = {
        HOST = lib.mkDefault "127.0.0.1";
        PORT = lib.mkDefault "1883";
        ADMIN = cfg.admin;
      };
      serviceConfig = import ../lib/hardening.nix // {
        Type = "oneshot";
        RemainAfterExit = true;
        ExecStart = "${lib.getExe apply} ${../lib/dynsec/plan.jq} ${pkgs.writeText "evcc-dynsec.json" (builtins.toJSON wanted)}";
        Restart = "on-failure";
        RestartSec = 5;
        DynamicUser = true;
        RuntimeDirectory = "evcc-dynsec";
        RuntimeDirectoryMode = "0700";
        LoadCredential = [
          "admin:${cfg.adminPasswordFile}"
        ]
        ++ lib.mapAttrsToList (name: path: "password-${name}:${path}") cfg.passwordFiles;
      };
    };
  };
}
