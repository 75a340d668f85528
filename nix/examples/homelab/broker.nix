# TLS only, at its own address, with a certificate from ACME; Home Assistant logs in as `hass`.
{ evcc-ems, nodes }:
{ config, lib, ... }:
let
  certificate = config.security.acme.certs.${nodes.broker.host}.directory;
  # One secret a vault item and key, as this house names them.
  secret = client: "evcc-mqtt_${client}";
  clients = [ "evcc" ] ++ evcc-ems.lib.services;
in
{
  imports = [ evcc-ems.nixosModules.mqtt-evcc ];
  roles.mqtt-evcc = {
    enable = true;
    listener = {
      enable = true;
      address = "192.0.2.11";
      certFile = "${certificate}/fullchain.pem";
      keyFile = "${certificate}/key.pem";
      openFirewall = true;
    };
    host = nodes.broker.host;
    adminPasswordFile = config.sops.secrets.mqtt-admin.path;
    passwordFiles = lib.genAttrs clients (client: config.sops.secrets.${secret client}.path);
    homeAssistant = "hass";
    # Other projects' clients have no roles for receiving yet.
    denyByDefault = false;
  };
  security.acme = {
    acceptTerms = true;
    defaults = {
      email = "hostmaster@home.example.org";
      # By DNS: the Internet need not reach this house.
      dnsProvider = "inwx";
      environmentFile = config.sops.secrets.acme-dns.path;
    };
    certs.${nodes.broker.host} = {
      group = "mosquitto";
      reloadServices = [ "mosquitto.service" ];
    };
  };
  sops = {
    defaultSopsFile = ./secrets.yaml;
    secrets = {
      acme-dns = { };
      mqtt-admin = { };
    }
    // lib.genAttrs (map secret clients) (_: {
      restartUnits = [ "evcc-ems-dynsec.service" ];
    });
  };
}
