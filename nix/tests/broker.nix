# A broker with dynamic security, as mqtt-01 has one: for tests, and for those who start from nothing.
{ config, ... }:
{
  services.mosquitto = {
    enable = true;
    listeners = [
      {
        address = "0.0.0.0";
        port = 1883;
        # The plugin asks for passwords, not the file that nixpkgs' module would write.
        omitPasswordAuth = true;
        settings.allow_anonymous = false;
        authPlugins = [
          {
            plugin = "${config.services.mosquitto.package}/lib/mosquitto_dynamic_security.so";
            options.config_file = "${config.services.mosquitto.dataDir}/dynamic-security.json";
          }
        ];
      }
    ];
  };
}
