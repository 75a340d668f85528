# A VM on Proxmox: the image that qmrestore takes, and where it goes. To import it is to be one.
{
  config,
  lib,
  modulesPath,
  pkgs,
  ...
}:
let
  inherit (lib) mkDefault mkOption types;
  cfg = config.roles.proxmox-vm;
  inherit (config.networking) hostName;
  # Somebody who can log in when nobody has a password.
  mayLogIn = lib.any (
    user:
    let
      keys = user.openssh.authorizedKeys or { };
    in
    keys.keys or [ ] != [ ] || keys.keyFiles or [ ] != [ ]
  ) (lib.attrValues config.users.users);
in
{
  imports = [ "${modulesPath}/virtualisation/proxmox-image.nix" ];

  options.roles.proxmox-vm = {
    id = mkOption {
      type = types.ints.between 100 999999999;
      example = 141;
      description = "The VM's number on Proxmox.";
    };
    storage = mkOption {
      type = types.str;
      default = "local-lvm";
      example = "tank";
      description = "The storage of Proxmox that its disk goes to.";
    };
    bridge = mkOption {
      type = types.str;
      default = "vmbr0";
      description = "The bridge of Proxmox that it is plugged into.";
    };
    vlan = mkOption {
      type = types.nullOr (types.ints.between 1 4094);
      default = null;
      example = 22;
      description = "The tag of its VLAN there; untagged when null.";
    };
    cores = mkOption {
      type = types.ints.positive;
      default = 2;
      description = "How many cores it has.";
    };
    memory = mkOption {
      type = types.ints.positive;
      default = 2048;
      description = "Its memory in MiB.";
    };
    space = mkOption {
      type = types.str;
      default = "8G";
      description = "Room on its disk beside the system.";
    };
    image = mkOption {
      type = types.raw;
      readOnly = true;
      internal = true;
      description = "The image; not built while nobody could log in to it.";
    };
    restoreCommand = mkOption {
      type = types.str;
      readOnly = true;
      description = "What makes the VM of its image, on Proxmox.";
    };
  };

  config = {
    roles.proxmox-vm = {
      # Evaluated it is all the same, by `nix flake check`; built it is not.
      image =
        if mayLogIn then
          config.system.build.VMA
        else
          pkgs.runCommand "no-image-of-${hostName}" { } ''
            echo "${hostName} has no SSH key: nobody could log in. Put yours into users.users.root.openssh.authorizedKeys.keys." >&2
            exit 1
          '';
      restoreCommand =
        "qmrestore /var/lib/vz/dump/vzdump-qemu-${config.proxmox.filenameSuffix}.vma.zst ${toString cfg.id} "
        + "--unique --storage ${cfg.storage} && qm start ${toString cfg.id}";
    };

    proxmox = {
      # Cloud-init would take the name and the address away. Its drive is there all the same: it becomes an empty one,
      # else Proxmox asks for a disk on a storage that this VM may not have.
      cloudInit.enable = false;
      qemuExtraConf = {
        ${config.proxmox.cloudInit.device} = lib.mkForce "none,media=cdrom";
        cpu = mkDefault "host";
        onboot = mkDefault 1;
      };
      filenameSuffix = mkDefault "${toString cfg.id}-${hostName}";
      qemuConf = {
        name = mkDefault hostName;
        inherit (cfg) cores memory;
        additionalSpace = cfg.space;
        virtio0 = "${cfg.storage}:vm-${toString cfg.id}-disk-0";
        net0 =
          "virtio=00:00:00:00:00:00,bridge=${cfg.bridge}"
          + lib.optionalString (cfg.vlan != null) ",tag=${toString cfg.vlan}"
          + ",firewall=1";
      };
    };
    services.qemuGuest.enable = true;
  };
}
