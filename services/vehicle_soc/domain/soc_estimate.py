"""How full a car is: the best of its readings, carried forward by what was charged since."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from ems.contract.vehicle import AgeClass
from vehicle_soc.domain.charged_energy import EnergyLedger, Live
from vehicle_soc.domain.readings import Reading

LIVE_FOR = timedelta(minutes=3)
"""Greatest age of a loadpoint's fact that is live: with an older one the gateway or evcc is away."""
MIN_KWH = 0.1
"""Smallest charged energy with which a reading is carried forward, in kWh."""
READING_PCT = 0.5
"""Standard deviation of a whole-number reading, in %."""
LOSS_SHARE = 0.05
"""Standard deviation of charging losses and capacity, as a share of what was added."""


@dataclass(frozen=True, slots=True)
class BatteryTraits:
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
    """Whether evcc itself reports the car's SoC at this moment."""
    return live is not None and live.soc_pct is not None and now - live.at <= LIVE_FOR


def combine(
    readings: Iterable[Reading], live: Live | None, ledger: EnergyLedger, traits: BatteryTraits, now: datetime
) -> Estimate:
    """The best that is known: evcc's live value, else the newest reading, carried forward by what was charged since."""
    present = live is not None and now - live.at <= LIVE_FOR
    if live is not None and is_live(live, now):
        return Estimate(live.soc_pct, None, live.at, "evcc", False, live.range_km, True, live.charging)
    known = [r for r in readings if r.soc_pct is not None]
    newest = max(known, key=lambda r: (r.moment, r.asked_at), default=None)
    plugged, charging = (True, live.charging) if live is not None and present else _reported(readings)
    if newest is None or newest.soc_pct is None:
        return Estimate(plugged_in=plugged, charging=charging)
    charged = ledger.since(newest.moment)
    if charged.kwh < MIN_KWH or not traits.capacity_kwh:
        return Estimate(
            newest.soc_pct, None, newest.measured_at, newest.source, False, newest.range_km, plugged, charging
        )
    per_kwh = 100 * traits.charge_efficiency / traits.capacity_kwh
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


def _reported(readings: Iterable[Reading]) -> tuple[bool | None, bool | None]:
    """Plug and charging by the newest reading."""
    newest = max(readings, key=lambda r: r.asked_at, default=None)
    return (newest.plugged_in, newest.charging) if newest else (None, None)
