# The suite beside evcc: one unit a service. services.nix is the list; a service without settings is not there yet.
{ lib, ... }:
let
  there = lib.filterAttrs (
    name: _: builtins.pathExists (../../../generated/settings + "/${name}.json")
  ) (import ./services.nix);
in
{
  imports = [
    ./beside-evcc.nix
    ./options.nix
  ]
  ++ lib.mapAttrsToList (name: about: import ./service.nix ({ inherit name; } // about)) there;
}
