"""evcc's own plan for a car: the cheapest known slots before the time, late ones first where prices are equal."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from ems.contract.site import Rate

EFFICIENCY = 0.85
"""Fraction of the energy from the wall that reaches the battery in evcc's estimates."""


def needed(capacity_kwh: float, soc_pct: float, target_pct: float, power_kw: float) -> timedelta:
    """How long charging from one SoC to another takes in evcc's reckoning."""
    kwh = max(0.0, target_pct - soc_pct) / 100 * capacity_kwh / EFFICIENCY
    return timedelta(hours=kwh / power_kw)


def cheapest(rates: Sequence[Rate], now: datetime, by: datetime, duration: timedelta) -> list[Rate]:
    """When to charge for ``duration`` between ``now`` and ``by``, in order; all the time there is when it is short.

    Time beyond the known prices is used last but counted on: what fits there is left for then.
    """
    if duration <= timedelta():
        return []
    if by - now <= duration:
        return [Rate(start=now, end=max(by, now + duration), value=_price_at(rates, now))]
    last = max((rate.end for rate in rates), default=now)
    left = duration - max(timedelta(), by - max(last, now))
    chosen = []
    for rate in sorted(rates, key=lambda r: (r.value, -r.start.timestamp())):
        start, end = max(rate.start, now), min(rate.end, by)
        if left <= timedelta():
            break
        if end > start:
            end = min(end, start + left)
            chosen.append(Rate(start=start, end=end, value=rate.value))
            left -= end - start
    return sorted(chosen, key=lambda r: r.start)


def _price_at(rates: Sequence[Rate], moment: datetime) -> float:
    return next((r.value for r in rates if r.start <= moment < r.end), 0.0)
