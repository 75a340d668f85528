# nixpkgs' module of this name makes a disk for Proxmox; here only its result has a name. See ../../../README.md.
{
  config = {
    system.build.VMA = "/nix/store/00000000000000000000000000000000-vzdump-qemu.vma.zst";
  };
}
