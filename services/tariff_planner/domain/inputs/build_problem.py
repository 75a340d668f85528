"""From what is known of the site to a planning problem; what is not known is left out and named in words."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ems.contract.control import Owner
from ems.contract.message import Text
from ems.contract.site import BatteryMode, LoadpointKind
from ems.contract.site import Loadpoint as LoadpointFact
from ems.house.calendar import DailyHours
from ems.house.slots import Slot
from tariff_planner.domain.inputs.battery_goals import battery_goals
from tariff_planner.domain.inputs.counted_soc import doubt
from tariff_planner.domain.inputs.facts import Facts, HomeRules
from tariff_planner.domain.inputs.grid_limits import GridLimits, dimmed_in_words
from tariff_planner.domain.inputs.horizon import SlotPrice
from tariff_planner.domain.inputs.price_stats import percentile
from tariff_planner.domain.inputs.reference_prices import reference_prices
from tariff_planner.domain.inputs.rules import BatteryRules
from tariff_planner.domain.inputs.vehicles import (
    VehicleContext,
    absent_cars,
    cannot_have,
    loadpoint,
    plugged_car,
    unplanned_loads,
)
from tariff_planner.domain.problem.money import money_scale, weights
from tariff_planner.domain.problem.problem import (
    CapacityPrice,
    Loadpoint,
    PreviousSlot,
    Problem,
    Step,
)
from tariff_planner.domain.problem.storage import Battery, Car, TerminalValue

CHEAP_SHARE = 0.3
"""A car with a goal but no departure charges in this share of the time, the cheapest."""
_LATER_EUR_PER_KWH = 0.003
"""How much less a kWh is worth at the horizon's end than now, where a kWh costs as usual."""
_RESERVED = re.compile(r"battery|loadpoint-[0-9]+")


@dataclass(frozen=True, slots=True)
class BuiltProblem:
    """The problem, which car stands at which loadpoint, and in words what had to be left out."""

    problem: Problem
    problems: tuple[Text, ...]


def build_problem(
    facts: Facts,
    home: HomeRules,
    slots: Sequence[Slot],
    prices: Sequence[SlotPrice],
    earns_eur_per_kwh: Sequence[float],
    load_w: Sequence[float],
    pv_w: Sequence[float],
    previous: tuple[PreviousSlot, ...] = (),
    peak_kw: float = 0.0,
) -> BuiltProblem:
    """The planning problem of this moment.

    Args:
        facts: what is known now.
        home: what people have set.
        slots: the horizon; prices, earnings and powers have one value for each.
        prices: import prices.
        earns_eur_per_kwh: what a kWh fed in earns.
        load_w: mean power of the house without cars and battery, W.
        pv_w: mean power of the sun, W.
        previous: what the last plan wanted, so that the new one does not differ without a cause.
        peak_kw: the month's highest mean import of a quarter of an hour so far.

    Raises:
        ValueError: slots, prices and forecasts do not fit each other.
    """
    hours = [(price.eur_per_kwh, slot.hours) for slot, price in zip(slots, prices, strict=True)]
    worths = reference_prices(
        percentile(hours, CHEAP_SHARE),
        [price.eur_per_kwh for price in prices],
        earns_eur_per_kwh,
        [sun > use for sun, use in zip(pv_w, load_w, strict=True)],
        scale := money_scale([price for price, _ in hours], [h for _, h in hours]),
    )
    cars, loadpoints, left_out = _cars(VehicleContext(facts, home, worths, slots[-1].end))
    beside = unplanned_loads(facts, {p.name for p in loadpoints})
    limits = GridLimits(home, facts, slots[0].start, slots[-1].end)
    steps = tuple(
        Step(
            slot.start,
            slot.end,
            max(0.0, use_w) / 1000 * slot.hours + sum(o.kwh_in(slot) for o in beside),
            max(0.0, sun_w) / 1000 * slot.hours,
            price.eur_per_kwh,
            earns,
            *limits.at(slot),
            price_known=price.known,
            swap=_awake(home, slot.start),
        )
        for slot, price, earns, use_w, sun_w in zip(slots, prices, earns_eur_per_kwh, load_w, pv_w, strict=True)
    )
    batteries, restrictions = _batteries(facts, home, steps, worths.wish_eur_per_kwh, scale)
    grid = home.grid
    paid_kw = max(grid.capacity_peak_kw, peak_kw)
    capacity = CapacityPrice(grid.capacity_eur_per_kw, paid_kw) if grid.capacity_eur_per_kw else None
    problem = Problem(
        steps,
        batteries=batteries,
        cars=tuple(cars),
        loadpoints=tuple(loadpoints),
        capacity_price=capacity,
        previous=previous,
        curtailable=grid.curtailable,
        weights=weights(scale, worths.wish_eur_per_kwh),
    )
    return BuiltProblem(problem, (*left_out, *restrictions, *dimmed_in_words(home, facts)))


def _cars(view: VehicleContext) -> tuple[list[Car], list[Loadpoint], list[Text]]:
    """The cars that are or will be plugged in, the loadpoints where, and why others are left out."""
    facts, home = view.facts, view.home
    cars: list[Car] = []
    points, left_out = _points(facts, home)
    for name, fact in points.items():
        made = plugged_car(name, fact, view)
        if isinstance(made, Text):
            left_out.append(made)
        else:
            cars.append(made)
            left_out += [told for told in (cannot_have(made, fact, view), doubt(fact, facts, home)) if told]
    here = {fact.vehicle for fact in facts.loadpoints.values() if fact.connected and fact.vehicle}
    points = {name: points[name] for name in (c.loadpoint for c in cars)} | _free(facts, home)
    cars += absent_cars(view, here, points)
    used = sorted({c.loadpoint for c in cars})
    return cars, [loadpoint(name, points[name], home.min_on_minutes) for name in used], left_out


