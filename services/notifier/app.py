"""The shell: wires the desk to the bus and to Telegram."""

import asyncio
from datetime import timedelta

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
from notifier.telegram.poller import talk

LOOK_AGAIN_S = 20
"""Goals end, questions expire and silences are over at moments that no message announces."""


async def run(bus: Bus, settings: Settings) -> None:
    """Keeps goals and questions on the bus until cancelled."""
    loaded = load(settings)
    with MemoryDb(settings.state_dir / "notifier.db") as store:
        desk = NotifierState(bus, store, loaded.people, loaded.week)
        asker = Prompter(desk, _thresholds(settings.asking))
        answers = AnswerHandler(desk, asker)
        BusCommands(desk, answers, usual_soc_pct=settings.asking.up_to_soc_pct).answer_on_bus()
        bus.on_event(EVENT, lambda event, _: asker.hear(event))
        desk.tell()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(_follow(bus, desk, asker))
            tasks.create_task(_look_again(bus, desk, asker))
            if loaded.token is not None:
                tasks.create_task(talk(desk, asker, answers, loaded.token, settings))


def _thresholds(asking: AskingSettings) -> Thresholds:
    return Thresholds(
        least_kwh=asking.least_kwh,
        up_to_soc_pct=asking.up_to_soc_pct,
        cooldown=timedelta(minutes=asking.cooldown_minutes),
        ahead=timedelta(minutes=asking.ahead_minutes),
    )


async def _follow(bus: Bus, desk: NotifierState, asker: Prompter) -> None:
    async for _ in bus.changes(*FOLLOWED):
        desk.tidy()
        asker.look()


async def _look_again(bus: Bus, desk: NotifierState, asker: Prompter) -> None:
    while True:
        await bus.clock.sleep(LOOK_AGAIN_S)
        desk.tidy()
        asker.look()
