# Settings under names that they had once, by the service that had them. Each works on, with a warning, for the two
# releases after the one that renamed it (`since`); docs/deploy-nixos.md says so to users. An option that is no setting
# of a service takes lib.mkRenamedOptionModule in the imports of its module. tests/nix/option-names.txt sees to both.
{ lib }:
{
  tariff-planner = [
    {
      since = "0.1.0";
      # Where the schema had it.
      definition = "VehicleRules";
      property = "goals";
      # Where it is now, and what is to be there: by name, each with the option that says so.
      to = [
        "notifier"
        "settings"
        "weekly_goals"
      ];
      values =
        settings:
        lib.mapAttrs (car: its: {
          was = "vehicles.${car}.goals";
          value = its.goals;
        }) (lib.filterAttrs (_: its: its.goals != null) settings.vehicles);
    }
  ];
}
