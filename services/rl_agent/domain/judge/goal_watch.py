"""Whether a goal was really missed: seen at the departure, by what is told of goal, car and plan."""

from dataclasses import dataclass
from datetime import datetime

MISSED_PCT = 2.0
"""A car that has less than this below its goal has reached it, in percentage points: readings are whole numbers."""


@dataclass(frozen=True, slots=True)
class WatchedGoal:
    """A goal whose departure is awaited, and the newest that was known of its car."""

    soc_pct: float
    departure: datetime
    has_pct: float | None = None
    """None: its charge is not known."""
    plan_misses: bool = False
    """Whether the plan says of itself that it cannot reach it."""

    def missed(self, now: datetime) -> bool:
        """Whether the departure has passed with the car short of what the plan would have reached."""
        if now < self.departure or self.has_pct is None or self.plan_misses:
            return False
        return self.has_pct < self.soc_pct - MISSED_PCT
