"""Which source says how full a car is, and the SoC carried forward from what was charged since."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from ems.contract.vehicle import AgeClass
from vehicle_soc.domain.charged_energy import Ledger, Live
from vehicle_soc.domain.readings import Reading

LIVE_FOR = timedelta(minutes=3)
"""A loadpoint's word older than this is not live: the gateway or evcc is away."""
MIN_KWH = 0.1
"""Less than this was charged since: the reading stands as it is."""
READING_PCT = 0.5
"""How far a whole-number reading may be off."""
LOSS_SHARE = 0.05
"""How far the assumed charging losses and the capacity may be off, as a share of what was added."""


@dataclass(frozen=True, slots=True)
class Nature:
    """What does not change about a car."""

    capacity_kwh: float | None = None
    charge_efficiency: float = 0.9


@dataclass(frozen=True, slots=True)
class Estimate:
    """How full a car is, as far as anybody knows; ``soc_pct`` None: nobody knows."""

    soc_pct: float | None = None
    uncertainty_pct: float | None = None
    measured_at: datetime | None = None
    source: str | None = None
    estimated: bool = False
    range_km: float | None = None
    plugged_in: bool | None = None
    charging: bool | None = None


def is_live(live: Live | None, now: datetime) -> bool:
    """Whether evcc itself tells the SoC of the car at this moment."""
    return live is not None and live.soc_pct is not None and now - live.at <= LIVE_FOR


def combine(readings: Iterable[Reading], live: Live | None, ledger: Ledger, nature: Nature, now: datetime) -> Estimate:
    """The best that is known: evcc's live value, else the newest reading, carried forward by what was charged since."""
    present = live is not None and now - live.at <= LIVE_FOR
    if live is not None and is_live(live, now):
        return Estimate(live.soc_pct, None, live.at, "evcc", False, live.range_km, True, live.charging)
    known = [r for r in readings if r.soc_pct is not None]
    newest = max(known, key=lambda r: (r.moment, r.asked_at), default=None)
    plugged, charging = (True, live.charging) if live is not None and present else _said(readings)
    if newest is None or newest.soc_pct is None:
        return Estimate(plugged_in=plugged, charging=charging)
    charged = ledger.since(newest.moment)
    if charged.kwh < MIN_KWH or not nature.capacity_kwh:
        return Estimate(
            newest.soc_pct, None, newest.measured_at, newest.source, False, newest.range_km, plugged, charging
        )
    per_kwh = 100 * nature.charge_efficiency / nature.capacity_kwh
    added = charged.kwh * per_kwh
    doubt = (READING_PCT**2 + (LOSS_SHARE * added) ** 2 + (charged.uncertain_kwh * per_kwh) ** 2) ** 0.5
    return Estimate(
        soc_pct=min(100.0, newest.soc_pct + added),
        uncertainty_pct=min(100.0, doubt),
        measured_at=newest.measured_at,
        source=newest.source,
        estimated=True,
        range_km=None,  # a range for another SoC is no range
        plugged_in=plugged,
        charging=charging,
    )


def age_class(estimate: Estimate, interval_s: float, now: datetime) -> AgeClass:
    """How old the measurement is against the car's own interval; without a time its age is unknown."""
    if estimate.soc_pct is None or estimate.measured_at is None:
        return AgeClass.UNKNOWN
    intervals = (now - estimate.measured_at).total_seconds() / interval_s
    if intervals <= 1.5:
        return AgeClass.FRESH
    return AgeClass.AGING if intervals <= 6 else AgeClass.STALE


def _said(readings: Iterable[Reading]) -> tuple[bool | None, bool | None]:
    """What the newest answer of a cloud said about plug and charging."""
    newest = max(readings, key=lambda r: r.asked_at, default=None)
    return (newest.plugged_in, newest.charging) if newest else (None, None)
