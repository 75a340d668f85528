# The unit of one service: how it starts, is watched, restarted and stopped is the same for all of them.
{ lib }:
{
  name,
  description,
  command,
  configFile,
  credentials,
  restores,
}:
{
  inherit description;
  wantedBy = [ "multi-user.target" ];
  wants = [ "network-online.target" ];
  # Only the order on a machine that has them; the services wait for both by themselves.
  after = [
    "network-online.target"
    "mosquitto.service"
    "evcc.service"
  ];
  # A broken broker for a night must not end in a unit that is given up.
  unitConfig.StartLimitIntervalSec = 0;
  serviceConfig = import ./hardening.nix // {
    Type = "notify";
    ExecStart = "${command} --config ${configFile}";
    # Whatever the end was, evcc gets back what was taken over.
    ExecStopPost = lib.mkIf restores "${command} restore --config ${configFile}";
    WatchdogSec = lib.mkDefault 60;
    Restart = "always";
    RestartSec = lib.mkDefault 5;
    # Settings that a person must change; starting again changes nothing.
    RestartPreventExitStatus = 78;
    TimeoutStartSec = lib.mkDefault 90;
    TimeoutStopSec = lib.mkDefault 30;
    DynamicUser = true;
    # As the unit, so that no other project of a machine has a unit, a user or a folder of this name.
    StateDirectory = "evcc-ems-${name}";
    StateDirectoryMode = "0700";
    LoadCredential = lib.mapAttrsToList (credential: path: "${credential}:${path}") credentials;
  };
}
