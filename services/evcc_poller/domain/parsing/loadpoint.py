"""One loadpoint of evcc's state as a fact. Energies are Wh there, whatever evcc's schema says."""

from datetime import datetime

from ems.contract.site import EvccPlan, Loadpoint, LoadpointKind, LoadpointMode
from evcc_poller.domain.parsing.json_object import NEVER_S, JsonObject
from evcc_poller.domain.parsing.vehicle_names import VehicleNames

ALWAYS = (True, "on", "once")
"""``alwaysCharge`` (from 0.316) where it makes of ``smart`` what was ``minpv``."""


def loadpoint(
    raw: JsonObject, number: int, at: datetime, vehicles: JsonObject, names: VehicleNames
) -> Loadpoint | None:
    """The ``number``-th loadpoint (from 1), or None when its mode or its car cannot be told.

    What belongs to a car (its name, SoC, range, limits, session) is absent while nothing is connected: evcc goes on
    showing the last one's.
    """
    if not raw.data:
        return None
    mode, connected = _mode(raw), raw.flag("connected")
    if mode is None or connected is None:
        if connected is None and "connected" not in raw.data:
            raw.cannot_read("connected", "there")
        return None
    heater = raw.flag("chargerFeatureHeating") is True
    vehicle = raw.text("vehicleName") if connected else None
    car = connected and not heater
    return Loadpoint(
        at=at,
        id=number,
        title=raw.text("title"),
        kind=LoadpointKind.HEATER if heater else LoadpointKind.CAR,
        mode=mode,
        connected=connected,
        charging=raw.flag("charging") is True,
        enabled=raw.flag("enabled"),
        power_w=raw.number("chargePower"),
        vehicle=names.our_name(vehicle) if vehicle else None,
        vehicle_title=raw.text("vehicleTitle") if connected else None,
        capacity_kwh=vehicles.child(vehicle).positive("capacity") if vehicle and car else None,
        soc_pct=_soc(raw) if car else None,
        range_km=raw.positive("vehicleRange") if car else None,
        temperature_c=raw.positive("vehicleSoc") if heater else None,
        limit_temperature_c=raw.positive("effectiveLimitSoc", "limitSoc") if heater else None,
        limit_soc_pct=None if heater else _limit(raw, "limitSoc"),
        effective_limit_soc_pct=None if heater else _limit(raw, "effectiveLimitSoc"),
        vehicle_limit_soc_pct=_limit(raw, "vehicleLimitSoc") if car else None,
        min_current_a=raw.not_negative("effectiveMinCurrent", "minCurrent"),
        max_current_a=raw.not_negative("effectiveMaxCurrent", "maxCurrent"),
        phases_configured=raw.count("phasesConfigured"),
        phases_active=raw.count("phasesActive"),
        phases_switchable=raw.flag("chargerPhases1p3p"),
        session_kwh=_kwh(raw.not_negative("sessionEnergy", "chargedEnergy")) if connected else None,
        connected_s=_connected_s(raw) if connected else None,
        priority=raw.count("priority"),
        smart_cost_limit=raw.number("smartCostLimit"),
        plan=_plan(raw) if car else None,
    )


def _mode(raw: JsonObject) -> LoadpointMode | None:
    word = raw.text("mode")
    if word == "smart":
        return LoadpointMode.MINPV if raw.data.get("alwaysCharge") in ALWAYS else LoadpointMode.PV
    if word in set(LoadpointMode):
        return LoadpointMode(word)
    raw.cannot_read("mode", "a mode that is known here")
    return None


def _soc(raw: JsonObject) -> float | None:
    """Evcc shows 0 until it has really read; a car that is truly empty at least has its range told."""
    soc = raw.percent("vehicleSoc")
    return soc if soc or raw.positive("vehicleRange") else None


def _limit(raw: JsonObject, key: str) -> float | None:
    """A SoC limit; 0 is none, and evcc takes 180 % for as good as 100 %."""
    limit = raw.positive(key)
    return None if limit is None else min(limit, 100.0)


def _connected_s(raw: JsonObject) -> float | None:
    seconds = raw.not_negative("connectedDuration")
    return None if seconds is None or seconds >= NEVER_S else seconds


def _kwh(wh: float | None) -> float | None:
    return None if wh is None else round(wh / 1000, 6)


def _plan(raw: JsonObject) -> EvccPlan | None:
    departure = raw.moment("effectivePlanTime")
    if departure is None:
        return None
    soc = raw.positive("effectivePlanSoc")
    return EvccPlan(
        departure=departure,
        soc_pct=None if soc is None else min(soc, 100.0),
        energy_kwh=raw.positive("planEnergy") if soc is None else None,
    )
