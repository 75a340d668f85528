"""Whether a car may be woken for a fresh reading: that costs its 12 V battery, so mostly it may not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from vehicle_soc.domain.readings import Reading

DAY = timedelta(days=1)
"""Span in which wake-ups are counted."""


@dataclass(frozen=True, slots=True)
class WakePolicy:
    """How often a car may be woken; never by default."""

    per_day: int = 0
    min_aux_battery_pct: float = 80.0
    min_age_s: float = 4 * 3600.0
    """A reading younger than this needs no waking."""


def may_wake(policy: WakePolicy, last: Reading | None, forced: Sequence[datetime], now: datetime) -> bool:
    """Whether to wake the car: allowed, plugged in, its 12 V battery known to be well, its reading old, rarely."""
    if last is None or sum(1 for at in forced if now - at < DAY) >= policy.per_day:
        return False
    well = last.aux_battery_pct is not None and last.aux_battery_pct >= policy.min_aux_battery_pct
    old = last.measured_at is None or (now - last.measured_at).total_seconds() >= policy.min_age_s
    return last.plugged_in is True and well and old
