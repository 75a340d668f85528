"""A reading: what one source reports of one car at one time."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

MAX_SKEW = timedelta(minutes=5)
"""How far a car's clock may be ahead of ours; a time further ahead is no time."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a source reported at ``asked_at``; every other field may be unknown."""

    source: str
    asked_at: datetime
    soc_pct: float | None = None
    measured_at: datetime | None = None
    """By the car, not when we asked; None when the car sent no time."""
    range_km: float | None = None
    plugged_in: bool | None = None
    charging: bool | None = None
    aux_battery_pct: float | None = None
    """The 12 V battery, which a forced refresh drains."""
    known_since: datetime | None = None
    """When this very SoC was first seen: the only hint of its age when the car sends no time."""
    pushed: bool = False
    """The source speaks by itself and names no time: ``measured_at`` is when a message was heard, if it was news."""
    impossible_pct: float | None = None
    """What the source sent as the SoC, where no battery has that."""
    zoneless: bool = False
    """The source sent a time, but of no zone that anybody knows."""

    @property
    def moment(self) -> datetime:
        """The best guess of when the SoC was so, to put readings in order."""
        return self.measured_at or self.known_since or self.asked_at

    @property
    def dated(self) -> bool:
        """Whether the car itself says when it measured."""
        return self.measured_at is not None and not self.pushed


def from_the_future(reading: Reading) -> bool:
    """Whether its time cannot be: no clock is that far ahead."""
    return reading.measured_at is not None and reading.measured_at > reading.asked_at + MAX_SKEW


def sane(reading: Reading) -> Reading:
    """``reading`` without what cannot be: a SoC or charge outside 0 to 100, a range below 0, a time in the future."""
    measured = reading.measured_at
    if measured is not None:
        measured = None if from_the_future(reading) else min(measured, reading.asked_at)
    soc_pct = _within(reading.soc_pct)
    return replace(
        reading,
        soc_pct=soc_pct,
        impossible_pct=reading.soc_pct if soc_pct is None and reading.soc_pct is not None else reading.impossible_pct,
        measured_at=measured,
        range_km=reading.range_km if reading.range_km is not None and reading.range_km >= 0 else None,
        aux_battery_pct=_within(reading.aux_battery_pct),
    )


def following(before: Reading | None, new: Reading) -> Reading:
    """``new`` as it follows ``before`` from the same source: an unchanged SoC without a time is as old as it was."""
    new = sane(new)
    if new.soc_pct is None:
        return new
    if before is None or before.soc_pct != new.soc_pct:
        return replace(new, known_since=new.asked_at)
    known_since = before.known_since or before.asked_at
    if new.measured_at is not None:
        return replace(new, known_since=known_since)
    return replace(new, known_since=known_since, measured_at=before.measured_at, pushed=before.pushed)


def _within(percent: float | None) -> float | None:
    return percent if percent is not None and 0 <= percent <= 100 else None
