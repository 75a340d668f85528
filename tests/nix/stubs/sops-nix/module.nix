# The options of sops-nix that the project uses, with its defaults; see ../README.md.
{ config, lib, ... }:
{
  options.sops = {
    defaultSopsFile = lib.mkOption { type = lib.types.path; };
    age.sshKeyPaths = lib.mkOption { type = lib.types.listOf lib.types.path; default = [ ]; };
    age.keyFile = lib.mkOption { type = lib.types.nullOr lib.types.path; default = null; };
    placeholder = lib.mkOption { type = lib.types.attrsOf lib.types.str; default = builtins.mapAttrs (name: _: "<SOPS:${name}>") config.sops.secrets; };
    templates = lib.mkOption {
      default = { };
      type = lib.types.attrsOf (
        lib.types.submodule (
          { name, ... }: {
            options = {
              content = lib.mkOption { type = lib.types.lines; default = ""; };
              path = lib.mkOption { type = lib.types.str; default = "/run/secrets/rendered/${name}"; };
              restartUnits = lib.mkOption { type = lib.types.listOf lib.types.str; default = [ ]; };
            };
          }
        )
      );
    };
    secrets = lib.mkOption {
      default = { };
      type = lib.types.attrsOf (
        lib.types.submodule (
          { name, ... }: {
            options = {
              key = lib.mkOption { type = lib.types.str; default = name; };
              path = lib.mkOption { type = lib.types.str; default = "/run/secrets/${name}"; };
              sopsFile = lib.mkOption { type = lib.types.path; default = config.sops.defaultSopsFile; };
              restartUnits = lib.mkOption { type = lib.types.listOf lib.types.str; default = [ ]; };
            };
          }
        )
      );
    };
  };
}
