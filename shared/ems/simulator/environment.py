"""The environment of a simulated home: load, sun, prices; and what is known of them ahead."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from ems.contract.site import Rate, TariffKind
from ems.house.slots import floor_to, grid


@dataclass(frozen=True, slots=True)
class Conditions:
    """Steady for a while: house load and PV in W, prices in EUR/kWh, and the PV that was forecast for this time."""

    load_w: float = 400.0
    pv_w: float = 0.0
    import_eur_per_kwh: float = 0.30
    export_eur_per_kwh: float = 0.08
    pv_forecast_w: float = 0.0


class Environment(Protocol):
    """Load, sun and prices over time."""

    def at(self, moment: datetime) -> Conditions:
        """The conditions at ``moment``."""

    def next_change(self, moment: datetime) -> datetime:
        """When they change next, after ``moment``."""

    def rates(self, kind: TariffKind, now: datetime) -> Sequence[Rate]:
        """What is known at ``now`` from the running slot on, in quarters of an hour; empty: no such tariff."""


@dataclass(frozen=True, slots=True)
class Steady:
    """The same conditions for ever; prices and sun are known for the next ``hours``."""

    conditions: Conditions = Conditions()
    hours: int = 36

    def at(self, moment: datetime) -> Conditions:
        """See :class:`Environment`."""
        del moment
        return self.conditions

    def next_change(self, moment: datetime) -> datetime:
        """See :class:`Environment`."""
        return floor_to(moment, 15) + timedelta(minutes=15)

    def rates(self, kind: TariffKind, now: datetime) -> Sequence[Rate]:
        """See :class:`Environment`."""
        start = floor_to(now, 15)
        return _rates(self, kind, start, start + timedelta(hours=self.hours))


class Recorded:
    """Half-hours (or any other stretches) of a real home, each steady until the next one starts."""

    def __init__(self, starts: Sequence[datetime], rows: Sequence[Conditions], end: datetime, zone: ZoneInfo) -> None:
        if not starts or len(starts) != len(rows) or starts[-1] >= end:
            raise ValueError("a recorded stretch needs as many rows as starts, and an end after them")
        self.starts, self.rows, self.end, self._zone = list(starts), list(rows), end, zone

    def at(self, moment: datetime) -> Conditions:
        """See :class:`Environment`. Before the first row and after the last one these two go on."""
        return self.rows[max(0, bisect_right(self.starts, moment) - 1)]

    def next_change(self, moment: datetime) -> datetime:
        """See :class:`Environment`."""
        following = bisect_right(self.starts, moment)
        return self.starts[following] if following < len(self.starts) else datetime.max.replace(tzinfo=UTC)

    def rates(self, kind: TariffKind, now: datetime) -> Sequence[Rate]:
        """See :class:`Environment`. Tomorrow's prices are known from 13:00 of the site's zone, as on the exchange."""
        local = now.astimezone(self._zone)
        days = 2 if kind is not TariffKind.GRID or local.time() >= time(13) else 1
        midnight = datetime.combine(local.date() + timedelta(days=days), time(), self._zone)
        return _rates(self, kind, floor_to(now, 15), min(midnight, self.end))


def _rates(environment: Environment, kind: TariffKind, start: datetime, end: datetime) -> list[Rate]:
    if kind is TariffKind.CO2:
        return []
    return [Rate(start=s.start, end=s.end, value=_value(environment.at(s.start), kind)) for s in grid(start, end)]


def _value(conditions: Conditions, kind: TariffKind) -> float:
    if kind is TariffKind.GRID:
        return conditions.import_eur_per_kwh
    if kind is TariffKind.FEEDIN:
        return conditions.export_eur_per_kwh
    return conditions.pv_forecast_w
