"""Reads evcc's rates as tariffs: what it answers now, and the last good ones when it has none."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from ems.contract.site import Rate, Tariff, TariffKind
from evcc_poller.domain.parsing.json_object import as_moment, as_number

UNITS = {
    TariffKind.GRID: "EUR/kWh",
    TariffKind.FEEDIN: "EUR/kWh",
    TariffKind.SOLAR: "W",
    TariffKind.CO2: "g/kWh",
}
"""Unit of a rate's value."""

MAX_RATES = 3000
"""Most rates of a tariff: a month of quarter hours; more would not fit into a message."""


def read(body: Any, kind: TariffKind) -> tuple[tuple[Rate, ...], int]:
    """The rates in a reply of ``/api/tariff/...`` and how many entries could not be read.

    A slot that begins before the one before it ends is dropped; a slightly negative sun is none.
    """
    entries = body.get("rates") if isinstance(body, Mapping) else None
    return _rates(entries if isinstance(entries, list) else (), kind)


def read_forecast(state: Mapping[str, Any], kind: TariffKind) -> tuple[tuple[Rate, ...], int] | None:
    """The rates of ``kind`` in a state's ``forecast``, which is where CO2 is; None where evcc shows none.

    Objects up to 0.313, ``[start, end, value]`` with unix seconds from 0.314 on.
    """
    forecast = state.get("forecast")
    entries = forecast.get(kind.value) if isinstance(forecast, Mapping) else None
    return _rates(entries, kind) if isinstance(entries, list) and entries else None


def fresh(kind: TariffKind, rates: tuple[Rate, ...], at: datetime, unread: int) -> Tariff:
    """A tariff that was just read."""
    problem = f"{unread} rates could not be read" if unread else None
    return Tariff(kind=kind, unit=UNITS[kind], fetched_at=at, rates=rates, problem=problem)


def stale(kind: TariffKind, last: Tariff | None, at: datetime, reason: str) -> Tariff:
    """The last good rates with their age, and why there are no newer ones; without any, an empty tariff."""
    known = last or Tariff(kind=kind, unit=UNITS[kind], fetched_at=at, rates=())
    return known.model_copy(update={"problem": reason})


def value_at(tariff: Tariff | None, at: datetime) -> float | None:
    """The value of the slot that holds ``at``, or None."""
    return next((r.value for r in tariff.rates if r.start <= at < r.end), None) if tariff else None


def _rates(entries: Iterable[Any], kind: TariffKind) -> tuple[tuple[Rate, ...], int]:
    read = [_rate(entry, kind) for entry in entries]
    found = sorted((rate for rate in read if rate is not None), key=lambda r: r.start)
    kept: list[Rate] = []
    for rate in found:
        if not kept or rate.start >= kept[-1].end:
            kept.append(rate)
    return tuple(kept[:MAX_RATES]), sum(rate is None for rate in read)


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
