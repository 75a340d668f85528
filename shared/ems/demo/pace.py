"""How the suite is set for a clock that runs fast.

Services wait by the accelerated clock, but networks, processors and the operating system stay as slow as they are: at
288 times, evcc's minute of lease is 0.2 s. What allows for such delays is therefore stretched to what it is worth in
real time; what belongs to the home (slots, control cycles, dwell times) stays as it is.
"""

from dataclasses import dataclass
from datetime import timedelta

WARM_UP = timedelta(minutes=5)
"""The home's time before the day that is accounted for: services start in it, and the first plan is carried out."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Durations in seconds of the accelerated clock."""

    speed: float

    def at_least(self, seconds: float, real_s: float) -> float:
        """``seconds``, or what ``real_s`` real seconds are by the fast clock if that is longer."""
        return max(seconds, real_s * self.speed)

    @property
    def lease_s(self) -> float:
        """How long the simulated evcc lets an external battery mode stand: a minute, as evcc does, or two real seconds.

        The gateway refreshes it every 20 to 30 s of the clock all the same, so the trap that the lease is stays real:
        when the gateway dies, the battery is back to normal two real seconds later.
        """
        return self.at_least(60, real_s=2)

    @property
    def stale_s(self) -> float:
        """The age from which on evcc's state is not acted upon: a late poll of 1.5 real seconds is not yet one."""
        return self.at_least(60, real_s=1.5)

    @property
    def planner_stale_s(self) -> float:
        """The age from which on evcc's facts are not planned with."""
        return self.at_least(120, real_s=3)

    @property
    def grace_s(self) -> float:
        """How long a planner may be away, and may take to start."""
        return self.at_least(60, real_s=10)
