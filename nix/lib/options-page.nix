# The options of the project's own modules, from the modules themselves: docs/nixos-options.md, and their names with
# whether the page shows them (earlier names it does not).
{ lib }:
parts:
let
  value =
    label: shown:
    if lib.hasInfix "\n" shown.text then
      "${label}:\n\n```nix\n${shown.text}\n```"
    else
      "${label}: `${shown.text}`";
  section =
    option:
    lib.concatStringsSep "\n\n" (
      [
        "### `${option.name}`"
        (lib.trim option.description)
        "Type: ${option.type}"
      ]
      ++ lib.optional (option ? default) (value "Default" option.default)
      ++ lib.optional (option ? example) (value "Example" option.example)
    );
  # What the module system adds to submodules is nobody's to set.
  all = lib.filter (option: !lib.elem "_module" option.loc) (
    lib.concatMap lib.optionAttrSetToDocList parts
  );
  options = lib.filter (option: !option.internal && option.visible == true) all;
  introduction = ''
    # NixOS options

    What the project's modules add to NixOS. Generated from the modules (tests/nix/test_options_page.py says how).
    The settings of a service have the names, words and defaults of its own settings (settings.md); one that is not
    here is refused when the system is evaluated. Start with deploy-nixos.md.'';
in
{
  page =
    lib.concatStringsSep "\n\n" (
      [ introduction ] ++ map section (lib.sortOn (option: option.name) options)
    )
    + "\n";
  names = lib.listToAttrs (map (option: lib.nameValuePair option.name (option.visible == true && !option.internal)) all);
}
