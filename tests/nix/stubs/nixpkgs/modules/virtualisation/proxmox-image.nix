# nixpkgs' module of this name makes a disk for Proxmox; here only its result has a name. See ../../../README.md.
{ config, lib, loose, ... }:
let
  cfg = config.proxmox;
  any = default: lib.mkOption { type = loose; inherit default; };
in
{
  options.proxmox = {
    cloudInit = {
      enable = any true;
      defaultStorage = any "local-lvm";
      device = any "ide2";
    };
    filenameSuffix = any cfg.qemuConf.name;
    qemuConf = any { };
    qemuExtraConf = any { };
  };
  config = {
    # Whether or not cloud-init is on.
    proxmox.qemuExtraConf.${cfg.cloudInit.device} = "${cfg.cloudInit.defaultStorage}:vm-9999-cloudinit,media=cdrom";
    system.build.VMA = "/nix/store/00000000000000000000000000000000-vzdump-qemu.vma.zst";
  };
}
