"""The view, again and again: live on a terminal, line by line elsewhere."""

import asyncio
import sys
from collections.abc import Callable
from datetime import datetime

from rich.console import Console
from rich.live import Live

from ems.demo.terminal.bus_snapshot import BusWatcher
from ems.demo.terminal.view import TerminalView
from ems.house.slots import floor_to
from ems.runtime.clock import Clock

FRAMES_PER_S = 4
"""Screens, or checks for another line, in a real second."""


async def display(
    view: TerminalView, watcher: BusWatcher, clock: Clock, *, plain: bool, extra: Callable[[], str] = lambda: ""
) -> None:
    """Shows what ``watcher`` sees until cancelled; ``extra`` stands in the live view's head and at a line's end."""
    if plain or not sys.stdout.isatty():
        await _lines(view, watcher, clock, extra)
    else:
        await _live(view, watcher, clock, extra)


async def _live(view: TerminalView, watcher: BusWatcher, clock: Clock, extra: Callable[[], str]) -> None:
    with Live(console=Console(), auto_refresh=False, screen=False, vertical_overflow="crop") as live:
        while True:
            live.update(view.screen(watcher.snapshot(), clock.now(), extra()), refresh=True)
            await asyncio.sleep(1 / FRAMES_PER_S)


async def _lines(view: TerminalView, watcher: BusWatcher, clock: Clock, extra: Callable[[], str]) -> None:
    """A line a quarter of an hour, and the plan and both proposals whenever there are others."""
    printed_at: datetime | None = None
    plan, proposals = "", list[str]()
    while True:
        now, snapshot = clock.now(), watcher.snapshot()
        if snapshot.site is not None and floor_to(now, 15) != printed_at:
            printed_at = floor_to(now, 15)
            print_line(" | ".join(filter(None, (view.line(snapshot, now), extra()))))
        if snapshot.plan is not None and view.summary(snapshot) != plan:
            plan = view.summary(snapshot)
            print_line(plan)
        if view.proposals(snapshot) != proposals:
            proposals = view.proposals(snapshot)
            print_line("\n".join(proposals))
        await asyncio.sleep(1 / FRAMES_PER_S)


def print_line(text: str) -> None:
    """Prints at once, also into a pipe."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
