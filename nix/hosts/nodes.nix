# The machines of this site. Edit the numbers to fit your network.
{
  infrastructure = {
    vlans.vm = {
      id = 22;
      network = "10.10.22";
      domain = "vm.mares.id";
    };
    nodes = {
      evcc-01 = {
        vlan = "vm";
        number = 41;
        description = "evcc and the energy management suite";
      };
      mqtt-01 = {
        vlan = "vm";
        number = 11;
        description = "the broker";
      };
      proxy-01 = {
        vlan = "vm";
        number = 10;
        description = "the proxy";
      };
    };
  };
}
