# .sops.yaml from hosts/keys.nix: every machine reads its own file, people read all. JSON is YAML.
{ lib }:
keys: {
  creation_rules = lib.mapAttrsToList (node: key: {
    path_regex = "nix/secrets/${node}\\.yaml$";
    key_groups = [ { age = lib.attrValues keys.people ++ [ key ]; } ];
  }) keys.nodes;
}
