"""The examples are what they say: each machine evaluates, and nothing complains."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from nix.flake import ROOT, flake, services, there, unit

FAILED = "all: map (a: a.message) (builtins.filter (a: !a.assertion) all)"
EXAMPLES = ROOT / "nix" / "examples"


@pytest.mark.parametrize("name", ["minimal", "energy", "broker"])
def test_an_example_evaluates_without_a_complaint(name: str) -> None:
    assert flake().evaluate(f"lib.examples.{name}.config.assertions", FAILED) == []


@pytest.mark.parametrize("name", ["minimal", "energy"])
def test_the_services_of_an_example_accept_their_settings(name: str, tmp_path: Path) -> None:
    for secret in ("mqtt-password", "influx-token"):
        (tmp_path / secret).write_text("secret")
    own = {"CREDENTIALS_DIRECTORY": str(tmp_path), "STATE_DIRECTORY": str(tmp_path)}
    file = there(flake().evaluate(f"lib.examples.{name}.config.services.evcc-ems.evcc-poller.configFile"))
    command = [sys.executable, "-m", "evcc_poller", "--check", "--offline", "--config", str(file)]
    done = subprocess.run(command, env=os.environ | own, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_minimal_example_is_fifteen_lines_and_gives_evcc_its_own_root() -> None:
    machine = (EXAMPLES / "minimal" / "machine.nix").read_text()
    assert len(machine.splitlines()) <= 15
    settings = flake().evaluate("lib.examples.minimal.config.services.evcc.settings")
    assert settings["mqtt"]["topic"] == "evcc/core"
    mqtt = flake().evaluate("lib.examples.minimal.config.services.evcc-ems.evcc-poller.settings.mqtt")
    assert mqtt["host"] == "broker.example.org"


def test_the_homelab_keeps_its_environment_file_and_its_suite_speaks_tls() -> None:
    energy = "lib.examples.energy.config"
    assert flake().evaluate(f"{energy}.systemd.services.evcc.serviceConfig.EnvironmentFile")
    assert flake().evaluate(f"{energy}.networking.firewall.allowedTCPPorts") == [7070, 8887]
    written = json.loads(flake().text(flake().evaluate(f"{energy}.services.evcc-ems.notifier.configFile")))
    assert (written["mqtt"]["host"], written["mqtt"]["port"], written["mqtt"]["tls"]) == (
        "broker.home.example.org",
        8883,
        True,
    )
    units = flake().evaluate(f"{energy}.systemd.services", "builtins.attrNames")
    assert set(units) >= {unit(service) for service in services()}


def test_the_homelabs_broker_listens_with_tls_only_and_knows_home_assistants_name() -> None:
    broker = "lib.examples.broker.config"
    listener = flake().evaluate(f"{broker}.roles.mqtt-evcc.listener.text")
    assert listener.startswith("listener 8883 192.0.2.11\n")
    assert "certfile /var/lib/acme/broker.home.example.org/fullchain.pem" in listener
    environment = flake().evaluate(f"{broker}.systemd.services.evcc-ems-dynsec.environment")
    assert environment == {"HOST": "broker.home.example.org", "PORT": "8883", "ADMIN": "admin", "TLS": "1"}
    wanted = flake().evaluate(f"{broker}.roles.mqtt-evcc.wanted.clients", "map (client: client.username)")
    assert "hass" in wanted


def test_no_module_of_an_example_brings_a_registry_of_nodes() -> None:
    options = flake().evaluate("lib.examples.energy.options", "builtins.attrNames")
    assert "infrastructure" not in options
