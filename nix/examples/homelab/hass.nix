# Home Assistant, with the suite's blueprints and a dashboard. Its entities come by MQTT discovery: add the broker once in
# Settings, Devices & services, as the client `hass`.
{ evcc-ems, ... }:
let
  inherit (evcc-ems.lib.homeAssistant) blueprints dashboard;
in
{
  services.home-assistant = {
    enable = true;
    extraComponents = [ "mqtt" ];
    inherit blueprints;
    config = {
      default_config = { };
      # Yours: nix run .#evcc-ems -- dashboard --host BROKER >dashboard.yaml, and here dashboard { file = ./dashboard.yaml; }.
      lovelace.dashboards.home-energy = dashboard { };
    };
  };
}
