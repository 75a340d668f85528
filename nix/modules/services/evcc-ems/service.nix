# One service of the suite, whole: options, checks, unit.
{
  name,
  description,
  restores ? false,
}:
{
  config,
  lib,
  pkgs,
  ...
}:
let
  suite = config.services.evcc-ems;
  cfg = suite.${name};
  option = "services.evcc-ems.${name}";

  json = pkgs.formats.json { };
  renamed = (import ./renamed.nix { inherit lib; }).${name} or [ ];
  schema = lib.foldl' lib.recursiveUpdate (lib.importJSON (../../../generated/settings + "/${name}.json")) (
    map (old: { "$defs".${old.definition}.properties.${old.property}.deprecated = true; }) renamed
  );
  settings = import ../../../lib/settings.nix { inherit lib json; } schema;
  secrets = import ../../../lib/credentials.nix { inherit lib; };
  unit = import ../../../lib/unit.nix { inherit lib; };

  leaves = secrets.leaves [ ] cfg.settings;
  named = lib.filter (
    leaf:
    lib.hasSuffix "_credential" (lib.last leaf.path) && leaf.value != null && !lib.hasPrefix "/" leaf.value
  ) leaves;
  # What a car's provider takes as it is must not be a secret: the settings are in the store.
  plain = lib.filter (
    leaf: leaf.value != null && lib.elem (lib.last leaf.path) [ "password" "pin" "token" "api_key" ]
  ) leaves;
  names = lib.attrValues (cfg.settings.vehicle_names or { });

  own = {
    configFile = json.generate "${name}.json" (settings.write cfg.settings);
    settings = lib.mkMerge [
      (lib.mapAttrsRecursive (_: lib.mkDefault) suite.settings)
      (lib.mkIf (cfg.credentials ? mqtt-password) {
        mqtt = {
          username = lib.mkOverride 900 name;
          password_credential = lib.mkOverride 900 "mqtt-password";
        };
      })
    ];
  };
in
{
  options.services.evcc-ems.${name} = {
    enable = lib.mkEnableOption "${name} (${description})" // {
      default = true;
    };
    settings = lib.mkOption {
      type = lib.types.submodule { inherit (settings) options; };
      default = { };
      description = "Settings of ${name}; its own names and defaults.";
    };
    credentials = lib.mkOption {
      type = lib.types.attrsOf lib.types.path;
      default = { };
      example = {
        mqtt-password = "/run/secrets/mqtt-password-${name}";
      };
      description = ''
        Secrets by name: files that systemd hands to ${name} alone. Settings that end in `_credential` hold such a name.
        `mqtt-password` also makes ${name} log in to the broker, as `${name}`.
      '';
    };
    configFile = lib.mkOption {
      type = lib.types.path;
      readOnly = true;
      description = "The settings as ${name} reads them. It is in the Nix store and holds no secret.";
    };
  };

  config = {
    services.evcc-ems = lib.mkMerge (
      [ { ${name} = own; } ]
      # The new name comes first where both are said.
      ++ map (
        old: lib.setAttrByPath old.to (lib.mapAttrs (_: each: lib.mkDefault each.value) (old.values cfg.settings))
      ) renamed
    );

    warnings = lib.mkIf (suite.enable && cfg.enable) (
      lib.concatMap (
        old:
        lib.mapAttrsToList (
          where: each:
          "${option}.settings.${each.was} is services.evcc-ems.${secrets.dotted old.to}.${where} since ${old.since}; "
          + "its old name works for two releases more."
        ) (old.values cfg.settings)
      ) renamed
    );

    assertions = lib.mkIf (suite.enable && cfg.enable) (
      secrets.outsideStore "${option}.credentials" cfg.credentials
      ++ secrets.given "${option}.credentials" cfg.credentials (
        map (leaf: {
          where = "${option}.settings.${secrets.dotted leaf.path}";
          name = leaf.value;
        }) named
      )
      ++ map (leaf: {
        assertion = false;
        message =
          "${option}.settings.${secrets.dotted leaf.path} is a secret in the Nix store, where everybody can read it. "
          + "Put it into ${option}.credentials and name it in ${secrets.dotted leaf.path}_credential.";
      }) plain
      ++ [
        {
          assertion = lib.allUnique names;
          message = "${option}.settings.vehicle_names gives two cars one name; every car needs its own.";
        }
      ]
    );

    systemd.services."evcc-ems-${name}" = lib.mkIf (suite.enable && cfg.enable) (unit {
      inherit name description restores;
      inherit (cfg) configFile credentials;
      command = lib.getExe' suite.package name;
    });
  };
}
