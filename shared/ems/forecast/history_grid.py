"""What was measured, on a regular grid: the ground that every forecast stands on.

Powers in kW. NaN stands for "not measured"; nothing is filled in.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from ems.contract.requests import HistoryRow
from ems.house.slots import floor_to

type Floats = NDArray[np.float64]
type Ints = NDArray[np.int64]
type Bools = NDArray[np.bool_]

AHEAD_DAYS = 8
"""How far beyond the past the calendar reaches: no horizon is longer."""
_DAY_S = 24 * 60 * 60
_FIRST_WEEKDAY = 3
"""1970-01-01 was a Thursday (Monday is 0)."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A row of the history with only what the forecasts look at: months of them are kept in memory. Units as there."""

    start: datetime
    seconds: float
    coverage_s: float
    home_w: float | None
    pv_w: float | None
    pv_forecast_w: float | None
    import_eur_per_kwh: float | None
    grid_w: float | None = None
    export_eur_per_kwh: float | None = None

    @classmethod
    def of(cls, row: HistoryRow) -> "Measured":
        """The part of ``row`` that is kept."""
        return cls(
            row.start,
            row.seconds,
            row.coverage_s,
            row.home_w,
            row.pv_w,
            row.pv_forecast_w,
            row.import_eur_per_kwh,
            row.grid_w,
            row.export_eur_per_kwh,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Past:
    """Slots of ``minutes`` from ``start`` (UTC); all arrays have one value a slot, oldest first."""

    start: datetime
    minutes: int
    load_kw: Floats
    """The home without cars and battery."""
    pv_kw: Floats
    solar_kw: Floats
    """What evcc's solar rates said for the slot, as known before it."""

    @property
    def per_day(self) -> int:
        """Slots a day."""
        return 24 * 60 // self.minutes

    @property
    def known_days(self) -> float:
        """How many days of load were really measured."""
        return float(np.isfinite(self.load_kw).sum()) / self.per_day

    def index(self, moment: datetime) -> int:
        """The slot that ``moment`` lies in; beyond the end for the future."""
        return (moment - self.start) // timedelta(minutes=self.minutes)


@dataclass(frozen=True, slots=True, eq=False)
class Calendar:
    """The site's local calendar on a past's grid, reaching ``AHEAD_DAYS`` beyond it."""

    weekend: Bools
    shift: Ints
    """The zone's offset from UTC in slots: changes by an hour on DST days."""

    def earlier(self, targets: Ints, lags: Ints, per_day: int) -> Ints:
        """The slots ``lags`` days before ``targets`` at the same local time; may be negative (before the past)."""
        plain = targets - lags * per_day
        moved: Ints = plain + self.shift[targets] - self.shift[np.maximum(plain, 0)]
        return moved


def past(rows: Iterable[HistoryRow | Measured], until: datetime) -> Past:
    """The history up to ``until`` (exclusive) on the grid of its most frequent slot length.

    Rows of another length, and rows that were observed for less than half their time, count as not measured. Without
    rows the past is empty and its grid is 15 min.
    """
    found = list(rows)
    starts = np.array([row.start.timestamp() for row in found])
    seconds, covered = _column(row.seconds for row in found), _column(row.coverage_s for row in found)
    kept = (starts < until.timestamp()) & (seconds > 0) & (covered >= seconds / 2)
    lengths = np.round(seconds / 60).astype(np.int64)
    length = Counter(lengths[kept].tolist()).most_common(1)[0][0] if kept.any() else 15
    kept &= lengths == length
    first = datetime.fromtimestamp(starts[kept].min(), UTC) if kept.any() else until
    start = floor_to(first, length)
    count = max(0, -((start - floor_to(until, length)) // timedelta(minutes=length)))
    at = ((starts - start.timestamp()) // (length * 60)).astype(np.int64)
    kept &= at < count

    def on_grid(watts: Iterable[float | None]) -> Floats:
        values = np.full(count, np.nan)
        values[at[kept]] = _column(watts)[kept] / 1000
        return values

    return Past(
        start,
        length,
        on_grid(row.home_w for row in found),
        on_grid(row.pv_w for row in found),
        on_grid(row.pv_forecast_w for row in found),
    )


def month_peak_kw(rows: Iterable[HistoryRow | Measured], zone: ZoneInfo, now: datetime) -> float:
    """The highest mean import of a slot in this local month so far; 0 where nothing was imported."""
    first = now.astimezone(zone).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    highest_w = max((row.grid_w or 0.0 for row in rows if row.start >= first), default=0.0)
    return max(0.0, highest_w) / 1000


def calendar(of: Past, zone: ZoneInfo) -> Calendar:
    """The local calendar of a past and the days after it."""
    count, seconds = len(of.load_kw) + AHEAD_DAYS * of.per_day, of.minutes * 60
    offset = _offsets_s(of.start, seconds, count, zone)
    local_days = (round(of.start.timestamp()) + seconds * np.arange(count) + offset) // _DAY_S
    return Calendar((local_days + _FIRST_WEEKDAY) % 7 >= 5, offset // seconds)


def _offsets_s(start: datetime, seconds: int, count: int, zone: ZoneInfo) -> Ints:
    """The zone's offset from UTC at each slot; slot by slot only on days on which it changes."""
    step = timedelta(seconds=seconds)

    def at(slot: int) -> int:
        return round(((start + slot * step).astimezone(zone).utcoffset() or timedelta()).total_seconds())

    found, per_day = np.zeros(count, dtype=np.int64), _DAY_S // seconds
    begins = at(0)
    for first in range(0, count, per_day):
        end = min(first + per_day, count)
        next_begins = at(end)
        same = begins == next_begins
        found[first:end] = begins if same else [at(slot) for slot in range(first, end)]
        begins = next_begins
    return found


def _column(values: Iterable[float | None]) -> Floats:
    """NaN where there is none."""
    return np.array(list(values), dtype=np.float64)
