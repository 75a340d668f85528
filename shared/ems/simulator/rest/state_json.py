"""``/api/state`` of the simulated evcc."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from weakref import WeakKeyDictionary

from ems.contract.site import LoadpointMode, Rate, TariffKind
from ems.house.car import VOLTS
from ems.simulator.charge_planner import EFFICIENCY
from ems.simulator.evcc_core import EvccCore, LoadpointView, title
from ems.simulator.rest.versions import Dialect, idle_state

NEVER_S = 9223372036
"""Evcc's "never" where a duration is expected."""
SWITCH_FEATURES = ("chargerFeatureIntegratedDevice", "chargerFeatureSwitchDevice")
"""What tells a switch socket; evcc before 0.313 knows the first only."""

_told: WeakKeyDictionary[EvccCore, tuple[Dialect, list[Sequence[Rate]], dict[str, Any]]] = WeakKeyDictionary()
"""What each evcc told of its rates last: some 400, which change with the quarter of an hour."""


def state(evcc: EvccCore, dialect: Dialect, *, optimizer: bool = False) -> dict[str, Any]:
    """The whole object. Powers are those of the last control cycle, settings those of now."""
    measured, site = evcc.measured, evcc.site
    idle = idle_state(dialect.idle)
    found: dict[str, Any] = {
        **idle["site"],
        **_battery(evcc, dialect),
        "batteryDischargeControl": site.discharge_control,
        "batteryGridChargeActive": False,
        "batteryMode": str(evcc.battery_mode or "unknown"),
        "bufferSoc": site.buffer_soc_pct,
        "bufferStartSoc": site.buffer_start_soc_pct,
        "prioritySoc": site.priority_soc_pct,
        "residualPower": site.residual_w,
        "grid": {"power": round(measured.grid_w, 3)},
        "pv": [{"power": round(measured.pv_w, 3)}],
        "pvPower": round(measured.pv_w, 3),
        "homePower": round(measured.home_w, 3),
        "interval": evcc.interval_s,
        "siteTitle": "Home",
        "forecast": _forecast(evcc, dialect),
        "vehicles": {name: _vehicle(evcc, name, idle["vehicle"]) for name in evcc.home.cars},
        "loadpoints": [_loadpoint(evcc, lp, dialect) for lp in sorted(evcc.views, key=int)],
    }
    if dialect.battery_object:
        found["grid"]["name"], found["pv"][0]["name"] = "grid", "pv"
    if evcc.external_touched:
        found["batteryModeExternal"] = str(evcc.external or "unknown")
    if site.grid_charge_limit is not None:
        found["batteryGridChargeLimit"] = site.grid_charge_limit
        found["batteryGridChargeActive"] = evcc.battery_mode == "charge" and evcc.external is None
    for key, kind in (("tariffGrid", TariffKind.GRID), ("tariffFeedIn", TariffKind.FEEDIN)):
        if rates := evcc.rates(kind):
            found[key] = found["tariffPriceLoadpoints" if key == "tariffGrid" else "tariffPriceHome"] = rates[0].value
    if rates := evcc.rates(TariffKind.SOLAR):
        found["tariffSolar"] = rates[0].value
    if dialect.version is not None:
        found["version"] = dialect.version
    if optimizer and "optimizer" in found:
        found["optimizer"] = True
    return found


def _battery(evcc: EvccCore, dialect: Dialect) -> dict[str, Any]:
    battery, measured = evcc.home.battery, evcc.measured
    if battery is None:
        return {} if dialect.battery_object else {"batteryPower": 0, "batterySoc": 0}
    device = {
        "power": round(measured.battery_w, 3),
        "capacity": battery.capacity_kwh,
        "soc": measured.battery_soc_pct,
        "controllable": evcc.home.battery_controllable,
    }
    if dialect.battery_object:
        total = {key: device[key] for key in ("power", "capacity", "soc")}
        return {"battery": {**total, "devices": [{"name": "battery", **device}]}}
    return {
        "battery": [device],
        "batteryCapacity": battery.capacity_kwh,
        "batteryPower": device["power"],
        "batterySoc": round(measured.battery_soc_pct, 3),
    }


def _vehicle(evcc: EvccCore, name: str, idle: dict[str, Any]) -> dict[str, Any]:
    car, settings = evcc.home.cars[name], evcc.settings.vehicles[name]
    found = {**idle, "title": car.title, "capacity": car.spec.capacity_kwh, "repeatingPlans": settings.repeating}
    if settings.min_soc_pct:
        found["minSoc"] = settings.min_soc_pct
    if settings.limit_soc_pct:
        found["limitSoc"] = settings.limit_soc_pct
    if settings.plan:
        found["plan"] = {"soc": round(settings.plan.value), "time": stamp(settings.plan.time)}
    return found


