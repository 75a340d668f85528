"""Wires the state to the bus and to Telegram."""

import asyncio
from datetime import timedelta
from functools import partial

import structlog

from ems.bus.api import Bus
from ems.contract.topics import EVENT
from notifier.adapters.memory_db import MemoryDb
from notifier.answer_handler import AnswerHandler
from notifier.bus_commands import BusCommands
from notifier.bus_view import FOLLOWED
from notifier.config_loader import load
from notifier.domain.triggers import Thresholds
from notifier.prompter import Prompter
from notifier.settings import AskingSettings, Settings
from notifier.state import NotifierState

_log = structlog.get_logger(__name__)

CHECK_INTERVAL_S = 20
"""Seconds between two checks: goals end, questions expire and silences are over without a message on the bus."""


async def run(bus: Bus, settings: Settings) -> None:
    """Keeps goals and questions on the bus until cancelled."""
    loaded = load(settings)
    for note in loaded.notes:
        _log.warning("understood otherwise", what=note)
    said = partial(bus.health.file_set_aside, "notifier")
    with MemoryDb.open(settings.state_dir / "notifier.db", said) as db:
        state = NotifierState(bus, db, loaded.people, loaded.week)
        prompter = Prompter(state, _thresholds(settings.asking))
        answer_handler = AnswerHandler(state, prompter)
        BusCommands(state, answer_handler, usual_soc_pct=settings.asking.up_to_soc_pct).answer_on_bus()
        bus.on_event(EVENT, lambda event, _: prompter.handle_event(event))
        state.publish()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(_check_on_changes(bus, state, prompter))
            tasks.create_task(_check_repeatedly(bus, state, prompter))
            if loaded.token is not None:
                from notifier.telegram.poller import run_bot  # noqa: PLC0415  8 MB: only who has a bot pays for it

                tasks.create_task(run_bot(state, prompter, answer_handler, loaded.token, settings))


def _thresholds(asking: AskingSettings) -> Thresholds:
    return Thresholds(
        least_kwh=asking.least_kwh,
        up_to_soc_pct=asking.up_to_soc_pct,
        cooldown=timedelta(minutes=asking.cooldown_minutes),
        ahead=timedelta(minutes=asking.ahead_minutes),
    )


async def _check_on_changes(bus: Bus, state: NotifierState, prompter: Prompter) -> None:
    async for _ in bus.changes(*FOLLOWED):
        state.tidy()
        prompter.check()


async def _check_repeatedly(bus: Bus, state: NotifierState, prompter: Prompter) -> None:
    while True:
        await bus.clock.sleep(CHECK_INTERVAL_S)
        state.tidy()
        prompter.check()
