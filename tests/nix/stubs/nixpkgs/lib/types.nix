# Types of options: a check, a merge, a description; see ../../README.md.
lib:
let
  inherit (builtins) isAttrs isBool isFloat isInt isList isString;

  place = lib.concatStringsSep ".";
  values = map (d: d.value);

  mergeAs =
    type: location: definitions:
    let bad = lib.filter (d: !type.check d.value) definitions; in
    if bad != [ ] then
      throw "A definition for option `${place location}' is not of type `${type.description}' (in ${(builtins.head bad).file})"
    else
      type.merge location definitions;

  same =
    location: definitions:
    let first = builtins.head definitions; in
    if lib.all (d: d.value == first.value) definitions then first.value
    else throw "The option `${place location}' has conflicting definition values in ${lib.concatMapStringsSep " and " (d: d.file) definitions}";

  plain = name: description: check: { inherit name description check; merge = same; };
  between = what: check: low: high: plain what "${what} between ${toString low} and ${toString high} (both inclusive)" (x: check x && x >= low && x <= high);
  isNumber = x: isInt x || isFloat x;
  isPath = x: builtins.isPath x || lib.isDerivation x || (isString x && lib.hasPrefix "/" x);

  # As nixpkgs words it: what is not a plain noun stands in brackets within another.
  within = type: if lib.elem type.name [ "submodule" "enum" ] then "(${type.description})" else type.description;
  orNull = type: if type.name == "submodule" then "(${type.description})" else type.description;

  attrsLike = elemType: description: {
    name = "attrsOf";
    inherit description;
    nestedTypes = { inherit elemType; };
    check = isAttrs;
    emptyValue = { };
    merge =
      location: definitions:
      let
        names = lib.unique (lib.concatMap (d: builtins.attrNames d.value) definitions);
        at = name: lib.discharge (lib.concatMap (d: lib.optional (d.value ? ${name}) { inherit (d) file; value = d.value.${name}; }) definitions);
        found = lib.filterAttrs (_: ds: ds != [ ]) (lib.genAttrs names at);
      in
      builtins.mapAttrs (name: mergeAs elemType (location ++ [ name ])) found;
    getSubOptions = location: elemType.getSubOptions or (_: { }) (location ++ [ "<name>" ]);
  };

  types = {
    inherit mergeAs;
    mergeEqualOption = same;

    raw = plain "raw" "raw value" (_: true);
    unspecified = types.raw;
    bool = plain "bool" "boolean" isBool;
    int = plain "int" "signed integer" isInt;
    float = plain "float" "floating point number" isFloat;
    number = plain "number" "signed integer or floating point number" isNumber;
    port = plain "port" "16 bit unsigned integer; between 0 and 65535 (both inclusive)" (x: isInt x && x >= 0 && x <= 65535);
    str = plain "str" "string" isString;
    lines = types.str // { description = "strings concatenated with \"\\n\""; merge = _: ds: lib.concatStringsSep "\n" (values ds); };
    nonEmptyStr = plain "nonEmptyStr" "non-empty string" (x: isString x && x != "");
    path = plain "path" "absolute path" isPath;
    package = plain "package" "package" (x: lib.isDerivation x || isPath x);
    addCheck = type: check: type // { check = x: type.check x && check x; };
    strMatching = pattern: plain "strMatching" "string matching the pattern ${pattern}" (x: isString x && builtins.match pattern x != null);
    enum = allowed:
      let words = lib.concatMapStringsSep ", " builtins.toJSON allowed; in
      plain "enum" (if builtins.length allowed == 1 then "value ${words} (singular enum)" else "one of ${words}") (x: lib.elem x allowed);
    ints = {
      positive = plain "int" "positive integer, meaning >0" (x: isInt x && x > 0);
      unsigned = plain "int" "unsigned integer, meaning >=0" (x: isInt x && x >= 0);
      between = between "integer" isInt;
    };
    numbers.between = between "integer or floating point number" isNumber;
    # The real one refuses lists that differ; undeclared options of NixOS are mostly lists to be joined.
    anything = {
      name = "anything";
      description = "anything";
      check = _: true;
      merge =
        location: definitions:
        if lib.all (d: isAttrs d.value && !lib.isDerivation d.value) definitions then (types.attrsOf types.anything).merge location definitions
        else if lib.all (d: isList d.value) definitions then lib.concatMap (d: d.value) definitions
        else same location definitions;
    };
    attrs = types.attrsOf types.anything // { description = "attribute set"; getSubOptions = _: { }; };
    nullOr = elemType: {
      name = "nullOr";
      description = "null or ${orNull elemType}";
      nestedTypes = { inherit elemType; };
      check = x: x == null || elemType.check x;
      merge = location: ds: if lib.all (d: d.value == null) ds then null else mergeAs elemType location ds;
      getSubOptions = elemType.getSubOptions or (_: { });
    };
    either = a: b: {
      name = "either";
      description = "${orNull a} or ${b.description}";
      check = x: a.check x || b.check x;
      merge = location: ds: if lib.all (d: a.check d.value) ds then a.merge location ds else mergeAs b location ds;
    };
    oneOf = ts: lib.foldl' types.either (builtins.head ts) (builtins.tail ts);
    listOf = elemType: {
      name = "listOf";
      description = "list of ${within elemType}";
      nestedTypes = { inherit elemType; };
      check = isList;
      emptyValue = [ ];
      merge =
        location: definitions:
        lib.concatMap (
          d:
          lib.concatMap (value: let given = lib.discharge [ { inherit (d) file; inherit value; } ]; in lib.optional (given != [ ]) (mergeAs elemType (location ++ [ "*" ]) given)) d.value
        ) definitions;
      getSubOptions = location: elemType.getSubOptions or (_: { }) (location ++ [ "*" ]);
    };
    attrsOf = elemType: attrsLike elemType "attribute set of ${within elemType}";
    lazyAttrsOf = elemType: attrsLike elemType "lazy attribute set of ${within elemType}";
    submodule = module: {
      name = "submodule";
      description = "submodule";
      check = x: isAttrs x || lib.isFunction x;
      emptyValue = (types.submodule module).merge [ ] [ ];
      merge =
        location: definitions:
        removeAttrs (lib.evalModules {
          prefix = location;
          modules = [ module ] ++ map (d: { _file = d.file; config = d.value; }) definitions;
          specialArgs.name = if location == [ ] then "" else lib.last location;
        }).config [ "_module" ];
      getSubOptions = location: (lib.evalModules { prefix = location; modules = [ module ]; specialArgs.name = "‹name›"; }).options;
    };
  };
in
types