def _points(facts: Facts, home: HomeRules) -> tuple[dict[str, LoadpointFact], list[Text]]:
    """The loadpoints with a car that the plan decides over, by device, and why others are left out.

    A car at two of them counts where it charges.
    """
    left_out: list[Text] = []
    found: dict[str, LoadpointFact] = {}
    ordered = sorted(facts.loadpoints.items(), key=lambda item: (not item[1].charging, int(item[0])))
    for number, fact in ordered:
        name = f"loadpoint-{number}"
        if facts.now - fact.at > home.loadpoint_stale or fact.kind is not LoadpointKind.CAR or not fact.connected:
            continue
        control = facts.controls.get(name)
        if control is not None and control.owner in {Owner.USER, Owner.BOOST}:
            continue
        if fact.vehicle is not None and (
            _RESERVED.fullmatch(fact.vehicle) or fact.vehicle in {f.vehicle for f in found.values()}
        ):
            left_out.append(
                Text(
                    en=f"{name}: not planned, because {fact.vehicle} is a device's name or stands elsewhere too.",
                    de=f"{name}: nicht geplant, {fact.vehicle} ist der Name eines Geräts oder steht auch anderswo.",
                )
            )
            continue
        found[name] = fact
    return {name: found[name] for name in sorted(found)}, left_out


def _free(facts: Facts, home: HomeRules) -> dict[str, LoadpointFact]:
    """The loadpoints where no car stands, by device: one may be plugged in there."""
    return {
        f"loadpoint-{number}": fact
        for number, fact in facts.loadpoints.items()
        if fact.kind is LoadpointKind.CAR and not fact.connected and facts.now - fact.at <= home.loadpoint_stale
    }


def _awake(home: HomeRules, moment: datetime) -> bool:
    """Whether somebody can be asked to change cars."""
    hours = DailyHours(*home.swap_hours, home.zone)
    # The same time twice means the whole day here, and no quiet hours elsewhere.
    return hours.start == hours.end or moment in hours


def _worth(steps: Sequence[Step], rules: BatteryRules, scale: float) -> float:
    """What a stored kWh is worth at the horizon's end: it replaces an import at the mean price, less its losses.

    And a little less, so that where prices are flat a battery is used as the house needs it, not kept for nothing.
    """
    hours = sum(s.hours for s in steps)
    mean = sum(s.import_eur_per_kwh * s.hours for s in steps) / hours
    return mean * rules.discharge_efficiency - rules.wear_eur_per_kwh - _LATER_EUR_PER_KWH * scale


def controllable_modes(facts: Facts, home: HomeRules) -> frozenset[BatteryMode]:
    """The modes of the home battery that a plan can choose from now; only `normal` where it is not ours to steer."""
    fact = facts.site.battery
    steered = fact is None or fact.controllable is False or facts.site.evcc.optimizer_has_battery
    return frozenset({BatteryMode.NORMAL}) if steered else home.battery.modes


def _batteries(
    facts: Facts, home: HomeRules, steps: Sequence[Step], wish_eur_per_kwh: float, scale: float
) -> tuple[tuple[Battery, ...], tuple[Text, ...]]:
    """The home battery if it can be planned, and what keeps evcc or the plan from controlling it."""
    fact, rules = facts.site.battery, home.battery
    if fact is None:
        return (), ()
    capacity = rules.capacity_kwh or fact.capacity_kwh
    if fact.soc_pct is None or capacity is None:
        missing = ("SoC", "Ladestand") if fact.soc_pct is None else ("capacity", "Kapazität")
        unknown = Text(
            en=f"The battery's {missing[0]} is unknown: it is left to evcc.",
            de=f"{missing[1]} der Batterie unbekannt: sie bleibt evcc überlassen.",
        )
        return (), (unknown,)
    can, restrictions = controllable_modes(facts, home), tuple[Text, ...]()
    if fact.controllable is False:
        restrictions = (Text(en="evcc cannot control the battery.", de="evcc kann die Batterie nicht steuern."),)
    elif facts.site.evcc.optimizer_has_battery:
        restrictions = (
            Text(
                en="evcc's own optimizer steers the battery: it is left to it.",
                de="evccs eigener Optimierer steuert die Batterie: sie bleibt ihm überlassen.",
            ),
        )
    planned = Battery(
        "battery",
        energy_kwh=fact.soc_pct / 100 * capacity,
        capacity_kwh=capacity,
        charge_kw=rules.charge_kw,
        discharge_kw=rules.discharge_kw,
        min_kwh=home.reserve_soc_pct / 100 * capacity,
        max_kwh=rules.max_soc_pct / 100 * capacity,
        charge_efficiency=rules.charge_efficiency,
        discharge_efficiency=rules.discharge_efficiency,
        wear_eur_per_kwh=rules.wear_eur_per_kwh,
        can_hold=BatteryMode.HOLD in can,
        can_charge_from_grid=BatteryMode.CHARGE in can,
        worth=(TerminalValue(capacity, _worth(steps, rules, scale)),),
        goals=battery_goals(facts, home, capacity, steps[-1].end, wish_eur_per_kwh),
    )
    return (planned,), restrictions
