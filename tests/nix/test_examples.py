"""The examples are what they say: each flake evaluates, by flake-parts where it says so, and no machine complains."""

import json
from pathlib import Path
from typing import Any

import pytest

from nix.flake import ROOT, flake, services, there, unit
from support.program import program

FAILED = "all: map (a: a.message) (builtins.filter (a: !a.assertion) all)"
EXAMPLES = ROOT / "nix" / "examples"
HOMELAB = ["broker", "energy", "hass"]
MACHINES = {"home": "minimal", **dict.fromkeys(HOMELAB, "homelab")}
"""The machines, and the example whose flake makes them."""


def of(machine: str, attribute: str, apply: str | None = None) -> Any:
    """A value of an example's machine, as the example's own flake makes it."""
    return flake().evaluate(f"nixosConfigurations.{machine}.{attribute}", apply, example=MACHINES[machine])


@pytest.mark.parametrize(("example", "machines"), [("minimal", ["home"]), ("homelab", HOMELAB)])
def test_an_examples_flake_makes_its_machines(example: str, machines: list[str]) -> None:
    assert flake().evaluate("nixosConfigurations", "builtins.attrNames", example=example) == machines


@pytest.mark.parametrize("machine", MACHINES)
def test_an_example_evaluates_without_a_complaint(machine: str) -> None:
    assert of(machine, "config.assertions", FAILED) == []
    assert of(machine, "config.warnings") == []


@pytest.mark.parametrize("machine", ["home", "energy"])
def test_the_services_of_an_example_accept_their_settings(machine: str, tmp_path: Path) -> None:
    for secret in ("mqtt-password", "influx-token"):
        (tmp_path / secret).write_text("secret")
    own = {"CREDENTIALS_DIRECTORY": str(tmp_path), "STATE_DIRECTORY": str(tmp_path)}
    for service in services():
        file = there(of(machine, f"config.services.evcc-ems.{service}.configFile"))
        status, said = program(service, "--check", "--offline", "--config", str(file), environment=own)
        assert status == 0, said


def test_the_minimal_example_is_fifteen_lines_and_gives_evcc_its_own_root() -> None:
    machine = (EXAMPLES / "minimal" / "machine.nix").read_text()
    assert len(machine.splitlines()) <= 15
    assert of("home", "config.services.evcc.settings.mqtt.topic") == "evcc/core"
    assert of("home", "config.services.evcc-ems.evcc-poller.settings.mqtt.host") == "broker.example.org"


def test_the_homelab_keeps_its_environment_file_and_its_suite_speaks_tls() -> None:
    assert of("energy", "config.systemd.services.evcc.serviceConfig.EnvironmentFile")
    assert of("energy", "config.networking.firewall.allowedTCPPorts") == [7070, 8887]
    written = json.loads(flake().text(of("energy", "config.services.evcc-ems.notifier.configFile")))
    mqtt = written["mqtt"]
    assert (mqtt["host"], mqtt["port"], mqtt["tls"]) == ("broker.home.example.org", 8883, True)
    assert set(of("energy", "config.systemd.services", "builtins.attrNames")) >= {unit(each) for each in services()}


def test_every_service_of_the_homelab_has_a_password_that_the_broker_knows() -> None:
    known = of("broker", "config.roles.mqtt-evcc.passwordFiles")
    assert set(known) == {"evcc", *services()}
    assert set(of("energy", "config.sops.secrets", "builtins.attrNames")) >= {
        Path(path).name for client, path in known.items() if client != "evcc"
    }


def test_the_homelabs_broker_listens_with_tls_only_and_knows_home_assistants_name() -> None:
    listener = of("broker", "config.roles.mqtt-evcc.listener.text")
    assert listener.startswith("listener 8883 192.0.2.11\n")
    assert "certfile /var/lib/acme/broker.home.example.org/fullchain.pem" in listener
    environment = of("broker", "config.systemd.services.evcc-ems-dynsec.environment")
    assert environment.items() >= {
        "HOST": "broker.home.example.org", "PORT": "8883", "ADMIN": "admin", "TLS": "1"
    }.items()  # fmt: skip
    assert "hass" in of("broker", "config.roles.mqtt-evcc.wanted.clients", "map (client: client.username)")


def test_the_homelabs_home_assistant_has_every_blueprint_and_a_dashboard() -> None:
    linked = of("hass", "config.services.home-assistant.blueprints.automation")
    originals = sorted((ROOT / "docs" / "home-assistant" / "blueprints" / "automation").iterdir())
    assert [Path(path).name.partition("-")[2] for path in linked] == [f"evcc-ems-{each.name}" for each in originals]
    assert [there(path).read_bytes() for path in linked] == [each.read_bytes() for each in originals]
    dashboard = of("hass", "config.services.home-assistant.config.lovelace.dashboards.home-energy")
    written = (ROOT / "docs" / "home-assistant" / "dashboard.yaml").read_bytes()
    assert there(dashboard["filename"]).read_bytes() == written
    assert (dashboard["mode"], dashboard["title"]) == ("yaml", "Energy")


def test_a_dashboard_of_ones_own_takes_the_place_of_the_demos() -> None:
    own = flake().evaluate("lib.homeAssistant.dashboard", 'f: f { file = "/x/dashboard.yaml"; title = "Haus"; }')
    assert (own["filename"], own["title"]) == ("/x/dashboard.yaml", "Haus")
    german = there(flake().evaluate("lib.homeAssistant.dashboards.de")).read_bytes()
    assert german == (ROOT / "docs" / "home-assistant" / "dashboard.de.yaml").read_bytes()


def test_no_module_of_an_example_brings_a_registry_of_nodes() -> None:
    assert "infrastructure" not in of("energy", "options", "builtins.attrNames")
