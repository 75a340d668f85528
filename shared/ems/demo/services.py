"""The services of the demo: their settings files, and their processes."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ems.demo.day import ZONE
from ems.demo.pace import Pace
from ems.demo.processes import ServiceProcess
from ems.runtime.clock import VARIABLE
from ems.runtime.paced_clock import PacedClock
from ems.simulator.home import SimulatedCar
from ems.simulator.settings_store import StoredPlan

SERVICES = ("evcc_poller", "notifier", "tariff_planner")
"""What the demo runs, by import name."""


def write_settings(
    folder: Path,
    port: int,
    evcc_url: str,
    pace: Pace,
    language: str,
    cars: Mapping[str, SimulatedCar],
    goals: Mapping[str, StoredPlan],
) -> dict[str, Path]:
    """Writes a settings file for each service below ``folder``; by import name."""
    own: Mapping[str, dict[str, Any]] = {
        "evcc_poller": {
            "evcc": {"url": evcc_url, "timeout_s": 5},
            "poll_interval_s": 30,
            "control": {
                "refresh_s": 30,
                "tick_s": 10,
                "stale_s": pace.stale_s,
                "offline_grace_s": pace.grace_s,
                "startup_grace_s": pace.grace_s,
            },
        },
        # Nobody drives: the weekly goals are there without anybody, and nobody is asked.
        "notifier": {
            "weekly_goals": {
                name: [{"soc_pct": goal.value, "by": f"{goal.time.astimezone(ZONE):%H:%M}"}]
                for name, goal in goals.items()
            },
        },
        "tariff_planner": {
            "vehicles": {name: {"max_kw": car.spec.max_kw} for name, car in cars.items()},
            "site_stale_s": pace.planner_stale_s,
        },
    }
    files = {}
    for name in SERVICES:
        state = folder / name
        state.mkdir()
        common = {
            "mqtt": {"host": "127.0.0.1", "port": port},
            "timezone": ZONE.key,
            "language": language,
            "state_dir": str(state),
        }
        files[name] = folder / f"{name}.json"
        files[name].write_text(json.dumps({**common, **own[name]}, indent=1), encoding="utf-8")
    return files


async def start_services(folder: Path, files: Mapping[str, Path], clock: PacedClock) -> list[ServiceProcess]:
    """Starts every service with its file, on the shared clock."""
    environment = {VARIABLE: str(clock.file)}
    return [
        await ServiceProcess.start(name, ("--config", str(path)), folder, environment) for name, path in files.items()
    ]
