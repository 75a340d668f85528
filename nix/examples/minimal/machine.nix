{ evcc-ems }:
{
  imports = [
    evcc-ems.nixosModules.default
    ./hardware-configuration.nix
  ];
  nixpkgs.hostPlatform = "x86_64-linux";
  services.evcc = {
    enable = true;
    settings.mqtt.broker = "broker.example.org:1883";
  };
  services.evcc-ems.enable = true;
  system.stateVersion = "26.05";
}
