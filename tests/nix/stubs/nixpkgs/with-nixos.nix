# nixpkgs' own NixOS (a copy of its folder `nixos` beside this file) over packages that are names only: every option,
# type, assertion and unit is the real one, and nothing can be built. See ../README.md.
{ lib, legacyPackages }:
{ modules, specialArgs ? { }, ... }:
let
  words = lib.importJSON ./words.json;
  # Called, it is what it was: a builder and what it makes look alike.
  package =
    name:
    lib.genAttrs words.parts (_: package name)
    // {
      inherit name;
      pname = name;
      type = "derivation";
      version = "1";
      outPath = "/nix/store/00000000000000000000000000000000-${name}";
      # `nix flake check` wants one that is in the store.
      inherit (derivation { inherit name; system = "x86_64-linux"; builder = "/none"; }) drvPath;
      outputName = "out";
      outputs = [ "out" ];
      meta.mainProgram = name;
      modules = [ ];
      passthru.shellPath = "/bin/${name}";
      __functor = self: _: self;
      shellPath = "/bin/${name}";
    };
  # As nixpkgs' formats have it: sets are merged, lists joined.
  value = with lib.types; nullOr (oneOf [ bool int float str path (attrsOf value) (listOf value) ]) // { description = "JSON value"; };
  text = name: builtins.toFile (baseNameOf name);
  yes = names: lib.genAttrs names (_: _: true);
  kernels = {
    kernel = package "kernel" // {
      version = "6.12";
      modDirVersion = "6.12";
      features = { };
      config = yes [ "isSet" "isYes" "isEnabled" "isModule" ];
      kernelAtLeast = _: true;
      kernelOlder = _: false;
    };
    extend = _: kernels;
    kernelAtLeast = _: true;
    kernelOlder = _: false;
  };
  over =
    stand-in:
    let
      platform = lib.systems.elaborate stand-in.system;
      made = lib.genAttrs words.names package // stand-in // {
        _type = "pkgs";
        __splicedPackages = made;
        buildPackages = made;
        config = { };
        overlays = [ ];
        appendOverlays = _: made;
        extend = _: made;
        stdenv = package "stdenv" // lib.filterAttrs (name: _: lib.hasPrefix "is" name) platform // {
          hostPlatform = platform;
          buildPlatform = platform;
        };
        formats = lib.genAttrs words.parts (_: _: {
          type = value;
          inherit (stand-in.formats.json { }) generate;
          lib = { };
        });
        home-assistant = package "home-assistant" // {
          availableComponents = words.names;
          extraComponents = [ ];
          override = _: made.home-assistant;
          overrideAttrs = _: made.home-assistant;
        };
        linuxPackages = kernels;
        linuxPackages_latest = kernels;
        runtimeShell = "/nix/store/00000000000000000000000000000000-bash/bin/bash";
        writeScript = text;
        writeTextFile = about: text about.name about.text;
        writeTextDir = name: _: package (baseNameOf name);
      };
    in
    made;
in
import ./nixos/lib/eval-config.nix {
  inherit lib specialArgs;
  system = null;
  modules = modules ++ [
    (
      { config, ... }:
      {
        nixpkgs.pkgs = over legacyPackages.${config.nixpkgs.hostPlatform.system};
        environment.stub-ld.enable = false;
      }
    )
  ];
}
