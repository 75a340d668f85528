"""A control shows its value at once, with the default settings: no write waits for the next poll to be looked at."""

import asyncio
import time
from datetime import UTC, datetime
from pathlib import Path

from ems.bus.session import MqttBus
from ems.contract.control import SetLimitSoc, SetMode
from ems.contract.requests import Result
from ems.contract.service import Service
from ems.contract.site import LoadpointMode
from ems.contract.topics import LOADPOINT, SET_LIMIT_SOC, SET_MODE
from ems.house.car import CarSpec
from ems.runtime.clock import SystemClock
from ems.simulator.environment import Conditions, Steady
from ems.simulator.home import SimulatedCar, SimulatedHome
from ems.simulator.server import SimulatedEvcc
from evcc_poller.app import run
from evcc_poller.settings import Settings
from support.brokers import Broker
from support.bus import eventually, session
from support.patience import in_time

SHOWN_S = 1.0
"""Longest time from a click to its value on the bus, but for the worst of the clicks: the machine may be busy."""
CLICKS = (LoadpointMode.NOW, LoadpointMode.OFF, LoadpointMode.MINPV)


async def shown(listener: MqttBus, mode: LoadpointMode, limit: int) -> float:
    """Sets mode and limit; seconds until the loadpoint's fact shows both. This evcc tells of no change by itself."""
    began = time.monotonic()
    for answer in await asyncio.gather(
        listener.request(SET_MODE, SetMode(mode=mode), id="1"),
        listener.request(SET_LIMIT_SOC, SetLimitSoc(limit_soc_pct=limit), id="1"),
    ):
        assert isinstance(answer, Result)
        assert answer.accepted, answer.reason
    facts = listener.watch(LOADPOINT)
    while (seen := facts.get("1")) is None or (seen.mode, seen.limit_soc_pct) != (mode, limit):
        await asyncio.sleep(0.01)
        assert time.monotonic() - began < Settings.model_fields["poll_interval_s"].default, "it waited for the poll"
    return time.monotonic() - began


async def test_a_click_is_shown_within_a_second_with_the_default_settings(tmp_path: Path, broker: Broker) -> None:
    car = SimulatedCar("limo", "Limousine", CarSpec(60, 11), energy_kwh=24, loadpoint="1", parks_at="1")
    home = SimulatedHome(now=datetime.now(UTC), environment=Steady(Conditions(load_w=1000, pv_w=0)), cars={"limo": car})
    async with (
        SimulatedEvcc(home, SystemClock()) as evcc,
        session(broker.settings()) as bus,
        session(broker.settings(), Service.USERS) as listener,
        asyncio.TaskGroup() as tasks,
    ):
        listener.watch(LOADPOINT)
        settings = Settings.model_validate({"state_dir": tmp_path, "evcc": {"url": evcc.url}})
        task = tasks.create_task(run(bus, settings))
        await eventually(lambda: (lp := listener.watch(LOADPOINT).get("1")) and lp.connected, 60)
        taken = sorted([await shown(listener, mode, 60 + number) for number, mode in enumerate(CLICKS)])
        task.cancel()
    assert taken[-2] <= in_time(SHOWN_S)
