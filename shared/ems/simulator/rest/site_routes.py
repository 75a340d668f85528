"""Routes of the site: state, tariffs, battery, limits, history, login."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from ems.contract.site import BatteryMode, TariffKind
from ems.simulator.faults import RatesFault
from ems.simulator.rest import history_api
from ems.simulator.rest.api import (
    BOOLEAN,
    NAME,
    NUMBER,
    SIGNED,
    WORD,
    Call,
    NotFound,
    PlainText,
    Refusal,
    Route,
)
from ems.simulator.rest.state_json import rate, state

TARIFFS = {
    "grid": TariffKind.GRID,
    "feedin": TariffKind.FEEDIN,
    "solar": TariffKind.SOLAR,
    "planner": TariffKind.GRID,
}


def _state(call: Call) -> Any:
    if call.faults.fatal is not None:
        whole = state(call.evcc, call.dialect)
        kept = ("interval", "version", "startupCompleted", "apiReady")
        fatal = {key: whole[key] for key in kept if key in whole}
        return {**fatal, "loadpoints": [], "fatal": [{"class": "tariff", "error": call.faults.fatal}]}
    shown = state(call.evcc, call.dialect, optimizer=call.faults.optimizer)
    if call.faults.automatic is not None:
        shown["optimizerAutomatic"] = call.faults.automatic
    if call.faults.mqtt_topic is not None:
        shown["mqtt"] = {"broker": "127.0.0.1:1883", "topic": call.faults.mqtt_topic}
    return shown


def _tariff(call: Call) -> Any:
    name = call.value
    if name == "temperature" and call.dialect.temperature_tariff:
        raise Refusal("tariff not available", 404)
    if name not in TARIFFS:
        raise Refusal(f"{name} does not belong to TariffUsage values", 404)
    if call.faults.rates is RatesFault.OUTDATED:
        raise Refusal("outdated", 404)
    rates = call.evcc.rates(TARIFFS[name])
    if call.faults.rates is RatesFault.GONE or not rates:
        raise Refusal("tariff not available", 404)
    if call.faults.rates is RatesFault.GARBAGE:
        return {"rates": [{"start": "soon", "end": None, "value": "dear"}]}
    return {"rates": [rate(r) for r in rates]}


def _battery_mode(call: Call) -> Any:
    allowed = [m for m in BatteryMode if m is not BatteryMode.HOLDCHARGE or call.dialect.holdcharge]
    mode = next((m for m in allowed if m == call.value), None)
    if mode is None:
        raise Refusal(f"{call.value} does not belong to BatteryMode values")
    return call.evcc.set_external(mode)


def _release_battery(call: Call) -> Any:
    return call.evcc.set_external(None)


def _not_while_optimizing(call: Call) -> None:
    if call.faults.optimizer:
        raise Refusal("managed by the optimizer", 409)


def _price_limit(field: str, *, clear: bool) -> Callable[[Call], Any]:
    """The EV price limits of the site are those of all its loadpoints."""

    def act(call: Call) -> Any:
        _not_while_optimizing(call)
        limit = None if clear else call.number
        for settings in call.evcc.settings.loadpoints.values():
            setattr(settings, field, limit)
        call.evcc.changed()
        return limit

    return act


def _grid_charge(*, clear: bool) -> Callable[[Call], Any]:
    def act(call: Call) -> Any:
        _not_while_optimizing(call)
        if call.evcc.home.battery is None or not call.evcc.home.battery_controllable:
            raise Refusal("battery not controllable")
        call.evcc.site.grid_charge_limit = None if clear else call.number
        return call.evcc.site.grid_charge_limit

    return act


def _buffer(call: Call) -> Any:
    call.evcc.site.buffer_soc_pct = call.number
    return call.number


def _buffer_start(call: Call) -> Any:
    if 0 < call.number <= call.evcc.site.buffer_soc_pct:
        raise Refusal("buffer start soc must be larger than buffer soc")
    call.evcc.site.buffer_start_soc_pct = call.number
    return call.number


def _priority(call: Call) -> Any:
    if 0 < call.evcc.site.buffer_soc_pct < call.number:
        raise Refusal("priority soc must be smaller or equal than buffer soc")
    call.evcc.site.priority_soc_pct = call.number
    return call.number


def _residual(call: Call) -> Any:
    call.evcc.site.residual_w = call.number
    return call.number


def _discharge_control(call: Call) -> Any:
    _not_while_optimizing(call)
    call.evcc.site.discharge_control = call.value == "true"
    return call.evcc.site.discharge_control


def _history(call: Call) -> Any:
    if not call.dialect.history:
        raise NotFound
    query = call.query
    try:
        start, end = (datetime.fromisoformat(query[k]) if k in query else None for k in ("from", "to"))
        grouped = query.get("grouped", "false") == "true"
        return history_api.energy(
            call.evcc, start, end, query.get("aggregate", "15m"), query.get("group", ""), grouped=grouped
        )
    except ValueError as error:
        raise Refusal(str(error), 500) from None


def _health(call: Call) -> Any:
    if not call.dialect.health:
        raise NotFound
    raise PlainText(200, "OK\n")


def _vehicle_devices(call: Call) -> Any:
    if not call.authorized:
        raise PlainText(401, "Unauthorized\n")
    return [{"name": name, "deviceTitle": car.title} for name, car in call.evcc.home.cars.items()]


def _vehicle_device(call: Call) -> Any:
    if not call.authorized:
        raise PlainText(401, "Unauthorized\n")
    car = call.evcc.home.cars.get(call.values["name"])
    if car is None:
        raise NotFound
    return {"capacity": {"value": car.spec.capacity_kwh, "error": ""}, "soc": {"value": car.soc_pct, "error": ""}}


ROUTES: list[Route] = [
    ("GET", "/state", _state),
    ("GET", "/health", _health),
    ("GET", f"/tariff/{WORD}", _tariff),
    ("GET", "/history/energy", _history),
    ("GET", "/sessions", lambda _: []),
    ("GET", "/config/devices/vehicle", _vehicle_devices),
    ("GET", f"/config/devices/vehicle/{NAME}/status", _vehicle_device),
    ("POST", f"/batterymode/{WORD}", _battery_mode),
    ("DELETE", "/batterymode", _release_battery),
    ("POST", f"/smartcostlimit/{SIGNED}", _price_limit("smart_cost_limit", clear=False)),
    ("DELETE", "/smartcostlimit", _price_limit("smart_cost_limit", clear=True)),
    ("POST", f"/smartfeedinprioritylimit/{SIGNED}", _price_limit("smart_feed_in_limit", clear=False)),
    ("DELETE", "/smartfeedinprioritylimit", _price_limit("smart_feed_in_limit", clear=True)),
    ("POST", f"/batterygridchargelimit/{SIGNED}", _grid_charge(clear=False)),
    ("DELETE", "/batterygridchargelimit", _grid_charge(clear=True)),
    ("POST", f"/buffersoc/{NUMBER}", _buffer),
    ("POST", f"/bufferstartsoc/{NUMBER}", _buffer_start),
    ("POST", f"/prioritysoc/{NUMBER}", _priority),
    ("POST", f"/residualpower/{SIGNED}", _residual),
    ("POST", f"/batterydischargecontrol/{BOOLEAN}", _discharge_control),
]
