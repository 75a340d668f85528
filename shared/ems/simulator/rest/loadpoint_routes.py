"""Routes of loadpoints and vehicles: modes, limits, currents, cars, plans."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from ems.contract.site import LoadpointMode
from ems.simulator.charge_planner import needed
from ems.simulator.rest.api import (
    BOOLEAN,
    ID,
    INTEGER,
    NAME,
    NUMBER,
    SIGNED,
    TIME,
    WORD,
    Call,
    NotFound,
    Refusal,
    Route,
)
from ems.simulator.rest.state_json import rate, stamp
from ems.simulator.settings_store import LoadpointSettings, StoredPlan, VehicleSettings

UNWRAPPED = (
    "json: cannot unmarshal array into Go value of type struct "
    '{ RepeatingPlans []api.RepeatingPlanStruct "json:\\"plans\\"" }'
)


def _settings(call: Call) -> LoadpointSettings:
    return call.evcc.settings.loadpoints[call.loadpoint]


def _mode(call: Call) -> Any:
    settings = _settings(call)
    if call.value == "smart" and call.dialect.smart:
        settings.mode = LoadpointMode.PV if settings.mode is not LoadpointMode.MINPV else settings.mode
    else:
        try:
            settings.mode = LoadpointMode(call.value)
        except ValueError:
            raise Refusal(f"invalid value: {call.value}") from None
    call.evcc.changed()
    solar = settings.mode in (LoadpointMode.PV, LoadpointMode.MINPV)
    return "smart" if call.dialect.smart and solar else str(settings.mode)


def _set(field: str, kind: Callable[[str], Any]) -> Callable[[Call], Any]:
    """A setting that evcc takes as it comes."""

    def act(call: Call) -> Any:
        settings = _settings(call)
        try:
            value = kind(call.value)
        except ValueError:
            raise NotFound from None
        setattr(settings, field, value)
        call.evcc.changed()
        return value

    return act


def _price_limit(field: str, *, clear: bool) -> Callable[[Call], Any]:
    def act(call: Call) -> Any:
        settings = _settings(call)
        if call.faults.optimizer:
            raise Refusal("managed by the optimizer", 409)
        limit = None if clear else call.number
        setattr(settings, field, limit)
        call.evcc.changed()
        return limit

    return act


def _min_current(call: Call) -> Any:
    settings = _settings(call)
    if call.number > settings.max_a:
        raise Refusal("min current must be smaller or equal than max current")
    settings.min_a = call.number
    call.evcc.changed()
    return call.number


def _max_current(call: Call) -> Any:
    settings = _settings(call)
    if call.number < settings.min_a:
        raise Refusal("max current must be greater or equal than min current")
    settings.max_a = call.number
    call.evcc.changed()
    return call.number


def _phases(call: Call) -> Any:
    settings, phases = _settings(call), int(call.number)
    if phases not in (0, 1, 3):
        raise Refusal(f"invalid number of phases: {phases}")
    settings.phases = phases
    call.evcc.changed()
    return phases


def _boost(call: Call) -> Any:
    _settings(call).battery_boost = call.value == "true"
    return call.value == "true"


def _assign(call: Call) -> Any:
    loadpoint, name = call.loadpoint, call.values["name"]
    if name not in call.evcc.home.cars:
        raise Refusal(f"not found: {name}")
    call.evcc.assign(loadpoint, name)
    return {"vehicle": call.evcc.home.cars[name].title}


def _unassign(call: Call) -> Any:
    call.evcc.assign(call.loadpoint, None)
    return {}


def _time(call: Call) -> datetime:
    try:
        moment = datetime.fromisoformat(call.values["time"])
    except ValueError:
        raise NotFound from None
    if moment.tzinfo is None:
        raise NotFound
    if moment <= call.evcc.home.now:
        raise Refusal("timestamp is in the past")
    return moment


def _vehicle(call: Call) -> VehicleSettings:
    name = call.values["name"]
    if name not in call.evcc.settings.vehicles:
        raise Refusal(f"not found: {name}")
    return call.evcc.settings.vehicles[name]


def _precondition(call: Call) -> dict[str, int]:
    return {"precondition": 0} if call.dialect.plans_wrapped else {}


def _plan_soc(call: Call) -> Any:
    vehicle, soc_pct = _vehicle(call), int(call.number)
    vehicle.plan = StoredPlan(soc_pct, _time(call))
    call.evcc.changed()
    return {"soc": soc_pct, **_precondition(call), "time": stamp(vehicle.plan.time)}


def _plan_soc_delete(call: Call) -> Any:
    _vehicle(call).plan = None
    call.evcc.changed()
    return {}


def _plan_energy(call: Call) -> Any:
    settings = _settings(call)
    settings.plan_energy = StoredPlan(call.number, _time(call))
    return {"energy": call.number, **_precondition(call), "time": stamp(settings.plan_energy.time)}


def _plan_energy_delete(call: Call) -> Any:
    _settings(call).plan_energy = None
    return {}


def _plan_repeating(call: Call) -> Any:
    vehicle, plans = _vehicle(call), call.body
    if call.dialect.plans_wrapped:
        if not isinstance(plans, dict):
            raise Refusal(UNWRAPPED)
        plans = plans.get("plans")
    if not isinstance(plans, list):
        raise Refusal("json: cannot unmarshal into []api.RepeatingPlan")
    for plan in plans:
        if any(day not in range(7) for day in plan["weekdays"]) or ZoneInfo(plan["tz"]) is None:
            raise Refusal("invalid repeating plan")
    vehicle.repeating = plans
    call.evcc.changed()
    return plans


def _plan(call: Call) -> Any:
    evcc, loadpoint = call.evcc, call.loadpoint
    goal, car, view = evcc.goal(loadpoint), evcc.car(loadpoint), evcc.views[loadpoint]
    if goal is None or car is None:
        return {"planId": 0, "planTime": None, "duration": 0, "plan": None, "power": 0}
    power_kw = evcc.plan_kw(loadpoint)
    duration = needed(car.spec.capacity_kwh, view.vehicle_soc_pct, goal.value, power_kw)
    return {
        "planId": 1,
        "planTime": stamp(goal.time),
        "duration": round(duration.total_seconds()),
        **_precondition(call),
        "plan": [rate(slot) for slot in view.plan],
        "power": round(power_kw * 1000),
    }


def _vehicle_soc(field: str) -> Callable[[Call], Any]:
    def act(call: Call) -> Any:
        setattr(_vehicle(call), field, int(call.number))
        call.evcc.changed()
        return {"soc": int(call.number)}

    return act


_LP, _V = f"/loadpoints/{ID}", f"/vehicles/{NAME}"

ROUTES: list[Route] = [
    ("POST", f"{_LP}/mode/{WORD}", _mode),
    ("POST", f"{_LP}/limitsoc/{INTEGER}", _set("limit_soc_pct", int)),
    ("POST", f"{_LP}/limitenergy/{NUMBER}", _set("limit_energy_kwh", float)),
    ("POST", f"{_LP}/priority/{INTEGER}", _set("priority", int)),
    ("POST", f"{_LP}/mincurrent/{NUMBER}", _min_current),
    ("POST", f"{_LP}/maxcurrent/{NUMBER}", _max_current),
    ("POST", f"{_LP}/phases/{INTEGER}", _phases),
    ("POST", f"{_LP}/batteryboost/{BOOLEAN}", _boost),
    ("POST", f"{_LP}/smartcostlimit/{SIGNED}", _price_limit("smart_cost_limit", clear=False)),
    ("DELETE", f"{_LP}/smartcostlimit", _price_limit("smart_cost_limit", clear=True)),
    ("POST", f"{_LP}/smartfeedinprioritylimit/{SIGNED}", _price_limit("smart_feed_in_limit", clear=False)),
    ("DELETE", f"{_LP}/smartfeedinprioritylimit", _price_limit("smart_feed_in_limit", clear=True)),
    ("POST", f"{_LP}/vehicle/{NAME}", _assign),
    ("DELETE", f"{_LP}/vehicle", _unassign),
    ("GET", f"{_LP}/plan", _plan),
    ("POST", f"{_LP}/plan/energy/{NUMBER}/{TIME}", _plan_energy),
    ("DELETE", f"{_LP}/plan/energy", _plan_energy_delete),
    ("POST", f"{_V}/plan/soc/{INTEGER}/{TIME}", _plan_soc),
    ("DELETE", f"{_V}/plan/soc", _plan_soc_delete),
    ("POST", f"{_V}/plan/repeating", _plan_repeating),
    ("POST", f"{_V}/minsoc/{INTEGER}", _vehicle_soc("min_soc_pct")),
    ("POST", f"{_V}/limitsoc/{INTEGER}", _vehicle_soc("limit_soc_pct")),
]
