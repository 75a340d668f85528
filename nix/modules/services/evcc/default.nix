# nixpkgs' services.evcc with what it lacks here: secrets from systemd's credentials (put in at start, never in the
# store) beside its environmentFile, an MQTT root that leaves the suite alone, and its ports. What users have stays: the
# database is where evcc itself puts it (it holds the logins of cars), unless settings.database says otherwise.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.services.evcc;
  secrets = import ../../../lib/credentials.nix { inherit lib; };

  leaves = secrets.leaves [ ] cfg.settings;
  # "@credential:NAME@" anywhere in a string.
  placeholders =
    value:
    if lib.isString value then
      map lib.head (lib.filter lib.isList (builtins.split "@credential:([A-Za-z0-9_.-]+)@" value))
    else
      [ ];
  named = lib.concatMap (
    leaf:
    map (name: {
      where = "services.evcc.settings.${secrets.dotted leaf.path}";
      inherit name;
    }) (placeholders leaf.value)
  ) leaves;
  isSecret =
    name:
    lib.elem (lib.toLower name) [
      "accesstoken"
      "apikey"
      "authtoken"
      "clientsecret"
      "password"
      "pin"
      "private" # of eebus
      "psk"
      "refreshtoken"
      "secret"
      "sponsortoken"
      "token"
    ];
  # "${NAME}" of the environment file.
  fromEnvironment =
    value: cfg.environmentFile != null && builtins.match ".*[$][{]?[A-Za-z_][A-Za-z0-9_]*.*" value != null;
  plain = lib.filter (
    leaf: isSecret (lib.last leaf.path) && lib.isString leaf.value && leaf.value != "" && placeholders leaf.value == [ ] && !fromEnvironment leaf.value
  ) leaves;

  # JSON is YAML; jq quotes whatever a secret holds.
  template = (pkgs.formats.json { }).generate "evcc-template.json" cfg.settings;
  render = pkgs.writeShellApplication {
    name = "evcc-render";
    runtimeInputs = [
      pkgs.coreutils
      pkgs.jq
    ];
    text = builtins.readFile ./render.sh;
  };
  topic = cfg.settings.mqtt.topic;
  suite = config.services.evcc-ems.settings.mqtt.prefix or "evcc/ems";
  ocpp = lib.any (charger: lib.hasPrefix "ocpp" (charger.template or charger.type or "")) (cfg.settings.chargers or [ ]);
in
{
  options.services.evcc.credentials = lib.mkOption {
    type = lib.types.attrsOf lib.types.path;
    default = { };
    example = {
      wattpilot-password = "/run/secrets/wattpilot-password";
    };
    description = ''
      Secrets by name: files that systemd hands to evcc alone. Where `services.evcc.settings` says
      `@credential:NAME@`, evcc finds the secret; the Nix store never does.
    '';
  };

  options.services.evcc.openFirewall = lib.mkOption {
    type = lib.types.bool;
    default = false;
    description = ''
      Whether evcc's page is open in this machine's firewall (7070), and with an OCPP charger the port that it dials
      (8887). evcc's controls need no login: who reaches the page switches the house.
    '';
  };

  config = lib.mkIf cfg.enable {
    networking.firewall.allowedTCPPorts = lib.mkIf cfg.openFirewall (
      [ cfg.settings.network.port ] ++ lib.optional ocpp 8887
    );

    services.evcc.settings = {
      network.port = lib.mkDefault 7070;
      # evcc erases everything below its root at every start: the suite lives beside it.
      mqtt.topic = lib.mkDefault "evcc/core";
    };

    assertions =
      secrets.outsideStore "services.evcc.credentials" cfg.credentials
      ++ secrets.given "services.evcc.credentials" cfg.credentials named
      ++ map (leaf: {
        assertion = false;
        message =
          "services.evcc.settings.${secrets.dotted leaf.path} is a secret in the Nix store, where everybody can read it. "
          + ''Put it into services.evcc.credentials."NAME" and write "@credential:NAME@" in its place, or into ''
          + ''services.evcc.environmentFile and write "''${NAME}".'';
      }) plain
      ++ [
        {
          assertion = topic != suite && !lib.hasPrefix "${topic}/" suite;
          message =
            ''services.evcc.settings.mqtt.topic = "${topic}" holds the suite's ${suite}: evcc erases everything below ''
            + ''its own root at every start. Leave it at "evcc/core".'';
        }
      ];

    systemd.services.evcc.serviceConfig = {
      LoadCredential = lib.mapAttrsToList (name: path: "${name}:${path}") cfg.credentials;
      ExecStartPre = lib.mkForce "${lib.getExe render} ${./render.jq} ${template} /run/evcc/config.yaml${lib.optionalString (cfg.environmentFile != null) " environment"}";
      RuntimeDirectory = "evcc";
      RuntimeDirectoryMode = lib.mkForce "0700";
      # evcc gives up when the broker is away at its start.
      RestartSec = lib.mkDefault 10;
    };
  };
}
