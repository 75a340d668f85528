# The registry of machines: name, VLAN and number make address and full name, once, for everybody.
{ config, lib, ... }:
let
  inherit (lib) mkOption types;
  cfg = config.infrastructure;
  addresses = lib.mapAttrsToList (_: node: node.address) cfg.nodes;

  vlan = types.submodule (
    { name, config, ... }:
    {
      options = {
        id = mkOption {
          type = types.ints.between 1 4094;
          example = 22;
          description = "The VLAN's tag.";
        };
        network = mkOption {
          type = types.strMatching "[0-9]+\\.[0-9]+\\.[0-9]+";
          example = "10.10.22";
          description = "The first three numbers of its /24.";
        };
        gateway = mkOption {
          type = types.ints.between 1 254;
          default = 1;
          description = "The gateway's number in it.";
        };
        nameservers = mkOption {
          type = types.listOf types.str;
          default = [ "${config.network}.${toString config.gateway}" ];
          defaultText = lib.literalExpression "the gateway";
          example = [ "10.10.22.53" ];
          description = "Who answers questions about names there.";
        };
        domain = mkOption {
          type = types.str;
          example = "vm.mares.id";
          description = "What ${name}'s machines have after their name.";
        };
      };
    }
  );

  node = types.submodule (
    { name, config, ... }:
    {
      options = {
        vlan = mkOption {
          type = types.enum (lib.attrNames cfg.vlans);
          example = "vm";
          description = "The VLAN it is in.";
        };
        number = mkOption {
          type = types.ints.between 2 254;
          example = 41;
          description = "The last number of its address.";
        };
        description = mkOption {
          type = types.str;
          default = "";
          description = "What it is for.";
        };
        address = mkOption {
          type = types.str;
          readOnly = true;
          description = "Its IPv4 address.";
        };
        fqdn = mkOption {
          type = types.str;
          readOnly = true;
          description = "Its full name.";
        };
      };
      config = {
        address = "${cfg.vlans.${config.vlan}.network}.${toString config.number}";
        fqdn = "${name}.${cfg.vlans.${config.vlan}.domain}";
      };
    }
  );
in
{
  options.infrastructure = {
    vlans = mkOption {
      type = types.attrsOf vlan;
      default = { };
      description = "Networks by name.";
    };
    nodes = mkOption {
      type = types.attrsOf node;
      default = { };
      description = "Machines by name.";
    };
    knownHere = mkOption {
      type = types.bool;
      default = false;
      description = ''
        Whether this machine knows the others by name without asking (`/etc/hosts`): for a house whose DNS does not know
        them.
      '';
    };
  };

  config = {
    networking.hosts = lib.mkIf cfg.knownHere (
      lib.mapAttrs' (name: node: lib.nameValuePair node.address [ node.fqdn name ]) cfg.nodes
    );
    assertions = [
      {
        assertion = lib.allUnique addresses;
        message = "infrastructure.nodes gives one address to two machines; change the number of one of them.";
      }
    ];
  };
}
