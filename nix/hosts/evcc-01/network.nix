# Its address from the registry, and a firewall: evcc's controls need no login, so only the proxy may reach them.
{ config, lib, ... }:
let
  inherit (config.infrastructure) nodes vlans;
  node = nodes.evcc-01;
  vlan = vlans.${node.vlan};
in
{
  networking = {
    useDHCP = false;
    useNetworkd = true;
    nftables.enable = true;
    firewall = {
      enable = true;
      extraInputRules = ''
        ip saddr ${nodes.proxy-01.address} tcp dport ${toString config.services.evcc.settings.network.port} accept comment "evcc's page, by the proxy"
      '';
    };
    nameservers = lib.mkDefault vlan.nameservers;
  };
  systemd.network.networks."10-lan" = {
    matchConfig.Name = "en*";
    address = [ "${node.address}/24" ];
    routes = [ { Gateway = "${vlan.network}.${toString vlan.gateway}"; } ];
  };
}
