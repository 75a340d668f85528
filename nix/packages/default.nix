# The flake's packages over a nixpkgs. What nixpkgs lacks or has too old is overridden in a Python of the suite's own:
# whoever takes these packages keeps his own Python set, and with it, say, the renault-api of his Home Assistant.
{ pkgs }:
let
  # The version that the suite is developed on, and that iotcore's wheel is for.
  python = pkgs.python313.override {
    self = python;
    packageOverrides = python: _previous: {
      hyundai-kia-connect-api = python.callPackage ./hyundai-kia-connect-api.nix { };
      iotcore = python.callPackage ./iotcore.nix { };
      renault-api = python.callPackage ./renault-api.nix { };
    };
  };
  evcc-ems = python.pkgs.callPackage ./evcc-ems.nix { };
in
{
  inherit evcc-ems;
  evcc-dynsec = pkgs.callPackage ./evcc-dynsec.nix { };

  # With the embedded broker and the terminal view; the services need neither.
  evcc-ems-demo = evcc-ems.overridePythonAttrs (previous: {
    pname = "evcc-ems-demo";
    dependencies = previous.dependencies ++ [
      python.pkgs.iotcore
      python.pkgs.rich
    ];
  });

  # For nix/packages/nixpkgs-versions.json and the test of it.
  evcc-ems-python = python;
}
