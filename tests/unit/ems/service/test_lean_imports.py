"""What a running service does not need is not imported with it: a house's machine has each megabyte five times."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = ("rich", "aiohttp", "numpy", "pulp", "pyarrow", "joblib", "influxdb_client", "renault_api", "html")
SAY = """
import json, sys
import {module}.__main__
print(json.dumps([name for name in sys.modules]))
"""
NEEDED = {
    "evcc_poller": {"aiohttp"},
    "notifier": set(),
    "rl_agent": {"numpy"},
    "tariff_planner": {"numpy", "pulp"},
    "vehicle_soc": set(),
}


@pytest.mark.parametrize("module", NEEDED)
def test_a_service_imports_what_it_needs_alone(module: str, tmp_path: Path) -> None:
    said = subprocess.run(
        [sys.executable, "-c", SAY.format(module=module)], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    names = json.loads(said.stdout)
    assert {name for name in HEAVY if name in names} == NEEDED[module]
    assert not [name for name in names if name.startswith(f"{module}.commands.")]


def test_rich_is_there_for_who_wants_it_after_a_service_was_imported() -> None:
    pytest.importorskip("rich")
    said = subprocess.run(
        [sys.executable, "-c", "import ems.service, structlog, rich.console; print(structlog.dev.ConsoleRenderer())"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 0, said.stderr
