"""Slows the demo's clock down while a service falls behind: a slow machine makes the day longer, not the plan worse."""

import asyncio
import time
from datetime import datetime, timedelta

from ems.contract.message import Text
from ems.demo.pace import Pace
from ems.demo.terminal.bus_snapshot import BusSnapshot, BusWatcher
from ems.house.slots import floor_to
from ems.runtime.paced_clock import PacedClock

SLOT_MIN = 15
"""Length of the planner's slots, in minutes; each begins with a new plan and new proposals."""
LATE_PLAN = timedelta(minutes=4)
"""How far into a slot the last one's plan, and proposals, may be carried on."""
MAX_SLOW_S = 30.0
"""Longest stretch of slow time, in real seconds; who is behind still is broken, and the day goes on without it."""
LOOK_S = 0.05
"""Time between two looks, in real seconds."""
WORTH_TELLING_S = 2.0
"""Sum of slow stretches from which on people are told, in real seconds."""


class Pacer:
    """Lets a clock run at full speed only while the services keep up with it."""

    def __init__(self, clock: PacedClock, pace: Pace, watcher: BusWatcher) -> None:
        self._clock, self._pace, self._watcher = clock, pace, watcher
        self._started = self._gave_up = False
        self._slow_since_s: float | None = None
        self._slow_s = 0.0

    async def run(self) -> None:
        """Looks until cancelled. The clock is slow until the first plan is there."""
        while True:
            self._step(is_behind(self._watcher.snapshot(), self._clock.now(), self._pace))
            await asyncio.sleep(LOOK_S)

    def notice(self) -> Text | None:
        """For how long the clock was slow after the start; None where that is nothing to speak of."""
        seconds = self._slow_s + (time.monotonic() - self._slow_since_s if self._slow_since_s is not None else 0)
        if seconds < WORTH_TELLING_S:
            return None
        return Text(
            en=f"The clock ran slowly for {seconds:.0f} s, until the services had caught up.",
            de=f"Die Uhr lief {seconds:.0f} s lang langsam, bis die Dienste nachgekommen waren.",
        )

    def _step(self, behind: bool) -> None:
        if not self._started:
            if not behind:
                self._started = True
                self._clock.speed_up()
        elif not behind:
            self._gave_up = False
            self._run_fast()
        elif self._slow_since_s is None and not self._gave_up:
            self._slow_since_s = time.monotonic()
            self._clock.slow_down()
        elif self._slow_since_s is not None and time.monotonic() - self._slow_since_s > MAX_SLOW_S:
            self._gave_up = True
            self._run_fast()

    def _run_fast(self) -> None:
        if self._slow_since_s is not None:
            self._slow_s += time.monotonic() - self._slow_since_s
            self._slow_since_s = None
            self._clock.speed_up()


def is_behind(snapshot: BusSnapshot, now: datetime, pace: Pace) -> bool:
    """Whether evcc's facts, the plan or the learner's proposals are older than services that keep up let them become.

    A learner that wants nothing is not waited for: it may not know enough yet.
    """
    if snapshot.site is None or snapshot.plan is None:
        return True
    seen, slot = snapshot.site.evcc.last_contact, floor_to(now, SLOT_MIN)
    late_facts = seen is not None and now - seen > timedelta(seconds=pace.stale_s / 2)
    decided = min([snapshot.plan.at, *(proposal.at for proposal in snapshot.learner_proposals)])
    return late_facts or (decided < slot and now - slot > LATE_PLAN)
