# The part of nixpkgs' lib that the project uses; see ../../README.md.
let
  lib = {
    inherit (builtins)
      all any attrNames attrValues concatLists concatMap concatStringsSep elem elemAt filter foldl' head
      isAttrs isBool isFloat isFunction isInt isList isString length listToAttrs mapAttrs match
      replaceStrings sort split stringLength substring tail toJSON
      ;

    types = import ./types.nix lib;
    inherit (import ./modules.nix lib) evalModules discharge;
    inherit (import ./options.nix lib) literalExpression optionAttrSetToDocList;

    # Values with a mark, which the module system understands.
    mkIf = condition: content: { _type = "if"; inherit condition content; };
    mkMerge = contents: { _type = "merge"; inherit contents; };
    mkOverride = priority: content: { _type = "override"; inherit priority content; };
    mkOptionDefault = lib.mkOverride 1500;
    mkDefault = lib.mkOverride 1000;
    mkForce = lib.mkOverride 50;
    mkOptionType = type: type;
    inherit (lib.types) mergeEqualOption;
    mkOption = attributes: { _type = "option"; } // attributes;
    mkEnableOption = what: lib.mkOption {
      type = lib.types.bool;
      default = false;
      example = true;
      description = "Whether to enable ${what}.";
    };
    mkPackageOption = pkgs: name: _: lib.mkOption {
      type = lib.types.package;
      default = pkgs.${name};
      defaultText = lib.literalExpression "pkgs.${name}";
      description = "The ${name} package to use.";
    };

    id = x: x;
    optional = condition: x: if condition then [ x ] else [ ];
    optionals = condition: xs: if condition then xs else [ ];
    optionalAttrs = condition: xs: if condition then xs else { };
    optionalString = condition: s: if condition then s else "";
    nameValuePair = name: value: { inherit name value; };
    genAttrs = names: f: builtins.listToAttrs (map (name: lib.nameValuePair name (f name)) names);
    mapAttrs' = f: set: builtins.listToAttrs (map (n: f n set.${n}) (builtins.attrNames set));
    mapAttrsToList = f: set: map (n: f n set.${n}) (builtins.attrNames set);
    filterAttrs = keep: set: removeAttrs set (builtins.filter (n: !keep n set.${n}) (builtins.attrNames set));
    mapAttrsRecursive = f: lib.mapAttrsRecursiveAt [ ] f;
    mapAttrsRecursiveAt = path: f: builtins.mapAttrs (n: v: if builtins.isAttrs v then lib.mapAttrsRecursiveAt (path ++ [ n ]) f v else f (path ++ [ n ]) v);
    findFirst = wanted: default: xs: let found = builtins.filter wanted xs; in if found == [ ] then default else builtins.head found;
    concatMapAttrs = f: set: builtins.foldl' (a: b: a // b) { } (lib.mapAttrsToList f set);
    mergeAttrsList = builtins.foldl' (a: b: a // b) { };
    recursiveUpdate = a: b:
      a // builtins.mapAttrs (n: v: if builtins.isAttrs v && builtins.isAttrs (a.${n} or null) then lib.recursiveUpdate a.${n} v else v) b;
    concatMapStringsSep = separator: f: xs: builtins.concatStringsSep separator (map f xs);
    concatLines = lib.concatMapStrings (line: line + "\n");
    concatMapStrings = lib.concatMapStringsSep "";
    unique = builtins.foldl' (seen: x: if builtins.elem x seen then seen else seen ++ [ x ]) [ ];
    setAttrByPath = path: value: if path == [ ] then value else { ${builtins.head path} = lib.setAttrByPath (builtins.tail path) value; };
    allUnique = xs: builtins.length (lib.unique xs) == builtins.length xs;
    flatten = x: if builtins.isList x then builtins.concatMap lib.flatten x else [ x ];
    last = xs: builtins.elemAt xs (builtins.length xs - 1);
    imap0 = f: xs: builtins.genList (i: f i (builtins.elemAt xs i)) (builtins.length xs);
    sortOn = key: builtins.sort (a: b: key a < key b);
    hasInfix = infix: s: builtins.length (lib.splitString infix s) > 1;
    toLower = builtins.replaceStrings lib.upperChars lib.lowerChars;
    upperChars = map (i: builtins.substring i 1 "ABCDEFGHIJKLMNOPQRSTUVWXYZ") (builtins.genList (i: i) 26);
    lowerChars = map (i: builtins.substring i 1 "abcdefghijklmnopqrstuvwxyz") (builtins.genList (i: i) 26);
    hasPrefix = prefix: s: builtins.substring 0 (builtins.stringLength prefix) s == prefix;
    hasSuffix = suffix: s:
      let n = builtins.stringLength s - builtins.stringLength suffix;
      in n >= 0 && builtins.substring n (-1) s == suffix;
    removePrefix = prefix: s: if lib.hasPrefix prefix s then builtins.substring (builtins.stringLength prefix) (-1) s else s;
    removeSuffix = suffix: s:
      if lib.hasSuffix suffix s then builtins.substring 0 (builtins.stringLength s - builtins.stringLength suffix) s else s;
    splitString = separator: s:
      builtins.filter builtins.isString (builtins.split (lib.escapeRegex separator) s);
    escapeRegex = builtins.replaceStrings (map (c: c) [ "." "/" "*" "+" "?" "|" "$" ]) [ "\\." "/" "\\*" "\\+" "\\?" "\\|" "\\$" ];
    escapeShellArg = s: if builtins.match "[[:alnum:],._+:@%/-]+" (toString s) != null then toString s else "'${builtins.replaceStrings [ "'" ] [ "'\\''" ] (toString s)}'";
    escapeShellArgs = lib.concatMapStringsSep " " lib.escapeShellArg;
    boolToString = b: if b then "true" else "false";
    trim = s: builtins.head (builtins.match "[ \t\n]*(.*[^ \t\n])?[ \t\n]*" s);
    toInt = s: builtins.fromJSON s;
    getLib = package: package.lib or package;
    versionAtLeast = a: b: builtins.compareVersions a b >= 0;
    mkBefore = lib.id;
    getExe = package: "${package}/bin/${package.meta.mainProgram or package.pname or package.name}";
    getExe' = package: name: "${package}/bin/${name}";
    isDerivation = x: x.type or null == "derivation";
    isStorePath = x: lib.hasPrefix builtins.storeDir (toString x);
    importJSON = path: builtins.fromJSON (builtins.readFile path);
    functionArgs = f: f.__functionArgs or (builtins.functionArgs f);
    throwIf = condition: message: x: if condition then throw message else x;
    throwIfNot = condition: lib.throwIf (!condition);
    warn = message: builtins.trace "warning: ${message}";

    licenses = lib.genAttrs [ "mit" ] (name: { spdxId = name; });
    platforms.linux = [ "x86_64-linux" "aarch64-linux" ];
    sourceTypes.binaryNativeCode = "binaryNativeCode";
    fileset = {
      unions = parts: parts;
      toSource = { root, fileset }: builtins.path {
        path = root;
        name = "source";
        filter = path: _:
          lib.any (part: path == toString part || lib.hasPrefix "${toString part}/" path || lib.hasPrefix "${path}/" (toString part)) fileset;
      };
    };
  };
in
lib
