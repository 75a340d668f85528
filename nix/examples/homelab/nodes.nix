# The house's own registry; the project's modules know nothing of it.
{
  energy = {
    host = "energy.home.example.org";
    system = "x86_64-linux";
  };
  broker = {
    host = "broker.home.example.org";
    system = "x86_64-linux";
  };
  hass = {
    host = "hass.home.example.org";
    system = "x86_64-linux";
  };
}
