# nix/packages/evcc-ems.nix, really built: its source, its build system, its metadata, by a toy of nixpkgs'
# buildPythonApplication that takes bash and Python from the machine. Test equipment, see ../stubs/README.md.
{
  tree,
  lib ? import ../stubs/nixpkgs/lib,
  bash,
  python,
  packages,
}:
let
  buildPythonApplication =
    arguments:
    derivation {
      name = "${arguments.pname}-${arguments.version}";
      system = builtins.currentSystem;
      builder = bash;
      args = [ ./builder.sh ];
      inherit (arguments) src pythonImportsCheck;
      inherit python packages;
      install = ./install.py;
      DEPENDENCIES = map (dependency: dependency.pname) arguments.dependencies;
    };
  expression = import (tree + "/nix/packages/evcc-ems.nix");
  named = removeAttrs (builtins.functionArgs expression) [
    "lib"
    "buildPythonApplication"
  ];
in
expression (
  builtins.mapAttrs (pname: _: { inherit pname; }) named
  // {
    inherit buildPythonApplication;
    # The real library's fileset needs a Nix that is younger than Debian 12's.
    lib = if builtins ? readFileType then lib else import ../stubs/nixpkgs/lib;
  }
)
