"""Whether a car may be woken for a fresh reading: that costs its 12 V battery, so mostly it may not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from vehicle_soc.domain.readings import Reading

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Forcing:
    """How often a car may be woken; never by default."""

    per_day: int = 0
    least_aux_battery_pct: float = 80.0
    oldest_s: float = 4 * 3600.0
    """A reading younger than this needs no waking."""


def may_force(forcing: Forcing, last: Reading | None, forced: Sequence[datetime], now: datetime) -> bool:
    """Whether to wake the car: allowed, plugged in, its 12 V battery known to be well, its reading old, rarely."""
    if last is None or sum(1 for at in forced if now - at < DAY) >= forcing.per_day:
        return False
    well = last.aux_battery_pct is not None and last.aux_battery_pct >= forcing.least_aux_battery_pct
    old = last.measured_at is None or (now - last.measured_at).total_seconds() >= forcing.oldest_s
    return last.plugged_in is True and well and old
