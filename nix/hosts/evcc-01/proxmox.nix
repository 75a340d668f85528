# The VM on Proxmox: `nix build .#evcc-01-image` makes what qmrestore takes.
{
  config,
  modulesPath,
  ...
}:
let
  vlan = config.infrastructure.vlans.${config.infrastructure.nodes.evcc-01.vlan};
in
{
  imports = [ "${modulesPath}/virtualisation/proxmox-image.nix" ];

  proxmox = {
    # Cloud-init would take the name and the address away.
    cloudInit.enable = false;
    qemuConf = {
      name = "evcc-01";
      cores = 2;
      memory = 2048;
      net0 = "virtio=00:00:00:00:00:00,bridge=vmbr0,tag=${toString vlan.id},firewall=1";
      additionalSpace = "8G";
    };
    qemuExtraConf = {
      cpu = "host";
      onboot = 1;
    };
  };
  services.qemuGuest.enable = true;
}
