"""From what is known of the site to a planning problem; what is not known is left out, and named."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from ems.contract.control import Owner
from ems.contract.site import Loadpoint as LoadpointFact
from ems.contract.site import LoadpointKind
from ems.house.battery import BatteryFlow
from ems.house.calendar import DailyHours
from ems.house.slots import Slot
from tariff_planner.domain.inputs.batteries import HomeBatteries, home_batteries
from tariff_planner.domain.inputs.counted_soc import doubt
from tariff_planner.domain.inputs.facts import Facts, HomeRules
from tariff_planner.domain.inputs.grid_limits import GridLimits, devices_dimmed
from tariff_planner.domain.inputs.horizon import SlotPrice
from tariff_planner.domain.inputs.prices.reference_prices import reference_prices
from tariff_planner.domain.inputs.prices.statistics import percentile
from tariff_planner.domain.inputs.vehicles import (
    VehicleContext,
    absent_cars,
    cannot_have,
    loadpoint,
    plugged_car,
    unplanned_loads,
)
from tariff_planner.domain.inputs.wishes import base_load_w, goals_at_home, with_wishes
from tariff_planner.domain.problem.bank import BANK
from tariff_planner.domain.problem.following import beside as steps_beside
from tariff_planner.domain.problem.following import following_flows
from tariff_planner.domain.problem.money import money_scale, weights
from tariff_planner.domain.problem.problem import (
    CapacityPrice,
    Loadpoint,
    PreviousSlot,
    Problem,
    Step,
)
from tariff_planner.domain.problem.storage import Car
from tariff_planner.domain.wording.problems import CarAmbiguous, CarUnknown, Caveat

CHEAP_SHARE = 0.3
"""A car with a goal but no departure charges in this share of the time, the cheapest."""
_RESERVED = re.compile(r"battery(-[0-9]+)?|loadpoint-[0-9]+")


@dataclass(frozen=True, slots=True)
class BuiltProblem:
    """The problem, the batteries that it has or that its load has already, and what had to be left out."""

    problem: Problem
    caveats: tuple[Caveat, ...]
    batteries: HomeBatteries = field(default_factory=HomeBatteries)
    following: Mapping[str, Sequence[BatteryFlow]] = field(default_factory=dict)
    """What batteries do that evcc cannot steer, by name and step: the steps' load has it already."""


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
    facts = replace(facts, goals=goals_at_home(facts.goals, home.wishes, facts.now, home.zone))
    load_w = base_load_w(load_w, slots, home)
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
            max(0.0, use_w) / 1000 * slot.hours + (unplanned_kwh := sum(o.kwh_in(slot) for o in beside)),
            max(0.0, sun_w) / 1000 * slot.hours,
            price.eur_per_kwh,
            earns,
            *limits.at(slot),
            price_known=price.known,
            swap=_awake(home, slot.start),
            unplanned_cars_kwh=unplanned_kwh,
        )
        for slot, price, earns, use_w, sun_w in zip(slots, prices, earns_eur_per_kwh, load_w, pv_w, strict=True)
    )
    batteries = home_batteries(facts, home, steps, worths.wish_eur_per_kwh, scale)
    following = following_flows(batteries.following, steps)
    for flows in following.values():
        steps = steps_beside(steps, flows)
    grid = home.grid
    paid_kw = max(grid.capacity_peak_kw, peak_kw)
    capacity = CapacityPrice(grid.capacity_eur_per_kw, paid_kw) if grid.capacity_eur_per_kw else None
    unwished = Problem(
        steps,
        batteries=batteries.planned,
        inverters=batteries.inverters,
        cars=tuple(cars),
        loadpoints=tuple(loadpoints),
        capacity_price=capacity,
        previous=tuple(_told_apart(slot, batteries.names) for slot in previous),
        curtailable=grid.curtailable,
        weights=weights(scale, worths.wish_eur_per_kwh),
    )
    problem = with_wishes(unwished, home, facts.now, worths.wish_eur_per_kwh)
    told = (*left_out, *batteries.caveats, *devices_dimmed(home, facts))
    return BuiltProblem(problem, told, batteries, following)


def _told_apart(slot: PreviousSlot, batteries: Collection[str]) -> PreviousSlot:
    """The same with every battery where the last plan charged all of them: it knows one device."""
    return replace(slot, charging=slot.charging | set(batteries)) if BANK in slot.charging else slot


def _cars(view: VehicleContext) -> tuple[list[Car], list[Loadpoint], list[Caveat]]:
    """The cars that are or will be plugged in, the loadpoints where, and why others are left out."""
    facts, home = view.facts, view.home
    cars: list[Car] = []
    points, left_out = _points(facts, home)
    for name, fact in points.items():
        made = plugged_car(name, fact, view)
        if isinstance(made, CarUnknown):
            left_out.append(made)
        else:
            cars.append(made)
            left_out += [told for told in (cannot_have(made, fact, view), doubt(fact, facts, home)) if told]
    here = {fact.vehicle for fact in facts.loadpoints.values() if fact.connected and fact.vehicle}
    points = {name: points[name] for name in (c.loadpoint for c in cars)} | _free(facts, home)
    cars += absent_cars(view, here, points)
    used = sorted({c.loadpoint for c in cars})
    return cars, [loadpoint(name, points[name], home.min_on_minutes) for name in used], left_out


def _points(facts: Facts, home: HomeRules) -> tuple[dict[str, LoadpointFact], list[Caveat]]:
    """The loadpoints with a car that the plan decides over, by device, and why others are left out.

    A car at two of them counts where it charges.
    """
    left_out: list[Caveat] = []
    found: dict[str, LoadpointFact] = {}
    ordered = sorted(facts.loadpoints.items(), key=lambda item: (not item[1].charging, int(item[0])))
    for number, fact in ordered:
        name = f"loadpoint-{number}"
        if facts.now - fact.at > home.loadpoint_stale or fact.kind is not LoadpointKind.CAR or not fact.connected:
            continue
        control = facts.controls.get(name)
        if control is not None and control.owner in {Owner.USER, Owner.BOOST}:
            continue
        if fact.vehicle is not None:
            is_device = _RESERVED.fullmatch(fact.vehicle) is not None
            if is_device or fact.vehicle in {f.vehicle for f in found.values()}:
                left_out.append(CarAmbiguous(name, fact.vehicle, is_device=is_device))
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
