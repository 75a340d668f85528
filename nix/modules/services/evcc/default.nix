# nixpkgs' services.evcc with what it lacks here: secrets from systemd's credentials (put in at start, never in the
# store), a database that survives, and an MQTT root that leaves the suite alone.
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
      "password"
      "clientsecret"
      "token"
      "accesstoken"
      "refreshtoken"
      "apikey"
      "pin"
    ];
  plain = lib.filter (
    leaf: isSecret (lib.last leaf.path) && lib.isString leaf.value && placeholders leaf.value == [ ]
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

  config = lib.mkIf cfg.enable {
    services.evcc.settings = {
      network.port = lib.mkDefault 7070;
      database = {
        type = lib.mkDefault "sqlite";
        dsn = lib.mkDefault "/var/lib/evcc/evcc.db";
      };
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
          + ''Put it into services.evcc.credentials."NAME" and write "@credential:NAME@" in its place.'';
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
      ExecStartPre = lib.mkForce "${lib.getExe render} ${./render.jq} ${template} /run/evcc/config.yaml";
      ExecStart = lib.mkForce (
        lib.escapeShellArgs ([ (lib.getExe cfg.package) "--config=/run/evcc/config.yaml" ] ++ cfg.extraArgs)
      );
      RuntimeDirectory = "evcc";
      RuntimeDirectoryMode = lib.mkForce "0700";
      # evcc gives up when the broker is away at its start.
      RestartSec = lib.mkDefault 10;
    };
  };
}
