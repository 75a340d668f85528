"""Reads evcc's rates as tariffs: what it answers now, and the last good ones when it has none."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from ems.contract.currency import currency
from ems.contract.site import Rate, Tariff, TariffKind
from ems.i18n.health.renderer import problem_fields
from ems.i18n.health.troubles import HealthTrouble, RatesOdd
from evcc_poller.domain.parsing.json_object import as_moment, as_number

UNITS = {
    TariffKind.GRID: "EUR/kWh",
    TariffKind.FEEDIN: "EUR/kWh",
    TariffKind.SOLAR: "W",
    TariffKind.CO2: "g/kWh",
}
"""Unit of a rate's value."""

PRICES = {TariffKind.GRID, TariffKind.FEEDIN}
"""Tariffs in money."""
MAX_RATES = 3000
"""Most rates of a tariff: a month of quarter hours; more would not fit into a message."""


MAX_JITTER = timedelta(seconds=60)
"""Most by which a slot may begin before or after the one before it ends and still follow it: clocks differ."""
MAX_PRICE_EUR = 25.0
"""Largest amount that a kWh may cost or earn where money is as large as a euro; beyond it a price is told. The dearest
hours that a market knows are Australia's, of 20 AUD."""


@dataclass(frozen=True, slots=True)
class ReadRates:
    """The rates that an answer holds, in order and without overlaps, and what was wrong with it."""

    rates: tuple[Rate, ...] = ()
    unread: int = 0
    """Entries that could not be read."""
    doubled: int = 0
    """Slots with two values, of which the first one holds."""
    left_out: int = 0
    """Rates beyond ``MAX_RATES``."""

    def trouble(self, kind: TariffKind, code: str = "EUR") -> RatesOdd | None:
        """What people should know of it, or None."""
        bound = MAX_PRICE_EUR * currency(code).per_euro
        absurd = [r.value for r in self.rates if abs(r.value) > bound] if kind in PRICES else []
        if not (self.unread or self.doubled or self.left_out or absurd):
            return None
        example = absurd[0] if absurd else None
        return RatesOdd(str(kind), self.unread, self.doubled, self.left_out, len(absurd), example, code)


def read(body: Any, kind: TariffKind) -> ReadRates:
    """The rates in a reply of ``/api/tariff/...``; a slightly negative sun is none."""
    entries = body.get("rates") if isinstance(body, Mapping) else None
    return _rates(entries if isinstance(entries, list) else (), kind)


def read_forecast(state: Mapping[str, Any], kind: TariffKind) -> ReadRates | None:
    """The rates of ``kind`` in a state's ``forecast``, which is where CO2 is; None where evcc shows none.

    Objects up to 0.313, ``[start, end, value]`` with unix seconds from 0.314 on.
    """
    forecast = state.get("forecast")
    entries = forecast.get(kind.value) if isinstance(forecast, Mapping) else None
    return _rates(entries, kind) if isinstance(entries, list) and entries else None


def fresh(kind: TariffKind, rates: tuple[Rate, ...], at: datetime, trouble: HealthTrouble | None = None) -> Tariff:
    """A tariff that was just read."""
    return Tariff(kind=kind, unit=UNITS[kind], fetched_at=at, rates=rates, **problem_fields(trouble))


def stale(kind: TariffKind, last: Tariff | None, at: datetime, trouble: HealthTrouble) -> Tariff:
    """The last good rates with their age, and why there are no newer ones; without any, an empty tariff."""
    known = last or Tariff(kind=kind, unit=UNITS[kind], fetched_at=at, rates=())
    return known.model_copy(update=problem_fields(trouble))


def value_at(tariff: Tariff | None, at: datetime) -> float | None:
    """The value of the slot that holds ``at``, or None."""
    return next((r.value for r in tariff.rates if r.start <= at < r.end), None) if tariff else None


def _rates(entries: Iterable[Any], kind: TariffKind) -> ReadRates:
    read = [_rate(entry, kind) for entry in entries]
    found = sorted((rate for rate in read if rate is not None), key=lambda r: r.start)
    kept: list[Rate] = []
    doubled = 0
    for rate in found:
        last = kept[-1] if kept else None
        if last is None or rate.start - last.end > MAX_JITTER:
            kept.append(rate)
            continue
        overlap = min(last.end, rate.end) - rate.start
        doubled += overlap > MAX_JITTER and rate.value != last.value
        if rate.start > last.end:
            kept[-1] = last.model_copy(update={"end": rate.start})
        if rate.end > last.end:
            kept.append(rate.model_copy(update={"start": max(rate.start, last.end)}))
    return ReadRates(
        tuple(kept[:MAX_RATES]), sum(rate is None for rate in read), doubled, max(0, len(kept) - MAX_RATES)
    )


def _rate(entry: Any, kind: TariffKind) -> Rate | None:
    if isinstance(entry, Mapping):
        # Before 0.203 the value's name was price.
        parts = (entry.get("start"), entry.get("end"), entry.get("value", entry.get("price")))
    elif isinstance(entry, list | tuple) and len(entry) == 3:
        parts = (entry[0], entry[1], entry[2])
    else:
        return None
    start, end, value = as_moment(parts[0]), as_moment(parts[1]), as_number(parts[2])
    if start is None or end is None or value is None or start >= end:
        return None
    if kind is TariffKind.SOLAR:
        value = max(0.0, value)
    return Rate(start=start.astimezone(UTC), end=end.astimezone(UTC), value=value)
