"""Reads one loadpoint of evcc's state as a fact. Energies are Wh there, whatever evcc's schema says."""

from datetime import datetime

from ems.contract.site import AlwaysCharge, EvccPlan, Loadpoint, LoadpointKind, LoadpointMode, OverruledBy
from evcc_poller.domain.parsing.json_object import JsonObject
from evcc_poller.domain.parsing.vehicle_names import VehicleNames

SMART = "smart"
"""Evcc's word from 0.316 on for `pv`, and with ``alwaysCharge`` for `minpv`."""
LONGEST_STAY_S = 1e9
"""Evcc's ``connectedDuration`` while no car was there yet is more than this."""


def read_loadpoint(
    json: JsonObject, number: int, at: datetime, vehicles: JsonObject, names: VehicleNames
) -> Loadpoint | None:
    """The ``number``-th loadpoint (from 1), or None when its mode or its car cannot be read, or not yet.

    What belongs to a car (its name, SoC, range, limits, session) is absent while nothing is connected: evcc goes on
    showing the last one's.
    """
    if not json.data:
        return None
    always = _always_charge(json)
    mode, connected = _mode(json, always), json.flag("connected")
    if mode is None or connected is None:
        return None
    kind = _kind(json)
    heater = kind is LoadpointKind.HEATER
    vehicle = json.text("vehicleName") if connected else None
    car = connected and kind is LoadpointKind.CAR
    return Loadpoint(
        at=at,
        id=number,
        title=json.text("title"),
        kind=kind,
        mode=mode,
        modes=_modes(json, always),
        always_charge=always,
        connected=connected,
        charging=json.flag("charging") is True,
        enabled=json.flag("enabled"),
        power_w=json.number("chargePower"),
        vehicle=names.our_name(vehicle) if vehicle else None,
        vehicle_title=json.text("vehicleTitle") if connected else None,
        capacity_kwh=vehicles.child(vehicle).positive("capacity") if vehicle and car else None,
        soc_pct=_soc(json) if car else None,
        range_km=json.positive("vehicleRange") if car else None,
        temperature_c=json.positive("vehicleSoc") if heater else None,
        limit_temperature_c=json.positive("effectiveLimitSoc", "limitSoc") if heater else None,
        limit_soc_pct=None if heater else _limit(json, "limitSoc"),
        effective_limit_soc_pct=None if heater else _limit(json, "effectiveLimitSoc"),
        vehicle_limit_soc_pct=_limit(json, "vehicleLimitSoc") if car else None,
        effective_min_soc_pct=_limit(json, "effectiveMinSoc") if car else None,
        limit_energy_kwh=json.positive("limitEnergy") if car else None,
        min_current_a=json.not_negative("effectiveMinCurrent", "minCurrent"),
        max_current_a=json.not_negative("effectiveMaxCurrent", "maxCurrent"),
        phases_configured=json.count("phasesConfigured"),
        phases_active=json.count("phasesActive"),
        phases_switchable=json.flag("chargerPhases1p3p"),
        session_kwh=_kwh(json.not_negative("sessionEnergy", "chargedEnergy")) if connected else None,
        priority=json.count("priority"),
        smart_cost_limit=json.number("smartCostLimit"),
        smart_feedin_priority_limit=json.number("smartFeedInPriorityLimit"),
        overruled_by=_overruled_by(json, mode, vehicles.child(vehicle) if vehicle else None) if car else None,
        plan=_plan(json) if car else None,
        energy_plan=_energy_plan(json) if car else None,
    )


def _kind(json: JsonObject) -> LoadpointKind:
    if json.flag("chargerFeatureHeating"):
        return LoadpointKind.HEATER
    return LoadpointKind.DEVICE if json.flag("chargerFeatureIntegratedDevice") else LoadpointKind.CAR


def _overruled_by(json: JsonObject, mode: LoadpointMode, vehicle: JsonObject | None) -> OverruledBy | None:
    """What in evcc outranks the mode now, in evcc's own order; `off` outranks all, and `now` charges anyway."""
    if mode not in {LoadpointMode.PV, LoadpointMode.MINPV}:
        return None
    if not json.flag("charging"):
        return OverruledBy.FEEDIN_LIMIT if json.flag("smartFeedInPriorityActive") else None
    below = json.flag("minSocNotReached")
    if below is None and vehicle is not None:
        # Before 0.301 evcc does not say so.
        soc, least = json.positive("vehicleSoc"), vehicle.positive("minSoc")
        below = soc is not None and least is not None and soc < least
    found = (
        (below, OverruledBy.MIN_SOC),
        (json.flag("planActive"), OverruledBy.PLAN),
        (json.flag("smartCostActive"), OverruledBy.PRICE_LIMIT),
        (json.flag("smartFeedInPriorityActive"), OverruledBy.FEEDIN_LIMIT),
        (json.flag("batteryBoost"), OverruledBy.BATTERY_BOOST),
    )
    return next((what for active, what in found if active), None)


