# What `services.home-assistant` of a house links of ours: docs/home-assistant.md shows what it is.
{ lib }:
let
  folder = ../../docs/home-assistant;
  # In the store by a name that says whose it is: Home Assistant shows the file's name.
  ours =
    name: path:
    "${builtins.path {
      name = "evcc-ems-${name}";
      inherit path;
    }}";
in
rec {
  # By domain, as `services.home-assistant.blueprints` takes them.
  blueprints = lib.mapAttrs (
    domain: _:
    map (file: ours file (folder + "/blueprints/${domain}/${file}")) (
      lib.filter (lib.hasSuffix ".yaml") (lib.attrNames (builtins.readDir (folder + "/blueprints/${domain}")))
    )
  ) (builtins.readDir (folder + "/blueprints"));

  # Those of the demo's home, by language; `nix run .#evcc-ems -- dashboard --host BROKER` writes yours.
  dashboards = {
    de = ours "dashboard.de.yaml" (folder + "/dashboard.de.yaml");
    en = ours "dashboard.yaml" (folder + "/dashboard.yaml");
  };

  # One of `services.home-assistant.config.lovelace.dashboards`; its name there needs a hyphen.
  dashboard =
    {
      file ? dashboards.en,
      title ? "Energy",
    }:
    {
      mode = "yaml";
      icon = "mdi:home-lightning-bolt";
      inherit title;
      filename = "${file}";
    };
}
