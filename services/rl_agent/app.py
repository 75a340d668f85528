"""The learner's shell: decides with every slot, looks after what people choose, learns at night."""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Never

from ems.bus.api import Bus
from ems.contract.topics import CONTROL, SITE
from ems.service.check import Probe
from rl_agent.adapters import smartload_files
from rl_agent.adapters.agent_db import AgentDb
from rl_agent.adapters.influx_history import InfluxHistory
from rl_agent.agent import Agent
from rl_agent.learners import LEARNERS
from rl_agent.settings import Settings

FIRST_FACTS_TIMEOUT_S = 30
"""Longest wait for evcc's facts after the start, in seconds."""


async def run(bus: Bus, settings: Settings) -> None:
    """Learns and proposes until it is cancelled."""
    said: list[str] = []
    with AgentDb.open(settings.state_dir, said.append) as db:
        agent = Agent(bus, settings, db)
        for words in (*said, *smartload_files.found_in(settings.state_dir)):
            agent.nightly.say(words)
        await serve(bus, agent)


async def serve(bus: Bus, agent: Agent) -> None:
    """Runs ``agent``'s loops until cancelled."""
    with suppress(TimeoutError):
        async with bus.clock.timeout(FIRST_FACTS_TIMEOUT_S):
            await _first(bus)
    # What was measured is known from then on: whether it is time to learn, too.
    await agent.decide()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(_decide(bus, agent))
        tasks.create_task(_obey(bus, agent))
        tasks.create_task(_learn(bus, agent))


async def _first(bus: Bus) -> None:
    async for _ in bus.changes(SITE):
        return


async def _decide(bus: Bus, agent: Agent) -> Never:
    while True:
        await bus.clock.sleep(agent.wait_s())
        await agent.decide()


async def _obey(bus: Bus, agent: Agent) -> None:
    """Says at once who steers when a person chose: the gateway keeps the choice, and tells it in ``control``."""
    async for _ in bus.changes(CONTROL):
        agent.obey()


async def _learn(bus: Bus, agent: Agent) -> Never:
    while True:
        await agent.learn_when_due()
        await bus.clock.sleep(agent.look_s)


def describe(settings: Settings) -> Iterable[str]:
    """What the service would do, a line each."""
    yield f"a proposal every {settings.decision_interval_s / 60:g} min; learns every night at {settings.train_at:%H:%M}"
    yield f"learns from up to {settings.history_days} days, once {settings.first_training_days} are measured"
    if settings.influx:
        InfluxHistory(settings.influx)
        yield f"reads older history from {settings.influx.place()}"
    yield f"learners: {', '.join(learner.name for learner in LEARNERS) or 'none'}"
    battery, car, gate = settings.battery, settings.car, settings.gate
    size = f"{battery.capacity_kwh:g} kWh" if battery.capacity_kwh else "as large as evcc says"
    yield f"battery: {size}, charges {battery.charge_kw:g} kW, gives {battery.discharge_kw:g} kW"
    if car is not None:
        yield f"car: {car.vehicle} at loadpoint-{car.loadpoint}, up to {car.max_kw:g} kW"
    yield f"a learner steers once the evidence for it is {1 / gate.promote_alpha:g}; a person's choice outranks that"
    yield from smartload_files.found_in(settings.state_dir)


def probes(settings: Settings) -> list[Probe]:
    """Whether InfluxDB tells its history, for ``--check``."""
    influx = settings.influx
    if influx is None:
        return []
    return [Probe(f"InfluxDB {influx.url}", lambda: InfluxHistory(influx).check(datetime.now(UTC)))]