def not_yet_asked(json: JsonObject) -> bool:
    """Whether evcc was just started and has not asked this charger: it asks one in each of its control cycles."""
    return bool(json.data) and json.data.get("connected") is None


def stay_is_over(json: JsonObject) -> bool:
    """Whether evcc tells how long the car was there, and shows it still: it tells that a car has left as the last.

    Before that it sets mode and limit back. During a stay ``connectedDuration`` is 0.
    """
    stay_s = json.positive("connectedDuration")
    return json.flag("connected") is True and stay_s is not None and stay_s < LONGEST_STAY_S


def mode_of(word: str, always: AlwaysCharge | None) -> LoadpointMode | None:
    """The mode behind evcc's ``word``, with its ``alwaysCharge``; None when it is none that is known here."""
    if word == SMART:
        return smart_mode(always)
    return LoadpointMode(word) if word in set(LoadpointMode) else None


def smart_mode(always: AlwaysCharge | None) -> LoadpointMode:
    """What evcc's `smart` is with its ``alwaysCharge``."""
    return LoadpointMode.MINPV if always in {AlwaysCharge.ON, AlwaysCharge.ONCE} else LoadpointMode.PV


def _mode(json: JsonObject, always: AlwaysCharge | None) -> LoadpointMode | None:
    mode = mode_of(json.text("mode") or "", always)
    if mode is None:
        json.cannot_read("mode", "a mode that is known here")
    return mode


def _modes(json: JsonObject, always: AlwaysCharge | None) -> tuple[LoadpointMode, ...]:
    """What the loadpoint can be told: a switch and a device that always runs keep their ``alwaysCharge`` for ever."""
    kept = any(json.data.get(f"chargerFeature{feature}") is True for feature in ("SwitchDevice", "Continuous"))
    if always is None or not kept:
        return tuple(LoadpointMode)
    other = LoadpointMode.MINPV if smart_mode(always) is LoadpointMode.PV else LoadpointMode.PV
    return tuple(mode for mode in LoadpointMode if mode is not other)


def _always_charge(json: JsonObject) -> AlwaysCharge | None:
    """``alwaysCharge`` in its words, true and false in the first builds; None where evcc has none."""
    match json.data.get("alwaysCharge"):
        case None:
            return None
        case bool(value):
            return AlwaysCharge.ON if value else AlwaysCharge.OFF
        case str(word) if word in set(AlwaysCharge):
            return AlwaysCharge(word)
    json.cannot_read("alwaysCharge", "off, once or on")
    return None


def _soc(json: JsonObject) -> float | None:
    """The SoC; 0 only beside a range, since evcc shows 0 until it has read the car."""
    soc = json.percent("vehicleSoc")
    return soc if soc or json.positive("vehicleRange") else None


def _limit(json: JsonObject, key: str) -> float | None:
    """A SoC limit; 0 is none, and evcc takes 180 % for as good as 100 %."""
    limit = json.positive(key)
    return None if limit is None else min(limit, 100.0)


def _kwh(wh: float | None) -> float | None:
    return None if wh is None else round(wh / 1000, 6)


def _energy_plan(json: JsonObject) -> EvccPlan | None:
    """The plan in kWh: evcc keeps and shows it beside one in SoC, which then is the effective one."""
    departure, energy_kwh = json.moment("planTime"), json.positive("planEnergy")
    if departure is None or energy_kwh is None:
        return None
    return EvccPlan(departure=departure, energy_kwh=energy_kwh)


def _plan(json: JsonObject) -> EvccPlan | None:
    departure = json.moment("effectivePlanTime")
    if departure is None:
        return None
    soc = json.positive("effectivePlanSoc")
    return EvccPlan(
        departure=departure,
        soc_pct=None if soc is None else min(soc, 100.0),
        energy_kwh=json.positive("planEnergy") if soc is None else None,
    )
