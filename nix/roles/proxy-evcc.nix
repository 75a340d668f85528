# On the proxy's machine: evcc.mares.id with a certificate, for the networks of the house only. evcc's controls need no
# login of evcc's own, so who reaches the page switches the house.
{ config, lib, ... }:
let
  cfg = config.roles.proxy-evcc;
in
{
  options.roles.proxy-evcc = {
    enable = lib.mkEnableOption "evcc's page on this machine's proxy";
    domain = lib.mkOption {
      type = lib.types.str;
      default = "evcc.mares.id";
      description = "The page's name.";
    };
    allow = lib.mkOption {
      type = lib.types.listOf lib.types.str;
      default = [ "10.10.0.0/16" ];
      description = "Networks that may use it; everybody else gets 403.";
    };
    basicAuthFile = lib.mkOption {
      type = lib.types.nullOr lib.types.path;
      default = null;
      example = "/run/secrets/evcc-htpasswd";
      description = "An htpasswd file: who is asked for a name and a password, besides.";
    };
    upstream = lib.mkOption {
      type = lib.types.str;
      example = "http://192.0.2.41:7070";
      description = "Where evcc answers.";
    };
  };

  config = lib.mkIf cfg.enable {
    assertions = [
      {
        assertion = cfg.allow != [ ] || cfg.basicAuthFile != null;
        message =
          "roles.proxy-evcc would let everybody switch the house: evcc's controls need no login. "
          + "Set roles.proxy-evcc.allow to your networks, or roles.proxy-evcc.basicAuthFile.";
      }
    ];

    services.nginx = {
      enable = true;
      recommendedProxySettings = lib.mkDefault true;
      recommendedTlsSettings = lib.mkDefault true;
      virtualHosts.${cfg.domain} = {
        forceSSL = true;
        enableACME = lib.mkDefault true;
        locations."/" = {
          proxyPass = cfg.upstream;
          # evcc's page lives on /ws.
          proxyWebsockets = true;
          extraConfig = lib.optionalString (cfg.allow != [ ]) (
            lib.concatLines (map (network: "allow ${network};") cfg.allow ++ [ "deny all;" ])
          );
        }
        // lib.optionalAttrs (cfg.basicAuthFile != null) { inherit (cfg) basicAuthFile; };
      };
    };
    networking.firewall.allowedTCPPorts = [
      80
      443
    ];
  };
}
