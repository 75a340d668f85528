"""Shows a view again and again: live on a terminal, line by line elsewhere."""

import asyncio
import sys
from collections.abc import Callable
from datetime import datetime

from rich.console import Console
from rich.live import Live

from ems.demo.bus_snapshot import Eyes
from ems.demo.view import TerminalView
from ems.house.slots import floor_to
from ems.runtime.clock import Clock

FRAMES_PER_S = 4
"""Of the real clock."""


async def show(
    view: TerminalView, eyes: Eyes, clock: Clock, *, plain: bool, extra: Callable[[], str] = lambda: ""
) -> None:
    """Until cancelled."""
    if plain or not sys.stdout.isatty():
        await _lines(view, eyes, clock)
    else:
        await _live(view, eyes, clock, extra)


async def _live(view: TerminalView, eyes: Eyes, clock: Clock, extra: Callable[[], str]) -> None:
    with Live(console=Console(), auto_refresh=False, screen=False, vertical_overflow="crop") as live:
        while True:
            live.update(view.screen(eyes.look(), clock.now(), extra()), refresh=True)
            await asyncio.sleep(1 / FRAMES_PER_S)


async def _lines(view: TerminalView, eyes: Eyes, clock: Clock) -> None:
    """A line a quarter of an hour, and the plan whenever there is another one."""
    said_at: datetime | None = None
    plan = ""
    while True:
        now, seen = clock.now(), eyes.look()
        if seen.site is not None and floor_to(now, 15) != said_at:
            said_at = floor_to(now, 15)
            say(view.line(seen, now))
        if seen.plan is not None and view.summary(seen) != plan:
            plan = view.summary(seen)
            say(plan)
        await asyncio.sleep(1 / FRAMES_PER_S)


def say(text: str) -> None:
    """Prints at once, also into a pipe."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
