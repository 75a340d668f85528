{
  description = "evcc-ems: foresight for evcc, as NixOS modules and a whole VM";

  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";
    sops-nix = {
      url = "github:Mic92/sops-nix";
      inputs.nixpkgs.follows = "nixpkgs";
    };
  };

  outputs =
    {
      self,
      nixpkgs,
      sops-nix,
    }:
    let
      inherit (nixpkgs) lib;
      systems = [
        "x86_64-linux"
        "aarch64-linux"
      ];
      # Macs edit, check and deploy; nothing of the suite runs on them.
      editors = systems ++ [ "aarch64-darwin" ];
      forEachSystem = forEach systems;
      forEach =
        systems: function:
        lib.genAttrs systems (
          system:
          let
            pkgs = nixpkgs.legacyPackages.${system};
          in
          function (pkgs // { ours = import ./nix/packages { inherit pkgs; }; })
        );
    in
    {
      overlays.default = import ./nix/packages/overlay.nix;

      packages =
        lib.recursiveUpdate
          (forEachSystem (pkgs: {
            inherit (pkgs.ours) evcc-dynsec evcc-ems evcc-ems-demo;
            default = pkgs.ours.evcc-ems;
          }))
          {
            # The disk of the VM for Proxmox: qmrestore it, see docs/deploy-nixos.md.
            x86_64-linux.evcc-01-image = self.nixosConfigurations.evcc-01.config.roles.proxmox-vm.image;
          };

      nixosModules = import ./nix/modules { inherit self; };

      nixosConfigurations.evcc-01 = lib.nixosSystem {
        modules = [
          ./nix/hosts/evcc-01
          sops-nix.nixosModules.sops
          self.nixosModules.default
        ];
      };

      # Machines that stand in for the owner's own broker and proxy: what the roles do is looked at on them.
      lib.dummyHosts = import ./nix/tests/dummy-hosts.nix { inherit lib self; };
      # What sops may encrypt for whom; .sops.yaml is this, written down.
      lib.sopsYaml = import ./nix/lib/sops-yaml.nix { inherit lib; } (import ./nix/hosts/keys.nix);
      # docs/nixos-options.md, from the modules themselves, and the names of all options, the earlier ones too.
      lib.options = import ./nix/lib/options-page.nix { inherit lib; } [
        self.nixosConfigurations.evcc-01.options.services.evcc-ems
        self.nixosConfigurations.evcc-01.options.services.evcc.credentials
        self.nixosConfigurations.evcc-01.options.infrastructure
        self.nixosConfigurations.evcc-01.options.roles.evcc
        self.nixosConfigurations.evcc-01.options.roles.proxmox-vm
        self.lib.dummyHosts.mqtt-01.options.roles.mqtt-evcc
        self.lib.dummyHosts.proxy-01.options.roles.proxy-evcc
      ];
      # What nixpkgs has of each Python package that ours need, for nix/packages/nixpkgs-versions.json.
      lib.pythonVersions =
        let
          python = (import ./nix/packages { pkgs = nixpkgs.legacyPackages.x86_64-linux; }).evcc-ems-python;
        in
        lib.mapAttrs (name: _: python.pkgs.${name}.version) (lib.importJSON ./nix/packages/nixpkgs-versions.json)
        .versions;
      # Our own Python packages, as far as their metadata is asked: what they need, and of what any version will do.
      lib.pythonPackages =
        let
          python = (import ./nix/packages { pkgs = nixpkgs.legacyPackages.x86_64-linux; }).evcc-ems-python;
          about = package: {
            inherit (package) version;
            relaxed = package.pythonRelaxDeps or [ ];
            dependencies = map (dependency: dependency.pname) package.dependencies;
            build = map (dependency: dependency.pname) package.build-system;
          };
        in
        {
          evcc-ems = about self.packages.x86_64-linux.evcc-ems;
          hyundai-kia-connect-api = about python.pkgs.hyundai-kia-connect-api;
          renault-api = about python.pkgs.renault-api;
        };
      # The suite's services, by name: those that have settings.
      lib.services = map (lib.removeSuffix ".json") (
        lib.attrNames (builtins.readDir ./nix/generated/settings)
      );

      checks = forEachSystem (pkgs: import ./nix/tests { inherit lib pkgs self; });

      # The roles, groups and clients that `evcc-dynsec --wanted` takes: lib.dynsec { homeAssistant = "hass"; }.
      lib.dynsec =
        settings:
        import ./nix/lib/dynsec.nix { inherit lib; } (
          { rights = lib.importJSON ./nix/generated/access.json; } // settings
        );

      # For services.home-assistant: blueprints and a dashboard. nix/examples/homelab/hass.nix links them.
      lib.homeAssistant = import ./nix/lib/home-assistant.nix { inherit lib; };

      apps = forEachSystem (pkgs: rec {
        evcc-dynsec = {
          type = "app";
          program = lib.getExe pkgs.ours.evcc-dynsec;
          meta.description = "Rights of evcc and its suite on any broker with dynamic security";
        };
        default = demo;
        demo = {
          type = "app";
          program = "${pkgs.writeShellScript "evcc-ems-demo" ''exec ${pkgs.ours.evcc-ems-demo}/bin/ems demo "$@"''}";
          meta.description = "A simulated home is planned and steered before your eyes";
        };
      });

      devShells = forEach editors (pkgs: {
        default = pkgs.mkShellNoCC {
          # All that docs/deploy-nixos.md types.
          packages = [
            pkgs.age
            pkgs.git
            pkgs.jq
            pkgs.mosquitto
            pkgs.nixfmt
            pkgs.nixos-rebuild
            pkgs.openssl
            pkgs.sops
            pkgs.ssh-to-age
            pkgs.uv
          ];
        };
      });

      formatter = forEach editors (pkgs: pkgs.nixfmt);
    };
}
