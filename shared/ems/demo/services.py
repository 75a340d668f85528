"""The services of the demo: their settings files, and their processes."""

import json
import tarfile
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from ems.demo.day import START, ZONE
from ems.demo.pace import Pace
from ems.demo.processes import ServiceProcess
from ems.runtime.clock import VARIABLE
from ems.runtime.paced_clock import PacedClock
from ems.simulator.home import SimulatedCar
from ems.simulator.settings_store import StoredPlan

SERVICES = ("evcc_poller", "notifier", "tariff_planner", "rl_agent")
"""What the demo runs, by import name."""
LEARNT = files("ems.demo").joinpath("data/learnt.tar.gz")
"""What rl-agent has learnt in the home before the day, and how it was judged: an archive of ``rl-agent export``."""


def write_settings(
    folder: Path,
    port: int,
    evcc_url: str,
    pace: Pace,
    language: str,
    cars: Mapping[str, SimulatedCar],
    goals: Mapping[str, StoredPlan],
) -> dict[str, Path]:
    """Writes each service's settings file below ``folder``, and what rl-agent has learnt; the files by import name."""
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
        # It learnt when the day began, and does so again when it is over.
        "rl_agent": {"train_at": f"{START.astimezone(ZONE):%H:%M}", "site_stale_s": pace.planner_stale_s},
    }
    written = {}
    for name in SERVICES:
        state = folder / name
        state.mkdir()
        common = {
            "mqtt": {"host": "127.0.0.1", "port": port},
            "timezone": ZONE.key,
            "language": language,
            "state_dir": str(state),
        }
        written[name] = folder / f"{name}.json"
        written[name].write_text(json.dumps({**common, **own[name]}, indent=1), encoding="utf-8")
    with LEARNT.open("rb") as archive, tarfile.open(fileobj=archive, mode="r:gz") as learnt:
        learnt.extractall(folder / "rl_agent", filter="data")
    return written


async def start_services(folder: Path, settings: Mapping[str, Path], clock: PacedClock) -> list[ServiceProcess]:
    """Starts every service with its file, on the shared clock."""
    environment = {VARIABLE: str(clock.file)}
    return [
        await ServiceProcess.start(name, ("--config", str(path)), folder, environment)
        for name, path in settings.items()
    ]
