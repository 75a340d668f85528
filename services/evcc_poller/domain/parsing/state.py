"""evcc's state of any version from 0.207 to 0.316 as our facts. Never raises; says what it could not read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ems.contract.site import BatteryDevice, BatteryFact, BatteryMode, EvccFact, EvccVehicle, Loadpoint, Site
from evcc_poller.domain.parsing.json_object import JsonObject
from evcc_poller.domain.parsing.loadpoint import loadpoint
from evcc_poller.domain.parsing.vehicle_names import VehicleNames

MAX_PROBLEMS = 5
"""So many are told in words; a state that is all garbage would fill a screen."""


@dataclass(frozen=True, slots=True)
class EvccFacts:
    """What one state says."""

    site: Site
    loadpoints: tuple[Loadpoint, ...]
    loadpoint_count: int = 0
    """How many evcc has, those that cannot be read too."""
    problems: tuple[str, ...] = ()
    """What could not be read."""
    unusable_names: tuple[str, ...] = ()
    """evcc's names of vehicles that need a line in ``vehicle_names``."""
    fatal: str | None = None
    """evcc's words about a configuration that it cannot work with."""
    external_untouched: bool = False
    """Nobody has set a battery mode from outside since evcc's start."""
    battery_grid_charge_limit: float | None = None


def read(state: Mapping[str, Any], at: datetime, names: VehicleNames) -> EvccFacts:
    """The facts in ``state`` (``/api/state`` without envelope), asked for at ``at``."""
    raw = JsonObject(state)
    vehicles = raw.child("vehicles")
    site = _site(raw, at, vehicles, names)
    shown = raw.children("loadpoints")
    loadpoints = [loadpoint(lp, number, at, vehicles, names) for number, lp in enumerate(shown, start=1)]
    fatal = fatal_words(state)
    problems = tuple(dict.fromkeys(raw.problems))
    problem = fatal or (in_words(problems) if problems else None)
    return EvccFacts(
        site=site.model_copy(update={"evcc": site.evcc.model_copy(update={"problem": problem})}),
        loadpoints=tuple(lp for lp in loadpoints if lp is not None),
        loadpoint_count=len(shown),
        problems=problems,
        unusable_names=tuple(str(name) for name in vehicles.data if names.our_name(str(name)) is None),
        fatal=fatal,
        external_untouched=state.get("batteryModeExternal") is None,
        battery_grid_charge_limit=raw.number("batteryGridChargeLimit"),
    )


def away(last: Site | None, at: datetime, reason: str) -> Site:
    """The site while evcc is out of reach: what it is stays known, what it measured does not."""
    known = last or Site(at=at, evcc=EvccFact(reachable=False))
    return Site(
        at=at,
        evcc=EvccFact(
            reachable=False,
            version=known.evcc.version,
            last_contact=known.evcc.last_contact,
            interval_s=known.evcc.interval_s,
            problem=reason,
        ),
        currency=known.currency,
        title=known.title,
        vehicles=known.vehicles,
    )


def in_words(problems: tuple[str, ...]) -> str:
    """``problems`` in one line for people."""
    more = len(problems) - MAX_PROBLEMS
    shown = ", ".join(problems[:MAX_PROBLEMS])
    return f"evcc's state cannot be read in places: {shown}" + (f" and {more} more" if more > 0 else "")


def fatal_words(state: Mapping[str, Any]) -> str | None:
    """What evcc says about a configuration that it cannot work with, or None."""
    fatal = state.get("fatal")
    if not fatal:
        return None
    words = [
        ": ".join(str(entry[key]) for key in ("class", "error") if entry.get(key))
        if isinstance(entry, Mapping)
        else str(entry)
        for entry in (fatal if isinstance(fatal, list) else [fatal])
    ]
    return f"evcc cannot work with its configuration: {' '.join('; '.join(words).split())[:300]}"


def _site(raw: JsonObject, at: datetime, vehicles: JsonObject, names: VehicleNames) -> Site:
    operator = raw.child("hems").child("status")
    return Site(
        at=at,
        evcc=EvccFact(
            reachable=True,
            version=raw.text("version"),
            last_contact=at,
            interval_s=raw.not_negative("interval"),
            optimizer_active=_optimizer_active(raw.data),
        ),
        grid_w=_first(raw.child("grid").number("power"), raw.number("gridPower")),
        pv_w=_first(raw.number("pvPower"), _sum(raw.children("pv"))),
        home_w=raw.number("homePower"),
        battery=_battery(raw),
        import_eur_per_kwh=raw.number("tariffGrid"),
        export_eur_per_kwh=raw.number("tariffFeedIn"),
        currency=raw.text("currency") or "EUR",
        title=raw.text("siteTitle"),
        import_limit_w=operator.positive("maxConsumptionPower"),
        export_limit_w=_curtailed_w(operator),
        residual_power_w=raw.number("residualPower"),
        priority_soc_pct=raw.percent("prioritySoc"),
        buffer_soc_pct=raw.percent("bufferSoc"),
        buffer_start_soc_pct=raw.percent("bufferStartSoc"),
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


def _optimizer_active(state: Mapping[str, Any]) -> bool:
    """Whether evcc's own optimizer acts (``optimizer: true`` alone only advises).

    Its automatic mode was still being discussed when this was written: both places that may show it count.
    """
    optimizer = state.get("optimizer")
    nested = optimizer.get("automatic") if isinstance(optimizer, Mapping) else None
    return True in (nested, state.get("optimizerAutomatic"))


def _battery(raw: JsonObject) -> BatteryFact | None:
    """All batteries: an object with devices from 0.301 on, a list beside ``batteryPower`` and its like before."""
    total = (
        raw.child("battery")
        if not isinstance(raw.data.get("battery"), list)
        else JsonObject({}, "battery", raw.problems)
    )
    old = raw.children("battery") if isinstance(raw.data.get("battery"), list) else []
    devices = tuple(_device(d, i) for i, d in enumerate(total.children("devices") or old, start=1))
    if not devices and total.number("power") is None:
        # Old versions show a battery power of 0 where there is no battery at all.
        return None
    capacity = _first(total.positive("capacity"), raw.positive("batteryCapacity"))
    if any(d.capacity_kwh is None for d in devices):
        # evcc then counts the batteries instead.
        capacity = None
    known = [d.controllable for d in devices if d.controllable is not None]
    return BatteryFact(
        power_w=_first(total.number("power"), raw.number("batteryPower")),
        soc_pct=_first(total.percent("soc"), raw.percent("batterySoc")),
        capacity_kwh=capacity,
        mode=_mode(raw, "batteryMode"),
        mode_external=_mode(raw, "batteryModeExternal"),
        controllable=any(known) if known else None,
        devices=devices,
    )


def _device(raw: JsonObject, number: int) -> BatteryDevice:
    return BatteryDevice(
        name=raw.text("name", "title") or f"battery-{number}",
        power_w=raw.number("power"),
        soc_pct=raw.percent("soc"),
        capacity_kwh=raw.positive("capacity"),
        controllable=raw.flag("controllable"),
    )


def _mode(raw: JsonObject, key: str) -> BatteryMode | None:
    word = raw.text(key)
    if word in (None, "unknown"):
        return None
    if word in set(BatteryMode):
        return BatteryMode(word)
    raw.cannot_read(key, "a battery mode that is known here")
    return None


def _sum(raws: list[JsonObject]) -> float | None:
    powers = [power for raw in raws if (power := raw.number("power")) is not None]
    return round(sum(powers), 6) if powers else None


def _first(*values: float | None) -> float | None:
    return next((value for value in values if value is not None), None)
