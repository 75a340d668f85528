"""Reads evcc's state of any version from 0.207 to 0.316 as facts. Never raises; lists what it could not read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ems.contract.broker import EVCC_ROOT
from ems.contract.site import (
    BatteryDevice,
    BatteryFact,
    BatteryMode,
    EvccFact,
    EvccVehicle,
    Loadpoint,
    OptimizerScope,
    Site,
)
from ems.i18n.health.renderer import problem_fields
from ems.i18n.health.troubles import EvccMisconfigured, EvccUnreadable, HealthTrouble, NamesUnusable, RootErased
from evcc_poller.domain.parsing.json_object import JsonObject
from evcc_poller.domain.parsing.loadpoint import not_yet_asked, read_loadpoint, stay_is_over
from evcc_poller.domain.parsing.vehicle_names import VehicleNames

MAX_PROBLEMS = 5
"""Most problems that are listed one by one; a state that is all garbage would fill a screen."""


@dataclass(frozen=True, slots=True)
class EvccFacts:
    """What one state says."""

    site: Site
    loadpoints: tuple[Loadpoint, ...]
    loadpoint_count: int = 0
    """Number of loadpoints that evcc has, including unreadable ones."""
    unasked: tuple[int, ...] = ()
    """Loadpoints of which evcc, just started, does not know yet whether a car is there."""
    stays_over: tuple[int, ...] = ()
    """Loadpoints whose car evcc still shows, although it tells already how long it was there."""
    problems: tuple[str, ...] = ()
    """What could not be read."""
    unusable_names: tuple[str, ...] = ()
    """evcc's names of vehicles that need a line in ``vehicle_names``."""
    fatal: EvccMisconfigured | None = None
    """evcc's words about a configuration that it cannot work with."""
    external_untouched: bool = False
    """Nobody has set a battery mode from outside since evcc's start."""
    battery_grid_charge_limit: float | None = None
    tells_optimizer: bool = False
    """Whether evcc tells what its optimizer steers; where it does not, only its refusals (409) do."""


def read_state(state: Mapping[str, Any], at: datetime, names: VehicleNames) -> EvccFacts:
    """The facts in ``state`` (``/api/state`` without envelope), asked for at ``at``."""
    json = JsonObject(state)
    vehicles = json.child("vehicles")
    site = _site(json, at, vehicles, names)
    shown = json.children("loadpoints")
    loadpoints = [read_loadpoint(lp, number, at, vehicles, names) for number, lp in enumerate(shown, start=1)]
    fatal = fatal_problem(state)
    problems = tuple(dict.fromkeys(json.problems))
    evcc = with_problem(site.evcc, fatal or unreadable(problems))
    return EvccFacts(
        site=site.model_copy(update={"evcc": evcc}),
        loadpoints=tuple(lp for lp in loadpoints if lp is not None),
        loadpoint_count=len(shown),
        unasked=tuple(number for number, lp in enumerate(shown, start=1) if not_yet_asked(lp)),
        stays_over=tuple(number for number, lp in enumerate(shown, start=1) if stay_is_over(lp)),
        problems=problems,
        unusable_names=tuple(str(name) for name in vehicles.data if names.our_name(str(name)) is None),
        fatal=fatal,
        external_untouched=state.get("batteryModeExternal") is None,
        battery_grid_charge_limit=json.number("batteryGridChargeLimit"),
        tells_optimizer=_automatic(state) is not None,
    )


def unreachable_site(last: Site | None, at: datetime, trouble: HealthTrouble) -> Site:
    """The site while evcc is unreachable: what it is stays known, what it measured does not."""
    known = last or Site(at=at, evcc=EvccFact(reachable=False))
    return Site(
        at=at,
        evcc=with_problem(
            EvccFact(
                reachable=False,
                version=known.evcc.version,
                last_contact=known.evcc.last_contact,
                interval_s=known.evcc.interval_s,
            ),
            trouble,
        ),
        currency=known.currency,
        title=known.title,
        vehicles=known.vehicles,
    )


def with_problem(evcc: EvccFact, trouble: HealthTrouble | None) -> EvccFact:
    """``evcc`` with what is wrong, as data and in words."""
    return evcc.model_copy(update=problem_fields(trouble))


def unreadable(problems: tuple[str, ...]) -> EvccUnreadable | None:
    """What says so of ``problems``, of which a few are named; None without any."""
    more = max(0, len(problems) - MAX_PROBLEMS)
    return EvccUnreadable(problems[:MAX_PROBLEMS], more) if problems else None


def unusable(names: tuple[str, ...]) -> NamesUnusable | None:
    """What says so of vehicles' ``names``; None without any."""
    return NamesUnusable(names) if names else None


def fatal_problem(state: Mapping[str, Any]) -> EvccMisconfigured | None:
    """What evcc says about a configuration that it cannot work with, or None."""
    fatal = state.get("fatal")
    if not fatal:
        return None
    told = [
        ": ".join(str(entry[key]) for key in ("class", "error") if entry.get(key))
        if isinstance(entry, Mapping)
        else str(entry)
        for entry in (fatal if isinstance(fatal, list) else [fatal])
    ]
    return EvccMisconfigured(" ".join("; ".join(told).split())[:300])


