# docs/nixos-options.md: the options of the project's own modules, from the modules themselves.
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
  ours =
    option:
    !option.internal && option.visible == true && !lib.elem "_module" option.loc;
  options = lib.filter ours (lib.concatMap lib.optionAttrSetToDocList parts);
  introduction = ''
    # NixOS options

    What the project's modules add to NixOS. Generated from the modules (tests/nix/test_options_page.py says how).
    The settings of a service have the names, words and defaults of its own settings (settings.md); one that is not
    here is refused when the system is evaluated. Start with deploy-nixos.md.'';
in
lib.concatStringsSep "\n\n" ([ introduction ] ++ map section (lib.sortOn (option: option.name) options)) + "\n"
