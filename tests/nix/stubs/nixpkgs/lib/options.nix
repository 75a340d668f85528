# Options as documentation; see ../../README.md.
lib:
let
  inherit (builtins) concatStringsSep isAttrs isList;

  literalExpression = text: { _type = "literalExpression"; inherit text; };

  # toString gives six digits behind the point.
  trimmed = s: if lib.hasSuffix "0" s then trimmed (lib.removeSuffix "0" s) else lib.removeSuffix "." s;

  pretty =
    indent: x:
    let deeper = indent + "  "; in
    if isList x then (if x == [ ] then "[ ]" else "[\n${lib.concatMapStrings (y: "${deeper}${pretty deeper y}\n") x}${indent}]")
    else if lib.isDerivation x then "<derivation ${x.name}>"
    else if isAttrs x then
      (if x == { } then "{ }" else "{\n${concatStringsSep "" (lib.mapAttrsToList (n: y: "${deeper}${n} = ${pretty deeper y};\n") x)}${indent}}")
    else if builtins.isFloat x then trimmed (toString x)
    else builtins.toJSON x;

  shown = x: if x._type or null == "literalExpression" then x else literalExpression (pretty "" x);

  one = option:
    let
      page = {
        name = concatStringsSep "." option.loc;
        inherit (option) loc;
        description = option.description or null;
        internal = option.internal or false;
        visible = option.visible or true;
        type = option.type.description;
      }
      // lib.optionalAttrs (option ? example) { example = shown option.example; }
      // lib.optionalAttrs (option ? default || option ? defaultText) { default = shown (option.defaultText or option.default); };
    in
    [ page ] ++ optionAttrSetToDocList (removeAttrs (option.type.getSubOptions or (_: { }) option.loc) [ "_module" ]);

  optionAttrSetToDocList = x:
    if x._type or null == "option" then one x
    else if isAttrs x then lib.concatMap optionAttrSetToDocList (builtins.attrValues x)
    else [ ];
in
{
  inherit literalExpression optionAttrSetToDocList;
}
