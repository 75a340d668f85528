"""How full a car is: the best of its readings, carried forward by what was charged since."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import hypot

from ems.contract.vehicle import AgeClass
from vehicle_soc.domain.charged_energy import EnergyLedger, Live
from vehicle_soc.domain.readings import Reading
from vehicle_soc.domain.stay import Stay, possible_drop_pct

LIVE_FOR = timedelta(minutes=3)
"""Greatest age of a loadpoint's fact that is live: with an older one the gateway or evcc is away."""
MIN_KWH = 0.1
"""Smallest charged energy with which a reading is carried forward, in kWh."""
READING_PCT = 0.5
"""Standard deviation of a whole-number reading, in %."""
LOSS_SHARE = 0.05
"""Standard deviation of charging losses and capacity, as a share of what was added."""
SIGMAS = 2.0
"""How many standard deviations below the best guess is what can be counted on."""
MAX_DOUBT_PCT = 20.0
"""Standard deviation, in %, from which on a SoC from before a trip is none any more."""
UNDATED_PCT = 3.0
"""Standard deviation of a SoC without a time when it is first seen, in %."""
UNDATED_PCT_PER_H = 0.5
"""By how much that grows per hour."""
UNDATED_PARKED_PCT_PER_H = 0.1
"""By how much it grows while the car stands plugged in at home: then only standing may cost something."""
UNKNOWN_STAY = Stay()


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
    known_since: datetime | None = None
    """When this SoC was first seen, where nobody says when it was measured."""
    at_least_pct: float | None = None
    """What can be counted on, where the SoC is not certain; known even where the SoC is not."""
    doubted: Reading | None = None
    """The reading that is not certain, or that is no longer believed at all."""
    drop_pct: float = 0.0
    """By how much it may be too high because the car was driven since."""


def is_live(live: Live | None, now: datetime) -> bool:
    """Whether evcc itself reports the car's SoC at this moment."""
    return live is not None and live.soc_pct is not None and now - live.at <= LIVE_FOR


def combine(
    readings: Iterable[Reading],
    live: Live | None,
    ledger: EnergyLedger,
    traits: BatteryTraits,
    now: datetime,
    stay: Stay = UNKNOWN_STAY,
) -> Estimate:
    """The best that is known: evcc's live value, else the newest reading, carried forward by what was charged since.

    Args:
        readings: the newest of each source.
        live: the loadpoint that the car is at; without its SoC where that only repeats what was known before a trip.
        ledger: what was charged.
        traits: the car's.
        now: the moment.
        stay: since when the car is here, and when it left before that: an older reading is doubted.
    """
    readings = list(readings)
    present = live is not None and now - live.at <= LIVE_FOR
    if live is not None and is_live(live, now):
        return Estimate(live.soc_pct, None, live.at, "evcc", False, live.range_km, True, live.charging)
    known = [r for r in readings if r.soc_pct is not None]
    # One that still means something comes before a newer one that only repeats what was before a trip.
    newest = max(known, key=lambda r: (not _lost(r, traits, now, stay), r.moment, r.asked_at), default=None)
    plugged, charging = (True, live.charging) if live is not None and present else _reported(readings)
    if newest is None:
        return Estimate(plugged_in=plugged, charging=charging)
    return replace(_carried(newest, ledger, traits, now, stay), plugged_in=plugged, charging=charging)


def _carried(reading: Reading, ledger: EnergyLedger, traits: BatteryTraits, now: datetime, stay: Stay) -> Estimate:
    """What a reading says by now: more by what was charged since, and less certain by what may have been driven."""
    charged = ledger.since(reading.moment)
    estimated = charged.kwh >= MIN_KWH and bool(traits.capacity_kwh)
    per_kwh = 100 * traits.charge_efficiency / traits.capacity_kwh if estimated and traits.capacity_kwh else 0.0
    added = charged.kwh * per_kwh
    undated = spread = _undated_pct(reading, stay, now)
    if estimated:
        spread = hypot(undated, READING_PCT, LOSS_SHARE * added, charged.uncertain_kwh * per_kwh)
    drop = possible_drop_pct(reading, stay, traits.capacity_kwh, now)
    soc_pct = min(100.0, (reading.soc_pct or 0.0) + added)
    uncertainty = min(100.0, spread + drop / SIGMAS) if estimated or spread or drop else None
    # What went in after the trip is in it, whatever the trip took.
    since_trip = ledger.since(stay.plugged_at).kwh * per_kwh * (1 - SIGMAS * LOSS_SHARE) if stay.plugged_at else 0.0
    at_least = max(since_trip, soc_pct - SIGMAS * spread - drop)
    lost = _lost(reading, traits, now, stay)
    return Estimate(
        soc_pct=None if lost else soc_pct,
        uncertainty_pct=None if lost else uncertainty,
        at_least_pct=None if uncertainty is None else min(100.0, max(0.0, at_least)),
        measured_at=None if lost else reading.measured_at,
        known_since=None if lost or reading.measured_at is not None else reading.known_since,
        source=None if lost else reading.source,
        estimated=estimated and not lost,
        # A range for another SoC is no range.
        range_km=None if lost or estimated else reading.range_km,
        doubted=reading if drop or undated else None,
        drop_pct=drop,
    )


def _lost(reading: Reading, traits: BatteryTraits, now: datetime, stay: Stay) -> bool:
    """Whether a trip has taken so much of what ``reading`` was worth that it is no SoC any more."""
    here = stay.plugged_at is not None
    return here and possible_drop_pct(reading, stay, traits.capacity_kwh, now) / SIGMAS >= MAX_DOUBT_PCT


def _undated_pct(reading: Reading, stay: Stay, now: datetime) -> float:
    """Standard deviation, in %, of a SoC that names no time: it grows, faster where the car may be on the road."""
    if reading.measured_at is not None or reading.known_since is None:
        return 0.0
    hours = (now - reading.known_since) / timedelta(hours=1)
    return UNDATED_PCT + max(0.0, hours) * (UNDATED_PARKED_PCT_PER_H if stay.plugged_at else UNDATED_PCT_PER_H)


def age_class(estimate: Estimate, interval_s: float, now: datetime) -> AgeClass:
    """How old the measurement is against the car's own interval; without a time unknown, until it is worth nothing."""
    if estimate.soc_pct is None:
        return AgeClass.UNKNOWN
    if estimate.doubted is not None and (estimate.uncertainty_pct or 0.0) >= MAX_DOUBT_PCT:
        return AgeClass.STALE
    if estimate.measured_at is None:
        return AgeClass.UNKNOWN
    intervals = (now - estimate.measured_at).total_seconds() / interval_s
    if intervals <= 1.5:
        return AgeClass.FRESH
    return AgeClass.AGING if intervals <= 6 else AgeClass.STALE


def _reported(readings: Iterable[Reading]) -> tuple[bool | None, bool | None]:
    """Plug and charging by the newest reading."""
    newest = max(readings, key=lambda r: r.asked_at, default=None)
    return (newest.plugged_in, newest.charging) if newest else (None, None)
