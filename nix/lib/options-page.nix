# docs/nixos-options.md: the options of the project's own modules, from the modules themselves.
{ lib }:
options:
let
  fence = text: "\n```nix\n${text}\n```\n";
  value = label: shown: if lib.hasInfix "\n" shown.text then "${label}:\n${fence shown.text}" else "${label}: `${shown.text}`\n";
  section = option: ''
    ### `${option.name}`

    ${lib.trim (option.description or "")}

    Type: ${option.type}

    ${lib.optionalString (option ? default) (value "Default" option.default)}
    ${lib.optionalString (option ? example) (value "Example" option.example)}'';
  visible = lib.filter (option: !option.internal && option.visible == true) (lib.optionAttrSetToDocList options);
in
lib.concatMapStringsSep "\n" section (lib.sortOn (option: option.name) visible)
