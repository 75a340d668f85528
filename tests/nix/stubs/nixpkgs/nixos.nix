# NixOS as far as the project's modules touch it: what NixOS has and is not declared here takes any value. See ../README.md.
{ lib, legacyPackages }:
{ modules, specialArgs ? { }, ... }:
let
  # Sets are merged, lists joined, all else must agree.
  looseBut = closed: let loose = lib.mkOptionType {
    name = "loose";
    description = "anything";
    check = _: true;
    merge = location: definitions:
      if closed location then throw "The option `${lib.concatStringsSep "." location}' does not exist. Definition values: ${builtins.toJSON (map (d: lib.attrNames d.value) definitions)}"
      else if lib.all (d: lib.isAttrs d.value && !lib.isDerivation d.value) definitions then (lib.types.attrsOf loose).merge location definitions
      else if lib.all (d: lib.isList d.value) definitions then lib.concatMap (d: d.value) definitions
      else lib.mergeEqualOption location definitions;
  } // { inherit closed; }; in loose;
  loose = looseBut (_: false);
  # What is not declared here is loose, but below these names: there an option that is not declared is a mistake.
  undeclared = looseBut (location: lib.any (name: lib.hasPrefix "${name}." "${lib.concatStringsSep "." location}.") [
    "infrastructure"
    "roles"
    "services.evcc"
    "services.evcc-ems"
  ]);
  any = default: lib.mkOption { type = loose; inherit default; };
  base = { config, ... }: {
    options = {
      assertions = lib.mkOption { type = lib.types.listOf lib.types.unspecified; default = [ ]; };
      warnings = lib.mkOption { type = lib.types.listOf lib.types.str; default = [ ]; };
      nixpkgs.hostPlatform = any "x86_64-linux";
      nixpkgs.overlays = any [ ];
      networking.hostName = any "nixos";
      networking.domain = any null;
      system.build = any { };
      systemd.services = lib.mkOption { type = lib.types.attrsOf (lib.types.submodule { freeformType = lib.types.lazyAttrsOf loose; options.preStart = lib.mkOption { type = lib.types.lines; default = ""; }; }); default = { }; };
      environment.etc = any { };
      security.acme = {
        acceptTerms = any false;
        defaults = any { };
        certs = lib.mkOption {
          default = { };
          type = lib.types.attrsOf (lib.types.submodule ({ name, ... }: {
            freeformType = lib.types.lazyAttrsOf loose;
            options.directory = lib.mkOption { type = lib.types.str; readOnly = true; default = "/var/lib/acme/${name}"; };
          }));
        };
      };
      networking.firewall.allowedTCPPorts = any [ ];
      # nixpkgs' own module of this name, as far as it matters: it renders the settings with envsubst.
      services.evcc = {
        enable = lib.mkEnableOption "evcc";
        package = lib.mkPackageOption config._module.args.pkgs "evcc" { };
        extraArgs = lib.mkOption { type = lib.types.listOf lib.types.str; default = [ ]; };
        environmentFile = lib.mkOption { type = lib.types.nullOr lib.types.path; default = null; };
        settings = any { };
      };
    };
    config = {
      _module.args.pkgs = lib.foldl' (pkgs: overlay: pkgs.extend overlay) legacyPackages.${config.nixpkgs.hostPlatform} config.nixpkgs.overlays;
      systemd.services = lib.mkIf config.services.evcc.enable {
        evcc = {
          wants = [ "network-online.target" ];
          after = [ "network-online.target" "mosquitto.target" ];
          wantedBy = [ "multi-user.target" ];
          environment.HOME = "/var/lib/evcc";
          serviceConfig = {
            ExecStartPre = "/nix/store/00000000000000000000000000000000-envsubst/bin/envsubst -i ... -o /run/evcc/config.yaml";
            EnvironmentFile = lib.optionals (config.services.evcc.environmentFile != null) [ config.services.evcc.environmentFile ];
            ExecStart = lib.concatStringsSep " " ([ "${config.services.evcc.package}/bin/evcc" "--config=/run/evcc/config.yaml" ] ++ config.services.evcc.extraArgs);
            DynamicUser = true;
            MemoryDenyWriteExecute = true;
            PrivateTmp = true;
            ProtectHome = true;
            Restart = "on-failure";
            RuntimeDirectory = "evcc";
            StateDirectory = "evcc";
            UMask = "0077";
            User = "evcc";
          };
        };
      };
    };
  };
in
lib.evalModules {
  modules = [ { _module.freeformType = lib.types.lazyAttrsOf undeclared; } base ./mosquitto.nix ] ++ modules;
  specialArgs = { modulesPath = toString ./modules; inherit loose; } // specialArgs;
}