def _loadpoint(evcc: EvccCore, loadpoint: str, dialect: Dialect) -> dict[str, Any]:
    settings, view = evcc.settings.loadpoints[loadpoint], evcc.views[loadpoint]
    charger, limit_pct, car = evcc.charger(loadpoint), evcc.limit_soc_pct(loadpoint), evcc.car(loadpoint)
    soc_pct = 0.0 if not_yet_read(evcc, view, dialect) else view.vehicle_soc_pct
    missing_kwh = max(0.0, limit_pct - soc_pct) / 100 * car.spec.capacity_kwh / EFFICIENCY if car else 0.0
    goal = evcc.goal(loadpoint)
    spec = evcc.home.chargers[loadpoint]
    found: dict[str, Any] = {
        **idle_state(dialect.idle)["loadpoint"],
        "title": title(loadpoint),
        "mode": str(settings.mode),
        "connected": view.connected,
        "charging": view.power_w > 0,
        "enabled": view.power_w > 0 or (view.fast and (limit_pct >= 100 or soc_pct < limit_pct)),
        "chargePower": round(view.power_w, 3),
        "chargedEnergy": round(view.session_kwh * 1000, 3),
        "sessionEnergy": round(view.session_kwh * 1000, 3),
        "chargeRemainingEnergy": round(missing_kwh * 1000, 3),
        "connectedDuration": _connected_s(view),
        "offeredCurrent": round(view.power_w / VOLTS / charger.phases, 1),
        "phasesActive": charger.phases,
        "phasesConfigured": settings.phases if spec.switchable else spec.phases,
        "chargerPhases1p3p": spec.switchable,
        "batteryBoost": settings.battery_boost,
        "limitSoc": settings.limit_soc_pct,
        "limitEnergy": settings.limit_energy_kwh,
        "effectiveLimitSoc": limit_pct,
        "minCurrent": settings.min_a,
        "maxCurrent": settings.max_a,
        "effectiveMinCurrent": settings.min_a,
        "effectiveMaxCurrent": settings.max_a,
        "priority": settings.priority,
        "effectivePriority": settings.priority,
        "smartCostActive": False,
        "smartCostLimit": settings.smart_cost_limit,
        "smartFeedInPriorityLimit": settings.smart_feed_in_limit,
        "planActive": view.plan_active,
        "planEnergy": settings.plan_energy.value if settings.plan_energy else 0,
        "planTime": stamp(settings.plan_energy.time) if settings.plan_energy else None,
        "planProjectedStart": stamp(view.plan[0].start) if view.plan else None,
        "planProjectedEnd": stamp(view.plan[-1].end) if view.plan else None,
        "effectivePlanId": 1 if goal else 0,
        "effectivePlanSoc": round(goal.value) if goal else 0,
        "effectivePlanTime": stamp(goal.time) if goal else None,
        "vehicleName": view.vehicle or "",
        "vehicleTitle": car.title if car else "",
        "vehicleSoc": round(soc_pct, 3),
        "vehicleRange": round(soc_pct / 100 * car.spec.capacity_kwh * 6) if car else 0,
    }
    if dialect.plan_in_state:
        found["plan"] = [rate(slot) for slot in view.plan] or None
    if dialect.battery_object:
        minimum = evcc.settings.vehicles[view.vehicle].min_soc_pct if view.vehicle else 0
        found |= {
            "name": f"lp-{loadpoint}",
            "minSoc": 0,
            "effectiveMinSoc": minimum,
            "minSocNotReached": view.connected and 0 < soc_pct < minimum,
        }
    if loadpoint in evcc.home.switches:
        found |= {key: True for key in SWITCH_FEATURES if key in found}
    if dialect.smart:
        found["alwaysCharge"] = settings.always_charge
        found["mode"] = "smart" if settings.mode is LoadpointMode.PV else str(settings.mode)
    return found


def not_yet_read(evcc: EvccCore, view: LoadpointView, dialect: Dialect) -> bool:
    """Whether a car was plugged in so recently that this evcc has not read its SoC."""
    if view.connected_since is None or not view.connected:
        return False
    return evcc.home.now - view.connected_since < timedelta(seconds=dialect.vehicle_read_delay_s)


def _connected_s(view: LoadpointView) -> int:
    """0 for a whole stay, as every evcc has it, then that stay's length; for ever where no car came in this run."""
    if view.connected:
        return 0
    return NEVER_S if view.last_stay_s is None else view.last_stay_s


def _forecast(evcc: EvccCore, dialect: Dialect) -> dict[str, Any]:
    rates = [evcc.rates(kind) for kind in (TariffKind.GRID, TariffKind.FEEDIN, TariffKind.SOLAR)]
    told = _told.get(evcc)
    if told is None or told[0] is not dialect or any(old is not new for old, new in zip(told[1], rates, strict=True)):
        told = _told[evcc] = dialect, rates, _all_rates(*rates, dialect=dialect)
    return told[2]


def _all_rates(
    grid: Sequence[Rate], feedin: Sequence[Rate], solar: Sequence[Rate], *, dialect: Dialect
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, series in (("grid", grid), ("feedin", feedin), ("planner", grid)):
        if series:
            found[key] = [_pair(r) if dialect.forecast_pairs else rate(r) for r in series]
    if not dialect.feedin_forecast:
        found.pop("feedin", None)
    if solar:
        kwh = sum(r.value * (r.end - r.start).total_seconds() for r in solar) / 3.6e6
        timeseries = [
            [int(r.start.timestamp()), r.value] if dialect.forecast_pairs else {"ts": stamp(r.start), "val": r.value}
            for r in solar
        ]
        found["solar"] = {"today": {"energy": kwh * 1000, "complete": True}, "timeseries": timeseries}
        if dialect.forecast_pairs:
            found["solar"]["scale"] = 1
    return found


def _pair(r: Rate) -> list[float]:
    return [int(r.start.timestamp()), int(r.end.timestamp()), r.value]


def rate(r: Rate) -> dict[str, Any]:
    """A rate as evcc's tariffs carry it."""
    return {"start": stamp(r.start), "end": stamp(r.end), "value": r.value}


def stamp(moment: datetime) -> str:
    """RFC 3339 to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
