"""Whether a reading can be true: what cannot is held back until something else says the same."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from ems.i18n.kept import by_kind
from vehicle_soc.domain.readings import Reading, from_the_future, sane
from vehicle_soc.domain.soc_estimate import SIGMAS, Estimate
from vehicle_soc.domain.stay import Stay
from vehicle_soc.domain.wording.doubts import (
    IMPLAUSIBLE,
    AgainstCable,
    AgainstRange,
    FromFuture,
    Implausible,
    Jump,
    NoPercentage,
    OutOfNothing,
)

JUMP_PCT = 10.0
"""Change of SoC, in %, that needs no reason."""
DRIVE_PCT_PER_MIN = 1.5
"""Fastest fall of a car on the road, in % per minute."""
FAST_CHARGE_PCT_PER_MIN = 4.0
"""Fastest rise at a fast charger, in % per minute."""
NEARLY_EMPTY_PCT, NEARLY_FULL_PCT = 10.0, 90.0
"""From where on a car may well be empty, or full, at the next look."""
EMPTY_KM = 20.0
"""Range, in km, that an empty car does not have."""
RANGE_RATIO = 1.8
"""By what factor the range of a full battery changes at most, with weather and driving, between two readings."""
MIN_KM_PER_KWH = 1.5
"""Range of a kWh, in km, below which the range belongs to another SoC."""
MIN_FULL_KM = 60.0
"""Range of a full car, in km, below which it is doubted where nobody knows its capacity."""
RANGE_FROM_PCT = 10.0
"""SoC, in %, below which a range tells too little."""
AGREES_PCT = 3.0
"""How near two readings are that agree, in %."""
SAME_RECORD_AFTER = timedelta(hours=1)
"""After this time of the same record a cloud is believed, if less is counted on then: its car may sleep for days."""
APART = timedelta(seconds=30)
"""Shortest time between two readings that are two: what is sent twice within moments comes from one glitch."""


@dataclass(frozen=True, slots=True)
class HeldReading:
    """A reading that is not believed yet, and why."""

    reading: Reading
    why: Annotated[Implausible, *by_kind(*IMPLAUSIBLE)]
    since: datetime
    times: int = 1
    """How many such readings came in a row."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What is known of the car when a reading comes in."""

    best: Estimate
    """How full it should be by now."""
    last: Reading | None
    """The newest reading with a SoC, of whatever source."""
    same_source: Reading | None
    stay: Stay
    capacity_kwh: float | None
    charged_kwh: float = 0.0
    """What went in at home since ``last``."""


def judged(reading: Reading, expected: Expected, held: HeldReading | None) -> HeldReading | None:
    """None if the reading can be believed; else how it is held back."""
    why = doubt(reading, expected)
    if why is None or (held is not None and _agrees(reading, held, expected)):
        return None
    if held is None:
        return HeldReading(reading, why, reading.asked_at)
    # Of those that say the same the first one waits, so that a source that speaks every second is heard in the end.
    waiting = held.reading if same_soc(reading, held.reading) else reading
    return HeldReading(waiting, why, held.since, held.times + 1)


def doubt(reading: Reading, expected: Expected) -> Implausible | None:
    """Why a reading cannot be true by itself; None if it can."""
    checked = sane(reading)
    if checked.impossible_pct is not None:
        return NoPercentage(reading.source, checked.impossible_pct)
    if reading.soc_pct is None:
        return None
    if from_the_future(reading) and reading.measured_at is not None:
        ahead_min = (reading.measured_at - reading.asked_at) / timedelta(minutes=1)
        return FromFuture(reading.source, reading.soc_pct, ahead_min)
    return _against_range(checked, expected) or _end_of_scale(checked, expected) or _jump(checked, expected)


