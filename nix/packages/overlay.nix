# For those who want the packages among their own; no module needs it. It adds two names and changes none.
final: _previous: {
  inherit (import ./. { pkgs = final; }) evcc-ems evcc-ems-demo;
}
