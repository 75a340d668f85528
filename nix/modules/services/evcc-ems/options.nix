# What all services of the suite share; each takes it over unless its own settings say otherwise.
{ lib, pkgs, ... }:
let
  schema = lib.importJSON ../../../generated/settings/evcc-poller.json;
  shared = schema // {
    properties = {
      inherit (schema.properties)
        mqtt
        timezone
        language
        log_level
        ;
    };
  };
  settings = import ../../../lib/settings.nix {
    inherit lib;
    json = pkgs.formats.json { };
  } shared;
in
{
  options.services.evcc-ems = {
    enable = lib.mkEnableOption "the energy management suite for evcc";
    package = lib.mkOption {
      type = lib.types.package;
      defaultText = lib.literalExpression "the package evcc-ems of this flake";
      description = "The package that every service is started from.";
    };
    settings = lib.mkOption {
      type = lib.types.submodule { inherit (settings) options; };
      default = { };
      example = {
        mqtt.host = "mqtt-01.vm.mares.id";
        language = "de";
      };
      description = "Settings of every service of the suite. What a service's own settings say comes first.";
    };
  };
}
