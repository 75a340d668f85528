# Options from the JSON Schema of a service's settings (nix/generated/settings), so that every setting of the Python
# side is a typed option here, with the same name, words and default, and an unknown one is an error when the system
# is evaluated.
#
#   options: the options of the schema's root
#   write:   values of those options -> what belongs into the service's settings file
#
# What the schema calls deprecated may still be said; it is on no page, and is not written.
{ lib, json }:
schema:
let
  inherit (lib) types;

  # systemd gives it: StateDirectory.
  ours = properties: removeAttrs properties [ "state_dir" ];

  follow =
    part:
    if part ? "$ref" then
      schema."$defs".${lib.removePrefix "#/$defs/" part."$ref"} // removeAttrs part [ "$ref" ]
    else
      part;

  isNull = part: part.type or null == "null";
  choices = part: map follow (lib.filter (choice: !isNull choice) part.anyOf);

  bounded =
    base: part:
    let
      bounds =
        lib.optional (part ? minimum) "at least ${toString part.minimum}"
        ++ lib.optional (part ? exclusiveMinimum) "more than ${toString part.exclusiveMinimum}"
        ++ lib.optional (part ? maximum) "at most ${toString part.maximum}"
        ++ lib.optional (part ? exclusiveMaximum) "less than ${toString part.exclusiveMaximum}";
      within =
        x:
        x >= part.minimum or x
        && x <= part.maximum or x
        && (part ? exclusiveMinimum -> x > part.exclusiveMinimum)
        && (part ? exclusiveMaximum -> x < part.exclusiveMaximum);
    in
    if bounds == [ ] then
      base
    else
      types.addCheck base within // { description = "${base.description}, ${lib.concatStringsSep ", " bounds}"; };

  # POSIX has no backslashed classes and no lookahead; a pattern with such is left to the service.
  isPosix = pattern: builtins.match ''.*(\\|\(\?).*'' pattern == null;

  object =
    part:
    if part ? properties then
      types.submodule { options = optionsOf part; }
    else if part ? patternProperties then
      types.attrsOf (typeOf (lib.head (lib.attrValues part.patternProperties)))
    else if lib.isAttrs (part.additionalProperties or true) then
      types.attrsOf (typeOf part.additionalProperties)
    else
      types.attrsOf json.type;

  simple = {
    array = part: types.listOf (typeOf part.items);
    boolean = _: types.bool;
    integer = bounded types.int;
    number = bounded types.number;
    inherit object;
    string =
      part: if part ? pattern && isPosix part.pattern then types.strMatching part.pattern else types.str;
  };

  typeOf =
    part':
    let
      part = follow part';
    in
    if part ? anyOf then
      let
        type = types.oneOf (map typeOf (choices part));
      in
      if lib.any isNull part.anyOf then types.nullOr type else type
    else if part ? enum then
      types.enum part.enum
    else if simple ? ${part.type or ""} then
      simple.${part.type} part
    else
      json.type;

  describe =
    name: part:
    let
      inner = if part ? anyOf then lib.findFirst (choice: choice ? description) { } (choices part) else { };
    in
    part.description or (inner.description or "The service's `${name}`.");

  # A part with parts of its own has no default: they have.
  isGroup = part: part ? properties;

  optionsOf =
    part:
    lib.mapAttrs (
      name: raw:
      let
        here = follow raw;
      in
      if here.deprecated or false then
        lib.mkOption {
          type = types.nullOr json.type;
          default = null;
          visible = false;
          description = "An earlier name.";
        }
      else if isGroup here then
        lib.mkOption {
          type = typeOf here;
          default = { };
          description = describe name here;
        }
      else
        lib.mkOption (
          {
            type = typeOf here;
            description = describe name here;
          }
          // lib.optionalAttrs (here ? default) { inherit (here) default; }
          // lib.optionalAttrs (!here ? default && here.type or null == "object") { default = { }; }
          // lib.optionalAttrs (!here ? default && here.type or null == "array") { default = [ ]; }
        )
    ) (ours part.properties);

  # Null is written only where it says something: where it is not the default.
  write =
    part': value:
    let
      part = follow part';
      parts = if part ? anyOf then lib.findFirst isGroup { } (choices part) else part;
      # What a set by names holds.
      each =
        if part ? patternProperties then
          lib.head (lib.attrValues part.patternProperties)
        else if lib.isAttrs (part.additionalProperties or null) then
          part.additionalProperties
        else
          null;
    in
    if lib.isAttrs value && isGroup parts then
      lib.concatMapAttrs (
        name: raw:
        lib.optionalAttrs (value.${name} != null || (follow raw).default or null != null) {
          ${name} = write raw value.${name};
        }
      ) (lib.filterAttrs (_: raw: !(raw.deprecated or false)) (ours parts.properties))
    else if lib.isAttrs value && each != null then
      lib.mapAttrs (_: write each) value
    else if lib.isList value && lib.isAttrs (part.items or null) then
      map (write part.items) value
    else
      value;
in
{
  options = optionsOf schema;
  write = write schema;
}
