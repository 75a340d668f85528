"""docs/getting-started.md, typed as it stands there: files written, checked, and started beside a home."""

import asyncio
import shutil
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from ems.contract.broker import EVCC_ROOT
from ems.demo import day
from ems.runtime.clock import VARIABLE, AcceleratedClock
from ems.runtime.notation import yaml12
from ems.runtime.settings import validated
from ems.simulator.server import SimulatedEvcc
from support.brokers import Broker
from support.doc_blocks import blocks, filled, page, typed
from tariff_planner.settings import Settings as PlannerSettings

PAGE = page("getting-started.md")
FILES = {block.file: block.text for block in blocks(PAGE, "yaml") if block.file and "evcc.yaml" not in block.file}
CHECK, START = (block.text for block in blocks(PAGE, "sh"))
TOLD = ("evcc/ems/site", "evcc/ems/plan", "evcc/ems/proposal/lp/", "evcc/ems/goal/limo")
NO_CLIENT = shutil.which("mosquitto_sub") is None


@asynccontextmanager
async def home(broker: Broker, folder: Path) -> AsyncGenerator[tuple[Mapping[str, str], Mapping[str, str]]]:
    """The files of the page in ``folder``, beside an evcc; the placeholders' values, and the programs' environment."""
    clock = AcceleratedClock(time.time(), day.START.timestamp(), 10)
    async with SimulatedEvcc(day.demo_home(day.START), clock, zone=day.ZONE) as evcc:
        values = {
            "-h broker.example": f"-h 127.0.0.1 -p {broker.port}",
            "broker.example": f"127.0.0.1:{broker.port}",
            "http://evcc.example:7070": evcc.url,
        }
        for name, text in FILES.items():
            (folder / name).write_text(filled(text, values))
        yield values, {VARIABLE: clock.variable()}


def test_the_page_has_the_files_that_its_commands_name() -> None:
    assert sorted(FILES) == ["evcc-poller.yaml", "notifier.yaml", "tariff-planner.yaml"]
    assert all(name in CHECK and name in START for name in FILES)


def test_evcc_gets_the_root_that_is_listened_to() -> None:
    evcc: Any = next(yaml12.load(block.text) for block in blocks(PAGE, "yaml") if "topic:" in block.text)
    assert evcc["mqtt"]["topic"] == EVCC_ROOT


def test_what_the_planner_can_know_besides_are_settings(tmp_path: Path) -> None:
    more: Any = next(yaml12.load(block.text) for block in blocks(PAGE, "yaml") if "swap_hours" in block.text)
    settings = validated(PlannerSettings, {"state_dir": str(tmp_path), **more})
    assert settings.vehicles["mini"].loadpoint == 1


async def test_its_checks_say_that_all_is_well(broker: Broker, tmp_path: Path) -> None:
    async with home(broker, tmp_path) as (values, environment):
        done = await asyncio.to_thread(typed, filled(CHECK, values), tmp_path, environment=environment)
        assert done.status == 0, done.output
        assert done.output.count("ok       broker") == 3
        assert "ok       evcc: evcc 0.3" in done.output
        assert "PROBLEM" not in done.output
        all_at_once = await asyncio.to_thread(typed, "ems check .", tmp_path, environment=environment)
        assert all_at_once.status == 0, all_at_once.output


def all_is_told(said: str) -> bool:
    return all(f"\n{topic}" in said for topic in TOLD)


@pytest.mark.skipif(NO_CLIENT, reason="NO MOSQUITTO_SUB HERE: this test types it (Debian's mosquitto-clients)")
async def test_what_it_starts_plans_and_tells(broker: Broker, tmp_path: Path) -> None:
    async with home(broker, tmp_path) as (values, environment):
        lines = filled(START, values)
        seen = await asyncio.to_thread(typed, lines, tmp_path, environment=environment, until=all_is_told)
    assert seen.status is None, f"it ended by itself: {seen.output}"
    assert all_is_told(seen.output), seen.output[:3000]
    assert (tmp_path / "state" / "evcc-poller").is_dir()
