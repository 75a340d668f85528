"""The suite's units: what systemd thinks of them, key by key."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from nix.flake import services, units
from nix.unit_text import unit_text

NEEDED = {
    "DeviceAllow",
    "IPAddressDeny",
    "PrivateNetwork",
    "RestrictAddressFamilies_AF_INET_INET6",
    "RestrictAddressFamilies_AF_UNIX",
    "RootDirectoryOrRootImage",
}
"""What a service that talks to a broker, to evcc and to clouds cannot do without (the devices are null and random)."""

ANALYZE = shutil.which("systemd-analyze")


def analyze(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    if ANALYZE is None:
        pytest.skip("!!! NO systemd-analyze HERE: the units are not looked at by systemd !!!")
    return subprocess.run([ANALYZE, *arguments], capture_output=True, text=True, check=False)


def runnable(text: str) -> str:
    """The unit with every program that is only in a Nix store replaced by one that exists."""
    return re.sub(r"/nix/store/\S+/bin/\S+", "/bin/true", text)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("units")
    for name, unit in units().items():
        (found / f"{name}.service").write_text(runnable(unit_text(unit)))
    return found


def test_the_machine_runs_every_service_that_has_settings() -> None:
    assert set(units()) == set(services())
    assert {"evcc-poller", "tariff-planner", "vehicle-soc"} <= set(services())


def test_systemd_finds_nothing_to_complain_about(folder: Path) -> None:
    done = analyze("verify", "--man=no", *sorted(folder.glob("*.service")))
    assert (done.returncode, done.stderr) == (0, "")


def test_every_service_is_hardened_key_by_key(folder: Path) -> None:
    # The total hides a single loss: without MemoryDenyWriteExecute it still reads 1.2.
    for service in services():
        done = analyze("security", "--offline=true", "--json=short", folder / f"{service}.service")
        found = {row["json_field"]: float(row["exposure"] or 0) for row in json.loads(done.stdout)}
        assert {name for name, exposure in found.items() if exposure > 0} == NEEDED, service
        assert len(found) > 70, "systemd looks at fewer things than it used to"


def test_every_service_scores_1_2_or_better(folder: Path) -> None:
    for service in services():
        done = analyze("security", "--offline=true", "--threshold=12", folder / f"{service}.service")
        assert done.returncode == 0, done.stdout[-300:]


def test_wrong_settings_are_not_tried_again_and_all_else_is() -> None:
    for unit in units().values():
        config = unit["serviceConfig"]
        assert (config["Restart"], config["RestartPreventExitStatus"]) == ("always", 78)
        assert unit["unitConfig"]["StartLimitIntervalSec"] == 0


def test_only_the_gateway_gives_evcc_back_after_it_ended() -> None:
    stops = {name: unit["serviceConfig"].get("ExecStopPost") for name, unit in units().items()}
    restoring = {name: command for name, command in stops.items() if command}
    assert list(restoring) == ["evcc-poller"]
    program, word, flag, file = restoring["evcc-poller"].split()
    assert (Path(program).name, word, flag) == ("evcc-poller", "restore", "--config")
    assert units()["evcc-poller"]["serviceConfig"]["ExecStart"].endswith(file)


def test_every_service_is_watched_and_has_its_secrets_and_state_to_itself() -> None:
    for name, unit in units().items():
        config: dict[str, Any] = unit["serviceConfig"]
        assert (config["Type"], config["StateDirectory"], config["DynamicUser"]) == ("notify", f"evcc-ems-{name}", True)
        assert config["WatchdogSec"] == 60
        assert config["LoadCredential"] == [f"mqtt-password:/run/secrets/mqtt-password-{name}"]
