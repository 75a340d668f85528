# nixpkgs' module of this name as far as the roles touch it, in the form that it has with mosquitto 2.1: every listener
# of the module's own gets an ACL file first. See ../README.md.
{ config, lib, pkgs, loose, ... }:
let
  cfg = config.services.mosquitto;
  any = default: lib.mkOption { type = loose; inherit default; };
  lines = [ "per_listener_settings true" "persistence true" "log_dest stderr" ]
    ++ lib.concatMap (listener:
      [ "listener ${toString listener.port} ${listener.address or ""}" ]
      ++ lib.mapAttrsToList (key: value: "${key} ${if builtins.isBool value then lib.boolToString value else toString value}") (listener.settings or { })
      ++ [ "plugin ${lib.getLib cfg.package}/lib/mosquitto_acl_file.so" "plugin_opt_acl_file ${cfg.dataDir}/acl-0.conf" ]
      ++ lib.concatMap (each: [ "plugin ${each.plugin}" ] ++ lib.mapAttrsToList (key: value: "plugin_opt_${key} ${value}") each.options) (listener.authPlugins or [ ])
    ) cfg.listeners
    ++ map (folder: "include_dir ${folder}") cfg.includeDirs;
in
{
  options.services.mosquitto = {
    enable = lib.mkEnableOption "mosquitto";
    package = lib.mkPackageOption pkgs "mosquitto" { };
    listeners = any [ ];
    includeDirs = any [ ];
    dataDir = any "/var/lib/mosquitto";
  };
  config.systemd.services = lib.mkIf cfg.enable {
    mosquitto = {
      wantedBy = [ "multi-user.target" ];
      preStart = "";
      serviceConfig = {
        Type = "notify";
        Restart = "on-failure";
        User = "mosquitto";
        Group = "mosquitto";
        WorkingDirectory = cfg.dataDir;
        ExecStart = "${cfg.package}/bin/mosquitto -c ${pkgs.writeText "mosquitto.conf" (lib.concatLines lines)}";
        LoadCredential = [ ];
        CapabilityBoundingSet = "";
        NoNewPrivileges = true;
        PrivateTmp = true;
        PrivateUsers = true;
        ProtectSystem = "strict";
        ReadWritePaths = [ cfg.dataDir ];
        ReadOnlyPaths = cfg.includeDirs;
        UMask = "0077";
      };
    };
  };
}
