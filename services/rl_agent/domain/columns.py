"""What was measured in a home, as columns on a grid of quarter hours: a year of it is 3 MB."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from typing import Self

import numpy as np

from ems.contract.requests import HistoryRow, LoadpointMean
from ems.forecast.history_grid import Floats

SLOT = timedelta(minutes=15)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Column(IntEnum):
    """What is kept of a slot; NaN where it was not measured."""

    LOAD_KW = 0
    PV_KW = 1
    SOLAR_KW = 2
    IMPORT_EUR_PER_KWH = 3
    EXPORT_EUR_PER_KWH = 4
    BATTERY_PCT = 5
    CAR_HOME = 6
    CAR_PCT = 7


@dataclass(frozen=True, slots=True)
class CarPlace:
    """Which car is looked at, and where it is charged."""

    vehicle: str
    loadpoint: int


@dataclass(slots=True, eq=False)
class MeasuredColumns:
    """The rows of the last ``days``, added in any order."""

    days: int
    car: CarPlace | None = None
    first: int = 0
    """The first slot, counted from 1970."""
    values: Floats = field(default_factory=lambda: np.zeros((len(Column), 0)))

    @property
    def start(self) -> datetime:
        """When the first slot begins."""
        return EPOCH + SLOT * self.first

    @property
    def end(self) -> datetime:
        """When the last one ends."""
        return self.start + SLOT * int(self.values.shape[1])

    @property
    def known_days(self) -> float:
        """How many days of load were measured."""
        return float(np.isfinite(self.values[Column.LOAD_KW]).sum()) * (SLOT / timedelta(days=1))

    def add(self, rows: Iterable[HistoryRow]) -> None:
        """Takes what is new or was told anew; rows of another length, or seen for less than half of it, are left."""
        self._take(rows, anew=True)

    def fill(self, rows: Iterable[HistoryRow]) -> None:
        """Takes what is told of slots of which nothing is known yet; the same rows are left."""
        self._take(rows, anew=False)

    def _take(self, rows: Iterable[HistoryRow], *, anew: bool) -> None:
        good = [
            row
            for row in rows
            if round(row.seconds) == SLOT.total_seconds()
            and row.coverage_s >= row.seconds / 2
            and not (row.start - EPOCH) % SLOT
        ]
        if not good:
            return
        slots = [(row.start - EPOCH) // SLOT for row in good]
        self._make_room(min(slots), max(slots) + 1)
        for slot, row in zip(slots, good, strict=True):
            if slot >= self.first and (anew or np.isnan(self.values[:, slot - self.first]).all()):
                self.values[:, slot - self.first] = _values(row, self.car)

    def since(self, moment: datetime) -> Self:
        """The part from ``moment`` on."""
        cut = min(max(0, (moment - self.start) // SLOT), self.values.shape[1])
        return type(self)(self.days, self.car, self.first + cut, self.values[:, cut:])

    def _make_room(self, first: int, end: int) -> None:
        """Makes the grid reach from ``first`` to ``end`` (exclusive), within the last ``days``."""
        here = self.first + self.values.shape[1]
        known = self.values.shape[1] > 0
        end = max(end, here) if known else end
        first = max(min(first, self.first) if known else first, end - round(timedelta(days=self.days) / SLOT))
        if known and first == self.first and end == here:
            return
        wider = np.full((len(Column), end - first), np.nan)
        begin = max(first, self.first)
        if known and begin < here:
            wider[:, begin - first : here - first] = self.values[:, begin - self.first :]
        self.first, self.values = first, wider


def _values(row: HistoryRow, car: CarPlace | None) -> list[float]:
    point = row.loadpoints.get(str(car.loadpoint)) if car else None
    here = point is not None and car is not None and point.vehicle == car.vehicle
    return [
        _kw(row.home_w),
        _kw(row.pv_w),
        _kw(row.pv_forecast_w),
        _number(row.import_eur_per_kwh),
        _number(row.export_eur_per_kwh),
        _number(row.battery_soc_pct),
        np.nan if point is None else float(here),
        _number(point.soc_pct) if here and isinstance(point, LoadpointMean) else np.nan,
    ]


def _kw(watts: float | None) -> float:
    return np.nan if watts is None else watts / 1000


def _number(value: float | None) -> float:
    return np.nan if value is None else value
