# One wheel, one package: every service of the suite and the `ems` command.
{
  lib,
  buildPythonApplication,
  hatchling,
  aiohttp,
  aiomqtt,
  highspy,
  hyundai-kia-connect-api,
  influxdb-client,
  numpy,
  pulp,
  pydantic,
  pyyaml,
  renault-api,
  structlog,
  tzdata,
}:
let
  root = ../..;
  # pyproject.toml holds the only version number.
  project = (fromTOML (builtins.readFile (root + "/pyproject.toml"))).project;
in
buildPythonApplication {
  pname = "evcc-ems";
  inherit (project) version;
  pyproject = true;

  src = lib.fileset.toSource {
    inherit root;
    fileset = lib.fileset.unions [
      (root + "/pyproject.toml")
      (root + "/README.md")
      (root + "/LICENSE")
      (root + "/services")
      (root + "/shared")
    ];
  };

  build-system = [ hatchling ];

  dependencies = [
    aiohttp
    aiomqtt
    highspy
    hyundai-kia-connect-api
    influxdb-client
    numpy
    pulp
    pydantic
    pyyaml
    renault-api
    structlog
    tzdata
  ];

  pythonImportsCheck = [
    "ems.contract.topics"
    "ems.homeassistant.discovery.announce"
    "ems.metrics.influx_http"
    "ems.service.runner"
    "ems.simulator.server"
    "evcc_poller"
    "notifier"
    "rl_agent.worker"
    "tariff_planner"
    "vehicle_soc"
  ];

  meta = {
    inherit (project) description;
    license = lib.licenses.mit;
    mainProgram = "ems";
    platforms = lib.platforms.linux;
  };
}
