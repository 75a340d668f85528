"""evcc's settings: secrets come in at start, from credentials, and are nowhere else."""

import json
import os
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from nix.flake import ROOT, flake, there, with_module

UNIT = "nixosConfigurations.evcc-01.config.systemd.services.evcc.serviceConfig"
FOLDER = ROOT / "nix" / "modules" / "services" / "evcc"
AWKWARD = """it's a "secret": {no} # comment \\ $HOME ${HOME} `id` ä\t%"""


@pytest.fixture(scope="module")
def unit() -> dict[str, Any]:
    found: dict[str, Any] = flake().evaluate(UNIT)
    return found


def template(unit: dict[str, Any]) -> Path:
    return there(next(word for word in unit["ExecStartPre"].split() if word.endswith("evcc-template.json")))


def rendered(
    template: Path, home: Path, secrets: dict[str, str], environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Runs what ExecStartPre runs; with ``environment`` as with an environmentFile that says so."""
    if shutil.which("jq") is None:
        pytest.skip("!!! NO jq HERE: evcc's settings are not rendered !!!")
    credentials = home / "credentials"
    credentials.mkdir()
    for name, secret in secrets.items():
        (credentials / name).write_text(secret + "\n")
    options = ("-o", "errexit", "-o", "nounset", "-o", "pipefail")
    fourth: list[str | Path] = ["environment"] if environment is not None else []
    arguments: tuple[str | Path, ...] = (FOLDER / "render.jq", template, home / "config.yaml", *fourth)
    own = {**(environment or {}), "CREDENTIALS_DIRECTORY": str(credentials)}
    command: list[str | Path] = ["bash", *options, FOLDER / "render.sh", *arguments]
    return subprocess.run(command, env=os.environ | own, capture_output=True, text=True, check=False)


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


def test_evcc_has_a_root_of_its_own_and_the_port_of_the_prd(unit: dict[str, Any]) -> None:
    settings = json.loads(template(unit).read_text())
    assert settings["mqtt"]["topic"] == "evcc/core"
    assert settings["mqtt"]["broker"] == "mqtt-01.vm.mares.id:1883"
    assert settings["network"]["port"] == 7070
    assert unit["StateDirectory"] == "evcc"


def test_the_database_stays_where_evcc_itself_has_put_it(unit: dict[str, Any]) -> None:
    # Another place would be an empty database: the login of BMW's CarData and all sessions would be gone.
    assert "database" not in json.loads(template(unit).read_text())


WITH_FILE = """{
    services.evcc.environmentFile = "/run/secrets/evcc.env";
    services.evcc.extraArgs = [ "--log" "debug" ];
    services.evcc.settings = { sponsortoken = "${SPONSOR}"; influx.password = "$INFLUX"; influx.url = "http://x/$5"; };
}"""


@pytest.fixture(scope="module")
def migrated() -> dict[str, Any]:
    found: dict[str, Any] = with_module(WITH_FILE.replace("${", "\\${")).evaluate(UNIT)
    return found


def test_an_environment_file_goes_on_working_beside_credentials(migrated: dict[str, Any], tmp_path: Path) -> None:
    assert migrated["EnvironmentFile"] == ["/run/secrets/evcc.env"]
    assert migrated["ExecStartPre"].endswith("/run/evcc/config.yaml environment")
    file = there(next(word for word in migrated["ExecStartPre"].split() if word.endswith("evcc-template.json")))
    environment = {"SPONSOR": f"token {AWKWARD}", "INFLUX": "@credential:none"}
    done = rendered(file, tmp_path, dict.fromkeys(names(migrated), "$INFLUX"), environment)
    assert (done.returncode, done.stderr) == (0, "")
    settings = json.loads((tmp_path / "config.yaml").read_text())
    assert settings["sponsortoken"] == environment["SPONSOR"]
    assert settings["influx"] == {"password": "@credential:none", "url": "http://x/$5"}
    assert settings["mqtt"]["password"] == "$INFLUX", "what a credential holds is not looked into"


def test_a_name_that_the_environment_file_lacks_is_told(migrated: dict[str, Any], tmp_path: Path) -> None:
    file = there(next(word for word in migrated["ExecStartPre"].split() if word.endswith("evcc-template.json")))
    done = rendered(file, tmp_path, dict.fromkeys(names(migrated), "x"), {"INFLUX": "x"})
    assert "SPONSOR is not in the environment file" in done.stderr


def test_a_dollar_is_a_dollar_without_an_environment_file(unit: dict[str, Any], tmp_path: Path) -> None:
    file = tmp_path / "template.json"
    file.write_text(json.dumps({"title": "a $HOME ${HOME}"}))
    rendered(file, tmp_path, dict.fromkeys(names(unit), "x"))
    assert json.loads((tmp_path / "config.yaml").read_text()) == {"title": "a $HOME ${HOME}"}


def test_arguments_of_the_user_reach_evcc(migrated: dict[str, Any]) -> None:
    # From 25.11 on nixpkgs' module quotes each word.
    words = shlex.split(migrated["ExecStart"])
    assert words[0].endswith("/bin/evcc")
    assert words[1:] == ["--config=/run/evcc/config.yaml", "--log", "debug"]
