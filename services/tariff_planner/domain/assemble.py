"""From what is known of the site to a planning problem; what is not known is left out, and said."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from ems.contract.message import Text
from ems.contract.people import Goal as AskedGoal
from ems.contract.site import Loadpoint as LoadpointFact
from ems.contract.site import LoadpointKind, Rate, Site
from ems.contract.vehicle import Vehicle
from ems.house.car import Charger
from ems.house.slots import Slot
from tariff_planner.domain.goals import goal_of, next_goal
from tariff_planner.domain.horizon import Price
from tariff_planner.domain.problem import (
    Battery,
    Before,
    CapacityPrice,
    Car,
    Goal,
    Loadpoint,
    Problem,
    Step,
    Worth,
)
from tariff_planner.domain.rules import BatteryRules, GridRules, VehicleRules

GOAL_EUR_PER_KWH = 10.0
"""What a kWh that is missing at departure is priced at: far above any tariff, so that it is missing only if it must."""
SUN_MARGIN_EUR_PER_KWH = 0.001
"""How much better than feeding in it is to charge a car that has no goal."""


@dataclass(frozen=True, slots=True)
class Facts:
    """The newest good facts, whatever their age; :func:`assemble` looks at it."""

    now: datetime
    site: Site
    loadpoints: Mapping[str, LoadpointFact]
    vehicles: Mapping[str, Vehicle] = field(default_factory=dict)
    goals: Mapping[str, AskedGoal] = field(default_factory=dict)
    feedin: Sequence[Rate] = ()


@dataclass(frozen=True, slots=True)
class House:
    """What people set about the house."""

    battery: BatteryRules
    vehicles: Mapping[str, VehicleRules]
    grid: GridRules
    zone: ZoneInfo
    export_eur_per_kwh: float
    reserve_soc_pct: float
    vehicle_stale: timedelta


@dataclass(frozen=True, slots=True)
class Assembled:
    """The problem, which car stands at which loadpoint, and in words what had to be left out."""

    problem: Problem
    problems: tuple[Text, ...]


def assemble(
    facts: Facts,
    house: House,
    slots: Sequence[Slot],
    prices: Sequence[Price],
    load_w: Sequence[float],
    pv_w: Sequence[float],
    before: tuple[Before, ...] = (),
) -> Assembled:
    """The planning problem of this moment.

    Args:
        facts: what is known now.
        house: what people have set.
        slots: the horizon; prices, ``load_w`` and ``pv_w`` have one value for each.
        prices: import prices.
        load_w: mean power of the house without cars and battery, W.
        pv_w: mean power of the sun, W.
        before: what the last plan wanted, so that the new one does not differ without a cause.

    Raises:
        ValueError: slots, prices and forecasts do not fit each other.
    """
    said: list[Text] = []
    steps = tuple(
        Step(
            slot.start,
            slot.end,
            load_kwh=max(0.0, use_w) / 1000 * slot.hours,
            pv_kwh=max(0.0, sun_w) / 1000 * slot.hours,
            import_eur_per_kwh=price.eur_per_kwh,
            export_eur_per_kwh=_feedin(facts, house, slot),
            import_limit_kw=house.grid.import_limit_kw,
            export_limit_kw=house.grid.export_limit_kw,
            price_known=price.known,
        )
        for slot, price, use_w, sun_w in zip(slots, prices, load_w, pv_w, strict=True)
    )
    worth = _worth(steps, house.battery)
    batteries = _batteries(facts, house, worth, said)
    cars, loadpoints = [], []
    for number, fact in sorted(facts.loadpoints.items(), key=lambda item: int(item[0])):
        made = _car(f"loadpoint-{number}", fact, facts, house, said)
        if made is not None:
            cars.append(made)
            loadpoints.append(_loadpoint(f"loadpoint-{number}", fact))
    grid = house.grid
    capacity = CapacityPrice(grid.capacity_eur_per_kw, grid.capacity_peak_kw) if grid.capacity_eur_per_kw else None
    problem = Problem(
        steps,
        batteries=batteries,
        cars=tuple(cars),
        loadpoints=tuple(loadpoints),
        capacity_price=capacity,
        before=before,
    )
    return Assembled(problem, tuple(said))


def _feedin(facts: Facts, house: House, slot: Slot) -> float:
    for rate in facts.feedin:
        if rate.start <= slot.start < rate.end:
            return rate.value
    now = facts.site.export_eur_per_kwh
    return house.export_eur_per_kwh if now is None else now


def _worth(steps: Sequence[Step], rules: BatteryRules) -> float:
    """What a stored kWh is worth at the horizon's end: it replaces an import at the mean price, less its losses."""
    hours = sum(s.hours for s in steps)
    mean = sum(s.import_eur_per_kwh * s.hours for s in steps) / hours
    return mean * rules.discharge_efficiency - rules.wear_eur_per_kwh


