# The services of the suite. A new one is one line here, and its settings' schema (`make docs`) in nix/generated/settings.
{
  evcc-poller = {
    description = "Carries facts from evcc to the bus, and decisions to evcc";
    restores = true;
  };
  notifier.description = "Asks and tells drivers, by Telegram and on the bus";
  rl-agent.description = "Learns what the plan misses, and decides who steers";
  tariff-planner.description = "Foresees, plans what charges when, and says why";
  vehicle-soc.description = "Asks cars' clouds for the state of charge";
}