def _site(json: JsonObject, at: datetime, vehicles: JsonObject, names: VehicleNames) -> Site:
    operator = json.child("hems").child("status")
    scope = _optimizer_scope(json)
    return Site(
        at=at,
        evcc=EvccFact(
            reachable=True,
            version=json.text("version"),
            last_contact=at,
            interval_s=json.not_negative("interval"),
            optimizer_active=scope is not None,
            optimizer_scope=scope,
            mqtt_root=_mqtt_root(json),
        ),
        grid_w=_first(json.child("grid").number("power"), json.number("gridPower")),
        pv_w=_first(json.number("pvPower"), _sum(json.children("pv"))),
        home_w=json.number("homePower"),
        battery=_battery(json),
        import_eur_per_kwh=json.number("tariffGrid"),
        export_eur_per_kwh=json.number("tariffFeedIn"),
        currency=json.text("currency") or "EUR",
        title=json.text("siteTitle"),
        import_limit_w=operator.positive("maxConsumptionPower"),
        export_limit_w=_curtailed_w(operator),
        own_export_limit_w=json.not_negative("gridExportLimit"),
        residual_power_w=json.number("residualPower"),
        priority_soc_pct=json.percent("prioritySoc"),
        buffer_soc_pct=json.percent("bufferSoc"),
        buffer_start_soc_pct=json.percent("bufferStartSoc"),
        vehicles=tuple(
            EvccVehicle(
                name=ours,
                title=(vehicle := vehicles.child(name)).text("title"),
                capacity_kwh=vehicle.positive("capacity"),
                min_soc_pct=vehicle.percent("minSoc"),
                limit_soc_pct=vehicle.percent("limitSoc"),
            )
            for name in sorted(str(name) for name in vehicles.data)
            if (ours := names.our_name(name))
        ),
    )


def _curtailed_w(operator: JsonObject) -> float | None:
    """What may be fed in while the grid operator allows less than all; 100 % is no limit."""
    share_pct = operator.number("curtailed")
    return None if share_pct is None or share_pct >= 100 else operator.not_negative("maxProductionPower")


def _mqtt_root(json: JsonObject) -> str | None:
    """Evcc's root on its broker; None where it has no broker."""
    mqtt = json.child("mqtt")
    return mqtt.text("topic") if mqtt.text("broker") else None


def erased(root: str | None, prefix: str) -> RootErased | None:
    """Why evcc's own ``root`` may not be where the suite lives (at ``prefix``); None when it is elsewhere."""
    if root is None or not f"{prefix}/".startswith(f"{root.strip('/')}/"):
        return None
    return RootErased(root, prefix, EVCC_ROOT)


def _automatic(state: Mapping[str, Any]) -> Any:
    """Evcc's words on what its optimizer does by itself; None where this evcc has none.

    ``optimizer: true`` alone only advises.
    """
    optimizer = state.get("optimizer")
    nested = optimizer.get("automatic") if isinstance(optimizer, Mapping) else None
    top = state.get("optimizerAutomatic")
    return nested if top is None else top


def _optimizer_scope(json: JsonObject) -> OptimizerScope | None:
    """What evcc's own optimizer steers by itself: ``off | battery | full``, true or false before.

    A word that is not known steers everything: what evcc may hold is not contradicted.
    """
    match _automatic(json.data):
        case None | False | "off" | "":
            return None
        case True | "full":
            return OptimizerScope.ALL
        case "battery":
            return OptimizerScope.BATTERY
    json.cannot_read("optimizerAutomatic", "off, battery or full")
    return OptimizerScope.ALL


def _battery(json: JsonObject) -> BatteryFact | None:
    """All batteries: an object with devices from 0.301 on, a list beside ``batteryPower`` and its like before."""
    total = (
        json.child("battery")
        if not isinstance(json.data.get("battery"), list)
        else JsonObject({}, "battery", json.problems)
    )
    old = json.children("battery") if isinstance(json.data.get("battery"), list) else []
    devices = tuple(_device(d, i) for i, d in enumerate(total.children("devices") or old, start=1))
    if not devices and total.number("power") is None:
        # Old versions show a battery power of 0 where there is no battery at all.
        return None
    capacity = _first(total.positive("capacity"), json.positive("batteryCapacity"))
    if any(d.capacity_kwh is None for d in devices):
        # evcc then counts the batteries instead.
        capacity = None
    known = [d.controllable for d in devices if d.controllable is not None]
    return BatteryFact(
        power_w=_first(total.number("power"), json.number("batteryPower")),
        soc_pct=_first(total.percent("soc"), json.percent("batterySoc")),
        capacity_kwh=capacity,
        mode=_mode(json, "batteryMode"),
        mode_external=_mode(json, "batteryModeExternal"),
        controllable=any(known) if known else None,
        discharge_control=json.flag("batteryDischargeControl"),
        devices=devices,
    )


def _device(json: JsonObject, number: int) -> BatteryDevice:
    return BatteryDevice(
        name=json.text("name", "title") or f"battery-{number}",
        title=json.text("title"),
        power_w=json.number("power"),
        soc_pct=json.percent("soc"),
        capacity_kwh=json.positive("capacity"),
        controllable=json.flag("controllable"),
    )


def _mode(json: JsonObject, key: str) -> BatteryMode | None:
    word = json.text(key)
    if word in (None, "unknown"):
        return None
    if word in set(BatteryMode):
        return BatteryMode(word)
    json.cannot_read(key, "a battery mode that is known here")
    return None


def _sum(objects: list[JsonObject]) -> float | None:
    powers = [power for json in objects if (power := json.number("power")) is not None]
    return round(sum(powers), 6) if powers else None


def _first(*values: float | None) -> float | None:
    return next((value for value in values if value is not None), None)
