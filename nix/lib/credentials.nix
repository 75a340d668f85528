# Checks on secrets: every one that is named is given, none is in the store, each with the remedy in the message.
{ lib }:
let
  # All leaves of nested settings as { path, value }.
  leaves =
    path: value:
    if lib.isAttrs value then
      lib.concatLists (lib.mapAttrsToList (name: leaves (path ++ [ name ])) value)
    else if lib.isList value then
      lib.concatLists (lib.imap0 (i: leaves (path ++ [ (toString i) ])) value)
    else
      [ { inherit path value; } ];
  dotted = lib.concatStringsSep ".";
  inStore = path: builtins.isPath path || lib.hasPrefix builtins.storeDir (toString path);
in
{
  inherit leaves dotted inStore;

  outsideStore =
    option: credentials:
    lib.mapAttrsToList (name: path: {
      assertion = !inStore path;
      message =
        "${option}.${name} is in the Nix store, where everybody can read it. Give the path of a file outside of it, "
        + ''for example config.sops.secrets."${name}".path.'';
    }) credentials;

  given =
    option: credentials: named:
    map (
      { where, name }:
      {
        assertion = credentials ? ${name};
        message =
          ''${where} names the credential "${name}", which nobody gives. Add ''
          + ''${option}."${name}" = config.sops.secrets."${name}".path; (or the path of any file outside of the store).'';
      }
    ) named;
}
