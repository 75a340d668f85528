"""The shell: wires the desk to the bus and to Telegram."""

import asyncio

from ems.runtime.bus import Bus
from notifier.adapters.store import Store
from notifier.commands import Commands
from notifier.desk import Desk
from notifier.loading import load
from notifier.settings import Settings
from notifier.view import FOLLOWED

LOOK_AGAIN_S = 20
"""Goals end, questions expire and silences are over at moments that no message announces."""


async def run(bus: Bus, settings: Settings) -> None:
    """Keeps goals and questions on the bus until cancelled."""
    loaded = load(settings)
    with Store(settings.state_dir / "notifier.db") as store:
        desk = Desk(bus, store, loaded.people, loaded.week)
        Commands(desk).answer_on_bus()
        desk.tell()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(_follow(bus, desk))
            tasks.create_task(_look_again(bus, desk))


async def _follow(bus: Bus, desk: Desk) -> None:
    async for _ in bus.changes(*FOLLOWED):
        desk.tidy()


async def _look_again(bus: Bus, desk: Desk) -> None:
    while True:
        desk.tidy()
        await bus.clock.sleep(LOOK_AGAIN_S)