def _batteries(facts: Facts, house: House, worth: float, said: list[Text]) -> tuple[Battery, ...]:
    fact, rules = facts.site.battery, house.battery
    if fact is None:
        return ()
    capacity = rules.capacity_kwh or fact.capacity_kwh
    if fact.soc_pct is None or capacity is None:
        missing = ("SoC", "Ladestand") if fact.soc_pct is None else ("capacity", "Kapazität")
        said.append(
            Text(
                en=f"The battery's {missing[0]} is unknown: it is left to evcc.",
                de=f"{missing[1]} der Batterie unbekannt: sie bleibt evcc überlassen.",
            )
        )
        return ()
    can = rules.modes
    return (
        Battery(
            "battery",
            energy_kwh=fact.soc_pct / 100 * capacity,
            capacity_kwh=capacity,
            charge_kw=rules.charge_kw,
            discharge_kw=rules.discharge_kw,
            min_kwh=house.reserve_soc_pct / 100 * capacity,
            max_kwh=rules.max_soc_pct / 100 * capacity,
            charge_efficiency=rules.charge_efficiency,
            discharge_efficiency=rules.discharge_efficiency,
            wear_eur_per_kwh=rules.wear_eur_per_kwh,
            can_hold="hold" in can,
            can_charge_from_grid="charge" in can,
            worth=(Worth(capacity, worth),),
        ),
    )


def _loadpoint(name: str, fact: LoadpointFact) -> Loadpoint:
    charger = charger_of(fact)
    return Loadpoint(name, min_kw=charger.min_kw, max_kw=max(charger.min_kw, charger.max_kw))


def charger_of(fact: LoadpointFact) -> Charger:
    """The charger as evcc configures it; three phases and 6 to 16 A where it does not say."""
    switchable = bool(fact.phases_switchable) and fact.phases_configured in {0, None}
    phases = fact.phases_configured or (3 if switchable else fact.phases_active) or 3
    return Charger(phases=phases, min_a=fact.min_current_a or 6, max_a=fact.max_current_a or 16, switchable=switchable)


def _car(name: str, fact: LoadpointFact, facts: Facts, house: House, said: list[Text]) -> Car | None:
    """The car at a loadpoint, or None when there is none that can be planned."""
    if fact.kind is not LoadpointKind.CAR or not fact.connected:
        return None
    title = fact.vehicle_title or fact.vehicle or name
    rules = house.vehicles.get(fact.vehicle or "", VehicleRules())
    capacity = rules.capacity_kwh or fact.capacity_kwh
    soc = _soc(fact, facts, house)
    if fact.vehicle is None or capacity is None or soc is None:
        said.append(
            Text(
                en=f"{title}: not planned, because its {'capacity' if capacity is None else 'SoC'} is unknown.",
                de=f"{title}: nicht geplant, {'Kapazität' if capacity is None else 'Ladestand'} unbekannt.",
            )
        )
        return None
    limit = 100.0 if fact.effective_limit_soc_pct is None else fact.effective_limit_soc_pct
    asked = facts.goals.get(fact.vehicle)
    goal = goal_of(asked, fact.plan, next_goal(rules.goals, facts.now, house.zone), facts.now)
    if goal is not None:
        # Who asks for more than the limit means it: the limit follows the goal.
        limit = max(limit, goal[0])
    return Car(
        fact.vehicle,
        loadpoint=name,
        energy_kwh=soc / 100 * capacity,
        capacity_kwh=capacity,
        max_kw=rules.max_kw,
        charge_efficiency=rules.charge_efficiency,
        limit_kwh=limit / 100 * capacity,
        taper_from_kwh=rules.taper_from_pct / 100 * capacity,
        goals=_goals(goal, capacity),
        worth=_car_worth(goal, rules, capacity, _feedin(facts, house, Slot(facts.now, facts.now + timedelta(hours=1)))),
    )


def _goals(goal: tuple[float, datetime | None] | None, capacity_kwh: float) -> tuple[Goal, ...]:
    if goal is None or goal[1] is None:
        return ()
    return (Goal(goal[0] / 100 * capacity_kwh, goal[1], GOAL_EUR_PER_KWH),)


def _car_worth(
    goal: tuple[float, datetime | None] | None, rules: VehicleRules, capacity_kwh: float, export_eur_per_kwh: float
) -> tuple[Worth, ...]:
    """What energy in the car is worth without a deadline: at least a little more than feeding it in."""
    sun = Worth(capacity_kwh, (export_eur_per_kwh + SUN_MARGIN_EUR_PER_KWH) / rules.charge_efficiency)
    value = rules.opportunistic_eur_per_kwh
    if value is None or value <= sun.eur_per_kwh:
        return (sun,)
    upto = goal[0] if goal is not None and goal[1] is None else rules.opportunistic_soc_pct
    return (Worth(upto / 100 * capacity_kwh, value), sun)


def _soc(fact: LoadpointFact, facts: Facts, house: House) -> float | None:
    """vehicle-soc's reading (which already weighs evcc's) while it is not too old, else evcc's own."""
    known = facts.vehicles.get(fact.vehicle or "")
    if known is None or known.soc_pct is None or known.measured_at is None:
        return fact.soc_pct
    fresh = known.estimated or facts.now - known.measured_at <= house.vehicle_stale
    return known.soc_pct if fresh else fact.soc_pct
