# The VM on Proxmox: `nix build .#evcc-01-image` makes what qmrestore takes.
{ config, lib, ... }:
let
  node = config.infrastructure.nodes.evcc-01;
in
{
  imports = [ ../../roles/proxmox-vm.nix ];
  roles.proxmox-vm = {
    id = lib.mkDefault 141;
    vlan = lib.mkDefault config.infrastructure.vlans.${node.vlan}.id;
  };
}
