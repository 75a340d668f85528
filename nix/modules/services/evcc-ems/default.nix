# The suite beside evcc: one unit a service. A service that comes later is one line more.
{
  imports = [
    ./options.nix
    (import ./service.nix {
      name = "evcc-poller";
      description = "Carries facts from evcc to the bus, and decisions to evcc";
      restores = true;
    })
    (import ./service.nix {
      name = "tariff-planner";
      description = "Foresees, plans what charges when, and says why";
    })
    (import ./service.nix {
      name = "vehicle-soc";
      description = "Asks cars' clouds for the state of charge";
    })
  ];
}
