# A module system: imports, options, definitions with priorities; see ../../README.md.
lib:
let
  inherit (lib) concatMap optional;

  marked = kind: v: builtins.isAttrs v && v._type or null == kind;

  # One definition of a set, as definitions of its attributes: marks move inwards, conditions stay unevaluated.
  pushDown =
    value:
    if marked "merge" value then concatMap pushDown value.contents
    else if marked "if" value then map (builtins.mapAttrs (_: lib.mkIf value.condition)) (pushDown value.content)
    else if marked "override" value then map (builtins.mapAttrs (_: lib.mkOverride value.priority)) (pushDown value.content)
    else [ value ];

  # All marks resolved: [{ file, value, priority }].
  resolve =
    { file, value, priority ? 100 }:
    if marked "merge" value then concatMap (value: resolve { inherit file value priority; }) value.contents
    else if marked "if" value then (if value.condition then resolve { inherit file priority; value = value.content; } else [ ])
    else if marked "override" value then resolve { inherit file; inherit (value) priority; value = value.content; }
    else [ { inherit file value priority; } ];

  # The definitions that count: those with the strongest priority.
  discharge =
    definitions:
    let
      all = concatMap resolve definitions;
      strongest = builtins.foldl' (a: d: if d.priority < a then d.priority else a) 10000 all;
    in
    builtins.filter (d: d.priority == strongest) all;

  normalise =
    file: module:
    if module ? config || module ? options then
      { imports = [ ]; options = { }; config = { }; freeformType = module._module.freeformType or null; } // removeAttrs module [ "_module" ] // { inherit file; }
    else
      {
        inherit file;
        imports = module.imports or [ ];
        options = { };
        freeformType = module.freeformType or module._module.freeformType or null;
        config = removeAttrs module [ "imports" "freeformType" "_file" "key" ];
      };

  evalModules =
    { modules, specialArgs ? { }, prefix ? [ ], freeformType ? null }:
    let
      arguments = { inherit lib config options; } // specialArgs;
      call =
        function:
        let named = lib.functionArgs function; in
        function (
          if named == { } then arguments
          else arguments // builtins.mapAttrs (name: _: arguments.${name} or config._module.args.${name}) (
            lib.filterAttrs (name: optional: arguments ? ${name} || !optional) named
          )
        );
      load =
        file: module:
        if builtins.isPath module || builtins.isString module then load (toString module) (import module)
        else if lib.isFunction module then load file (call module)
        else normalise (module._file or file) module;
      # Depth first, a path once.
      collect =
        seen: file: module:
        let
          key = if builtins.isPath module || builtins.isString module then toString module else null;
          loaded = load file module;
          below = builtins.foldl' (state: m: state ++ collect (seen ++ map (l: l.key) state) loaded.file m) [ ] loaded.imports;
        in
        if key != null && builtins.elem key seen then [ ] else [ { inherit key; module = loaded; } ] ++ below;
      collected = builtins.foldl' (state: m: state ++ collect (map (l: l.key) state) "<given>" m) [ ] (
        modules ++ [ { options._module.args = lib.mkOption { type = lib.types.lazyAttrsOf lib.types.raw; default = { }; internal = true; }; } ]
      );
      loaded = map (c: c.module) collected;
      freeforms = lib.filter (t: t != null) ([ freeformType ] ++ map (m: m.freeformType) loaded);
      tree = evalTree prefix (map (m: m.options) loaded) (map (m: { inherit (m) file; value = m.config; }) loaded) (
        if freeforms == [ ] then null else lib.last freeforms
      );
      inherit (tree) config options;
    in
    tree;

  evalTree =
    location: declarations: definitions: freeform:
    let
      pushed = concatMap (d: map (value: { inherit (d) file; inherit value; }) (pushDown d.value)) definitions;
      at = name: concatMap (d: optional (d.value ? ${name}) { inherit (d) file; value = d.value.${name}; }) pushed;
      declared = lib.genAttrs (concatMap builtins.attrNames declarations) (
        name:
        let
          here = concatMap (d: optional (d ? ${name}) d.${name}) declarations;
          where = location ++ [ name ];
          option = builtins.foldl' (a: b: a // b) { } (builtins.filter (marked "option") here);
        in
        if option != { } then evalOption where option (at name)
        else evalTree where here (at name) freeform
      );
      elsewhere = if freeform == null then null else freeform.nestedTypes.elemType or freeform;
      undeclared = lib.filter (name: !declared ? ${name}) (concatMap (d: builtins.attrNames d.value) pushed);
      # Who has a closed set among his loose ones is told at once, as with a set that is closed altogether.
      unknown = lib.filter (name: (elsewhere.closed or (_: false)) (location ++ [ name ])) undeclared;
      missing = name: throw "The option `${lib.concatStringsSep "." (location ++ [ name ])}' does not exist (defined in ${(builtins.head (at name)).file})";
      strange = lib.genAttrs undeclared (name: if freeform == null then missing name else discharge (at name));
    in
    {
      config = if unknown != [ ] then missing (builtins.head unknown) else
        builtins.mapAttrs (_: branch: branch.config) declared
        // builtins.mapAttrs (name: ds: lib.types.mergeAs elsewhere (location ++ [ name ]) ds)
          (lib.filterAttrs (_: ds: ds != [ ]) strange);
      options = builtins.mapAttrs (_: branch: branch.options) declared;
    };

  evalOption =
    location: option: definitions:
    let
      type = option.type or lib.types.anything;
      all = definitions ++ optional (option ? default) { file = "default"; value = lib.mkOverride 1500 option.default; };
      given = discharge all;
      name = lib.concatStringsSep "." location;
      value =
        if option.readOnly or false && option ? default && builtins.length all > 1 then throw "The option `${name}' is read-only, but it's set multiple times."
        else if given != [ ] then lib.types.mergeAs type location given
        else if type ? emptyValue then type.emptyValue
        else throw "The option `${name}' was accessed but has no value defined. Try setting the option.";
    in
    {
      config = (option.apply or lib.id) value;
      options = option // { inherit type; loc = location; isDefined = given != [ ]; inherit value; };
    };
in
{
  inherit evalModules discharge;
}
