# Packages by name, with the paths that a store would give them; nothing can be built. See ../README.md.
{ lib, system }:
let
  package =
    pname: more:
    {
      inherit pname;
      name = pname;
      type = "derivation";
      version = "0";
      outPath = "/nix/store/00000000000000000000000000000000-${pname}";
      meta = { };
    }
    // more;
  packages = names: lib.genAttrs names (name: package name { });

  pythonNames = [
    "aiohttp" "aiomqtt" "autoPatchelfHook" "beautifulsoup4" "certifi" "hatchling" "highspy" "influxdb-client"
    "marshmallow-dataclass" "numpy" "pulp" "pycryptodome" "pydantic" "pyjwt" "pytest" "pyyaml" "requests" "rich"
    "setuptools" "structlog" "tzdata" "uv-build"
  ];
  build = arguments: package arguments.pname (arguments // {
    overridePythonAttrs = f: build (arguments // f arguments);
  });

  make =
    overlays:
    let
      pkgs = lib.foldl' (previous: overlay: previous // overlay pkgs previous) base overlays;
      # As python.override: `self` and packageOverrides make a set of its own.
      pythonWith = packageOverrides:
        let python = pythonBase // packageOverrides python pythonBase // { callPackage = callWith (pkgs // python); }; in
        package "python3" {
          pkgs = python;
          override = { packageOverrides ? (_: _: { }), ... }: pythonWith packageOverrides;
          withPackages = f: package "python3-env" { passthru = f python; };
        };
      pythonBase = packages pythonNames // {
        inherit lib;
        inherit (pkgs) stdenv;
        buildPythonApplication = build;
        buildPythonPackage = build;
        fetchPypi = { pname, version, ... }: "/nix/store/00000000000000000000000000000000-${pname}-${version}";
      };
      base =
        packages [ "age" "coreutils" "evcc" "git" "jq" "nixfmt" "nixos-rebuild" "openssl" "sops" "sqlite" "ssh-to-age" "uv" ]
        // {
          inherit lib system;
          python3 = pythonWith (_: _: { });
          python313 = pythonWith (_: _: { });
          stdenv = { hostPlatform = { inherit system; }; cc.cc.lib = package "gcc-lib" { }; };
          extend = overlay: make (overlays ++ [ overlay ]);
          callPackage = callWith (pkgs // { inherit lib; });
          mkShellNoCC = arguments: package "shell" arguments;
          mosquitto = package "mosquitto" { version = "2.1.2"; lib = package "mosquitto-lib" { }; };
          evcc = package "evcc" { meta.mainProgram = "evcc"; };
          envsubst = package "envsubst" { meta.mainProgram = "envsubst"; };
          formats = lib.genAttrs [ "json" "yaml" ] (_: _: {
            # What can be written as JSON; the stand-in does not look inside.
            type = lib.types.anything // { description = "JSON value"; };
            generate = name: value: builtins.toFile name (builtins.toJSON value);
          });
          writeText = builtins.toFile;
          writeShellScript = name: text: builtins.toFile name "#!/bin/sh\n${text}\n";
          writeShellApplication = { name, text, runtimeInputs ? [ ], ... }: package name {
            inherit runtimeInputs;
            meta.mainProgram = name;
            outPath = builtins.toFile name "#!/usr/bin/env bash\nset -o errexit\nset -o nounset\nset -o pipefail\n${text}";
          };
          runCommand = name: attributes: script: package name { inherit attributes script; };
          # The nodes of a NixOS test are evaluated, its script is kept as text.
          testers.runNixOSTest = test:
            package "vm-test-${test.name}" {
              inherit (test) testScript;
              nodes = builtins.mapAttrs (name: module: (lib.nixosSystem { modules = [ module { networking.hostName = lib.mkDefault name; nixpkgs.hostPlatform = system; } ]; }).config) test.nodes;
            };
        };
    in
    pkgs;

  callWith =
    scope: file: overrides:
    let
      function = import file;
      named = lib.functionArgs function;
      missing = name: throw "${toString file} asks for ${name}, which is not among the stand-in's packages";
    in
    function (builtins.mapAttrs (name: _: overrides.${name} or scope.${name} or (missing name)) (lib.filterAttrs (name: optional: !optional || scope ? ${name}) named));
in
make [ ]
