# The figures of this house. Edit them.
{
  roles.evcc = {
    enable = true;
    gen24 = "10.10.30.20";
    varta = "10.10.30.21";
    wattpilot = "10.10.30.22";
    varta_kwh = 9.8;
    varta_w = 4000;
    bmw_kwh = 80.7;
    ostromContract = 100000;
    feedin_eur_per_kwh = 0.0803;
    latitude = 52.52;
    longitude = 13.41;
    roof = {
      kwp = 9.9;
      tilt = 30;
      azimuth = 0;
    };
  };

  # How full the car should be, by when, every week. A wish in Telegram or Home Assistant replaces one of them once.
  services.evcc-ems.notifier.settings.weekly_goals.bmw = [
    {
      soc_pct = 80;
      by = "07:00";
      days = [
        "mon"
        "tue"
        "wed"
        "thu"
        "fri"
      ];
    }
  ];

  # Who may log in; without a key nobody can.
  users.users.root.openssh.authorizedKeys.keys = [ ];
}
