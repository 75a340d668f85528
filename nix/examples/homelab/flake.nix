# A house with many machines, by flake-parts on unstable: evcc and the suite on one, the broker and Home Assistant on others.
{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    flake-parts.url = "github:hercules-ci/flake-parts";
    sops-nix.url = "github:Mic92/sops-nix";
    evcc-ems.url = "git+https://YOUR-FORGE/evcc-ems";
  };
  outputs =
    inputs:
    inputs.flake-parts.lib.mkFlake { inherit inputs; } {
      systems = [ "x86_64-linux" ];
      flake.nixosConfigurations = builtins.mapAttrs (
        name: node:
        inputs.nixpkgs.lib.nixosSystem {
          modules = [
            inputs.sops-nix.nixosModules.sops
            ./hardware-configuration.nix
            (import (./. + "/${name}.nix") {
              inherit (inputs) evcc-ems;
              nodes = import ./nodes.nix;
            })
            {
              networking.hostName = name;
              nixpkgs.hostPlatform = node.system;
              system.stateVersion = "26.05";
            }
          ];
        }
      ) (import ./nodes.nix);
    };
}
