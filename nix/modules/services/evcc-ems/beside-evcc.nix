# Where evcc runs on the same machine the suite takes broker, page and root from services.evcc; what anybody says
# comes first.
{ config, lib, ... }:
let
  suite = config.services.evcc-ems;
  evcc = config.services.evcc;
  mqtt = evcc.settings.mqtt or { };
  broker = mqtt.broker or "";
  tls = builtins.match "(tls|ssl|mqtts)://.*" broker != null;
  place = builtins.match "([a-z]+://)?([^:/]+)(:([0-9]+))?" broker;
  # What evcc takes when nobody says.
  topic = mqtt.topic or "evcc";
  prefix = suite.settings.mqtt.prefix;
  # Weaker than anybody's mkDefault, stronger than the settings' own default.
  follow = lib.mkOverride 1200;
in
{
  config = lib.mkIf (suite.enable && evcc.enable) {
    services.evcc-ems.settings.mqtt = lib.mkIf (place != null) {
      host = follow (lib.elemAt place 1);
      port = follow (
        if lib.elemAt place 3 != null then lib.toInt (lib.elemAt place 3) else if tls then 8883 else 1883
      );
      tls = follow tls;
    };
    services.evcc-ems.evcc-poller.settings.evcc = {
      url = follow "http://127.0.0.1:${toString (evcc.settings.network.port or 7070)}/";
      mqtt_root = follow topic;
    };
    assertions = [
      {
        assertion = topic != prefix && !lib.hasPrefix "${topic}/" prefix;
        message =
          ''evcc's MQTT root "${topic}" holds the suite's ${prefix}: evcc erases everything below its own root at every ''
          + ''start. Set services.evcc.settings.mqtt.topic = "evcc/core".'';
      }
    ];
  };
}