def _against_range(reading: Reading, expected: Expected) -> Implausible | None:
    soc, range_km = reading.soc_pct or 0.0, reading.range_km
    if range_km is None:
        return None
    if soc < RANGE_FROM_PCT:
        return AgainstRange(reading.source, soc, range_km) if soc == 0 and range_km >= EMPTY_KM else None
    full_km = range_km / soc * 100
    before = expected.same_source
    if before is not None and before.soc_pct is not None and before.range_km and before.soc_pct >= RANGE_FROM_PCT:
        ratio = full_km / (before.range_km / before.soc_pct * 100)
        wrong = not 1 / RANGE_RATIO <= ratio <= RANGE_RATIO and abs(soc - before.soc_pct) >= JUMP_PCT
    elif expected.capacity_kwh is not None:
        wrong = full_km < MIN_KM_PER_KWH * expected.capacity_kwh
    else:
        wrong = full_km < MIN_FULL_KM
    return AgainstRange(reading.source, soc, range_km) if wrong else None


def _end_of_scale(reading: Reading, expected: Expected) -> Implausible | None:
    """Exactly 0 or 100 % is what broken systems say; a car comes there step by step, or on a cable."""
    soc, last = reading.soc_pct or 0.0, expected.last
    if soc == 0 and (last is None or last.soc_pct is None or last.soc_pct > NEARLY_EMPTY_PCT):
        return OutOfNothing(reading.source, soc, last.soc_pct if last else None)
    if soc == 100 and last is not None and last.soc_pct is not None and last.soc_pct < NEARLY_FULL_PCT:
        best = expected.best.soc_pct
        explained = best is not None and best >= NEARLY_FULL_PCT
        unmeasured = expected.capacity_kwh is None and expected.charged_kwh > 0
        cable = expected.stay.plugged_at is None and bool(reading.plugged_in or reading.charging)
        if not (explained or unmeasured or (cable and _rise_fits(reading, last))):
            return OutOfNothing(reading.source, soc, last.soc_pct)
    return None


def _jump(reading: Reading, expected: Expected) -> Implausible | None:
    soc, last, best = reading.soc_pct or 0.0, expected.last, expected.best
    if last is None or last.soc_pct is None or best.soc_pct is None or reading.moment <= last.moment:
        return None
    if expected.stay.plugged_at is not None and expected.stay.plugged_at <= last.moment:
        room = JUMP_PCT + SIGMAS * (best.uncertainty_pct or 0.0)
        unmeasured = expected.capacity_kwh is None and expected.charged_kwh > 0
        wrong = soc < (last.soc_pct if unmeasured else best.soc_pct) - room
        wrong = wrong or (not unmeasured and soc > best.soc_pct + room)
        return AgainstCable(reading.source, soc, best.soc_pct) if wrong else None
    minutes = (reading.moment - last.moment) / timedelta(minutes=1)
    falls = soc < last.soc_pct - JUMP_PCT - DRIVE_PCT_PER_MIN * minutes
    if falls or not _rise_fits(reading, last):
        return Jump(reading.source, soc, last.soc_pct, minutes)
    return None


def _rise_fits(reading: Reading, last: Reading) -> bool:
    minutes = max(0.0, (reading.moment - last.moment) / timedelta(minutes=1))
    return (reading.soc_pct or 0.0) <= (last.soc_pct or 0.0) + JUMP_PCT + FAST_CHARGE_PCT_PER_MIN * minutes


def _agrees(reading: Reading, held: HeldReading, expected: Expected) -> bool:
    """Whether ``reading`` is a second one that says the same as the one held back."""
    if not same_soc(reading, held.reading):
        return False
    new, old = sane(reading), sane(held.reading)
    if new.measured_at is None or old.measured_at is None:
        return new.asked_at - old.asked_at >= APART
    if new.measured_at != old.measured_at:
        return new.measured_at - old.measured_at >= APART
    lowers = expected.best.soc_pct is None or (new.soc_pct or 0.0) <= expected.best.soc_pct
    return lowers and new.asked_at - held.since >= SAME_RECORD_AFTER


def same_soc(reading: Reading, other: Reading) -> bool:
    """Whether two readings say the same, if it is something that a battery can have."""
    soc, before = sane(reading).soc_pct, sane(other).soc_pct
    return soc is not None and before is not None and abs(soc - before) <= AGREES_PCT
