"""evcc's settings: secrets come in at start, from credentials, and are nowhere else."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from nix.flake import ROOT, flake, there

UNIT = "nixosConfigurations.evcc-01.config.systemd.services.evcc.serviceConfig"
FOLDER = ROOT / "nix" / "modules" / "services" / "evcc"
AWKWARD = """it's a "secret": {no} # comment \\ $HOME ${HOME} `id` ä\t%"""


@pytest.fixture(scope="module")
def unit() -> dict[str, Any]:
    found: dict[str, Any] = flake().evaluate(UNIT)
    return found


def template(unit: dict[str, Any]) -> Path:
    return there(next(word for word in unit["ExecStartPre"].split() if word.endswith("evcc-template.json")))


def rendered(template: Path, home: Path, secrets: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Runs what ExecStartPre runs."""
    if shutil.which("jq") is None:
        pytest.skip("!!! NO jq HERE: evcc's settings are not rendered !!!")
    credentials = home / "credentials"
    credentials.mkdir()
    for name, secret in secrets.items():
        (credentials / name).write_text(secret + "\n")
    options = ("-o", "errexit", "-o", "nounset", "-o", "pipefail")
    return subprocess.run(
        ["bash", *options, FOLDER / "render.sh", FOLDER / "render.jq", template, home / "config.yaml"],
        env=os.environ | {"CREDENTIALS_DIRECTORY": str(credentials)}, capture_output=True, text=True, check=False,
    )  # fmt: skip


def names(unit: dict[str, Any]) -> list[str]:
    return [credential.split(":")[0] for credential in unit["LoadCredential"]]


def test_every_secret_arrives_as_it_is_whatever_it_holds(unit: dict[str, Any], tmp_path: Path) -> None:
    secrets = {name: f"{name} {AWKWARD}" for name in names(unit)}
    done = rendered(template(unit), tmp_path, secrets)
    assert (done.returncode, done.stderr) == (0, "")
    settings = json.loads((tmp_path / "config.yaml").read_text())
    assert settings["mqtt"]["password"] == secrets["mqtt-password-evcc"]
    assert settings["chargers"][0]["password"] == secrets["wattpilot-password"]
    assert settings["tariffs"]["grid"]["clientsecret"] == secrets["ostrom-client-secret"]
    assert "@credential:" not in json.dumps(settings)


def test_nobody_else_can_read_the_result(unit: dict[str, Any], tmp_path: Path) -> None:
    rendered(template(unit), tmp_path, dict.fromkeys(names(unit), "x"))
    assert (tmp_path / "config.yaml").stat().st_mode & 0o777 == 0o600
    assert unit["RuntimeDirectoryMode"] == "0700"


def test_a_secret_that_is_missing_stops_evcc_and_is_named(unit: dict[str, Any], tmp_path: Path) -> None:
    secrets = {name: "x" for name in names(unit) if name != "bmw-vin"}
    done = rendered(template(unit), tmp_path, secrets)
    assert done.returncode != 0
    assert "no credential is named bmw-vin" in done.stderr
    assert not (tmp_path / "config.yaml").exists()


def test_nothing_secret_is_in_the_store(unit: dict[str, Any]) -> None:
    text = template(unit).read_text()
    settings = json.loads(text)
    assert settings["mqtt"]["password"] == "@credential:mqtt-password-evcc@"
    assert settings["vehicles"][0]["vin"] == "@credential:bmw-vin@"
    # The example's secrets are known: none of them may be anywhere in what evaluation wrote.
    example = (ROOT / "nix" / "secrets" / "evcc-01.example.yaml").read_text()
    values = [line.partition(": ")[2] for line in example.splitlines() if not line.startswith("#")]
    # The sources of the flake lie in the store too; the example among them is meant to be read.
    written = [file for file in flake().store.iterdir() if file.is_file()]
    assert len(values) == 11
    assert written
    for file in written:
        assert not [value for value in values if value in file.read_text()], file


def test_evcc_has_a_root_of_its_own_a_database_that_stays_and_the_port_of_the_prd(unit: dict[str, Any]) -> None:
    settings = json.loads(template(unit).read_text())
    assert settings["mqtt"]["topic"] == "evcc/core"
    assert settings["mqtt"]["broker"] == "mqtt-01.vm.mares.id:1883"
    assert settings["database"] == {"type": "sqlite", "dsn": "/var/lib/evcc/evcc.db"}
    assert settings["network"]["port"] == 7070
    assert unit["StateDirectory"] == "evcc"
