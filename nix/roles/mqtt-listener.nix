# A listener of mosquitto that dynamic security alone guards, for mosquitto 2.0 and 2.1.
#
# It is a file of its own, and not one of services.mosquitto.listeners: from 2.1 on nixpkgs' module puts a plugin with
# an ACL file before every other one of its listeners, and what that plugin says is final.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  inherit (lib) mkOption types;
  cfg = config.roles.mqtt-evcc;
  inherit (cfg) listener;
  mosquitto = config.services.mosquitto;
  state = "${mosquitto.dataDir}/dynamic-security.json";
  folder = "mosquitto-evcc-ems";
  tls = listener.certFile != null;
  # nixpkgs' own listeners that load dynamic security.
  overruled = lib.filter (
    each: lib.any (plugin: lib.hasInfix "dynamic_security" (toString plugin.plugin)) (each.authPlugins or [ ])
  ) mosquitto.listeners;
in
{
  options.roles.mqtt-evcc.listener = {
    enable = lib.mkEnableOption "a listener with dynamic security on this machine's mosquitto";
    address = mkOption {
      type = types.str;
      default = "";
      example = "192.0.2.11";
      description = "Where it listens; everywhere when empty.";
    };
    port = mkOption {
      type = types.port;
      default = if tls then 8883 else 1883;
      defaultText = lib.literalExpression "8883 with a certificate, else 1883";
      description = "Its port.";
    };
    certFile = mkOption {
      type = types.nullOr types.str;
      default = null;
      example = "/var/lib/acme/mqtt.example.org/fullchain.pem";
      description = ''
        The broker's certificate with its chain, readable by the user `mosquitto`; with it the listener speaks TLS only.
        From ACME: `security.acme.certs.NAME = { group = "mosquitto"; reloadServices = [ "mosquitto.service" ]; }`.
      '';
    };
    keyFile = mkOption {
      type = types.nullOr types.str;
      default = null;
      example = "/var/lib/acme/mqtt.example.org/key.pem";
      description = "The certificate's key.";
    };
    openFirewall = mkOption {
      type = types.bool;
      default = false;
      description = "Whether the port is open in this machine's firewall.";
    };
    text = mkOption {
      type = types.lines;
      readOnly = true;
      internal = true;
      description = "The listener, in mosquitto's words.";
    };
  };

  config = {
    roles.mqtt-evcc.listener.text = lib.concatLines (
      [
        (lib.trim "listener ${toString listener.port} ${listener.address}")
        "allow_anonymous false"
        "plugin ${lib.getLib mosquitto.package}/lib/mosquitto_dynamic_security.so"
        "plugin_opt_config_file ${state}"
      ]
      ++ lib.optionals tls [
        "certfile ${listener.certFile}"
        "keyfile ${toString listener.keyFile}"
      ]
    );

    assertions = [
      {
        assertion = !(cfg.enable && overruled != [ ] && lib.versionAtLeast mosquitto.package.version "2.1");
        message =
          "services.mosquitto.listeners loads dynamic security, and from mosquitto 2.1 on nixpkgs' module puts an ACL file "
          + "before it that overrules it: nobody would have any right, or everybody all. Take the listener out of "
          + "services.mosquitto.listeners and set roles.mqtt-evcc.listener.";
      }
      {
        assertion = (listener.certFile == null) == (listener.keyFile == null);
        message = "roles.mqtt-evcc.listener has a certificate without a key, or a key without a certificate; give both.";
      }
    ];

    services.mosquitto = lib.mkIf listener.enable {
      enable = lib.mkDefault true;
      includeDirs = [ "/etc/${folder}" ];
    };
    environment.etc = lib.mkIf listener.enable {
      "${folder}/listener.conf".text = listener.text;
    };
    networking.firewall.allowedTCPPorts = lib.mkIf (listener.enable && listener.openFirewall) [ listener.port ];

    systemd.services.mosquitto = lib.mkIf listener.enable {
      restartTriggers = [ listener.text ];
      # The secret may be later than systemd, which gives up after five quick failures.
      unitConfig.StartLimitIntervalSec = 0;
      serviceConfig = {
        RestartSec = lib.mkDefault 5;
        LoadCredential = [ "evcc-dynsec-admin:${cfg.adminPasswordFile}" ];
      };
      # A broker that has never run knows no administrator. The password goes in by a pipe: arguments are public.
      preStart = lib.mkBefore ''
        if ! test -e ${state}; then
          password=$(${pkgs.coreutils}/bin/cat "$CREDENTIALS_DIRECTORY/evcc-dynsec-admin")
          printf '%s\n%s\n' "$password" "$password" |
            ${mosquitto.package}/bin/mosquitto_ctrl dynsec init ${state} ${cfg.admin} >/dev/null
        fi
      '';
    };
  };
}
