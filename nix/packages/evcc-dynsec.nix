# The rights of evcc and its suite, brought to any broker with mosquitto's dynamic security, over TLS or not.
{
  lib,
  writeShellApplication,
  writeText,
  coreutils,
  jq,
  mosquitto,
  # What is brought when nobody says --wanted.
  wanted ? import ../lib/dynsec.nix { inherit lib; } { rights = lib.importJSON ../generated/access.json; },
}:
writeShellApplication {
  name = "evcc-dynsec";
  runtimeInputs = [
    coreutils
    jq
    mosquitto
  ];
  text = ''
    PLAN=${../lib/dynsec/plan.jq}
    WANTED=''${WANTED:-${writeText "evcc-dynsec.json" (builtins.toJSON wanted)}}
  ''
  + builtins.readFile ../lib/dynsec/apply.sh;
  # '$CONTROL' is a topic.
  excludeShellChecks = [ "SC2016" ];
}
