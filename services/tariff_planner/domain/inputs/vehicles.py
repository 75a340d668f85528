"""Cars at their loadpoints, as the planning problem has them; and what charges beside the plan."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ems.contract.site import EvccPlan, LoadpointKind
from ems.contract.site import Loadpoint as LoadpointFact
from ems.contract.vehicle import Vehicle
from ems.house.car import Charger
from ems.house.slots import Slot, floor_to
from tariff_planner.domain.inputs.counted_soc import counted_on, is_usable, plugged_soc
from tariff_planner.domain.inputs.facts import Facts, HomeRules
from tariff_planner.domain.inputs.horizon import MINUTES
from tariff_planner.domain.inputs.late_goals import late_goal
from tariff_planner.domain.inputs.prices.reference_prices import ReferencePrices
from tariff_planner.domain.inputs.rules import VehicleRules
from tariff_planner.domain.inputs.trips import trips
from tariff_planner.domain.inputs.vehicle_goals import WantedSoc, goals_of
from tariff_planner.domain.problem.problem import Loadpoint
from tariff_planner.domain.problem.storage import (
    Car,
    EnergyGoal,
    TerminalValue,
    Trip,
)
from tariff_planner.domain.wording.problems import CarUnknown, GoalAboveCarLimit, GoalAboveSessionLimit, UnknownFact

_NOTHING_KWH = 0.05
"""What a car is short of by less, it has."""
_AT_ONCE = (1, 2, 4, 8)
"""At which multiples of the time that it needs what is wanted at once is asked for. The next plan counts from then."""
_LEAST_KW = 0.1
UNKNOWN_LASTS = timedelta(hours=1)
"""How long somebody's charging is assumed to go on when nothing tells its end."""


@dataclass(frozen=True, slots=True)
class VehicleContext:
    """What a car is planned from."""

    facts: Facts
    home: HomeRules
    worths: ReferencePrices
    until: datetime
    """The horizon's end."""

    def capacity_kwh(self, vehicle: str) -> float | None:
        """As evcc knows it."""
        return next((v.capacity_kwh for v in self.facts.site.vehicles if v.name == vehicle), None)

    def trips(self, rules: VehicleRules, *, here: bool, measured_at: datetime | None = None) -> tuple[Trip, ...]:
        """See :func:`tariff_planner.domain.inputs.trips.trips`."""
        return trips(rules.trips, self.home.zone, self.facts.now, self.until, here=here, measured_at=measured_at)

    def limit_pct(self, vehicle: str) -> float:
        """The limit that evcc will set when it is plugged in; 100 where it has none."""
        known = next((v.limit_soc_pct for v in self.facts.site.vehicles if v.name == vehicle), None)
        return known or 100.0


@dataclass(frozen=True, slots=True)
class UnplannedLoad:
    """Charging that the plan does not decide over: a person's, a boost's, a guest's."""

    power_kw: float
    start: datetime
    until: datetime

    def kwh_in(self, slot: Slot) -> float:
        """What it takes in ``slot``."""
        return self.power_kw * slot.overlap_hours(self.start, self.until)


def unplanned_loads(facts: Facts, planned: set[str]) -> tuple[UnplannedLoad, ...]:
    """What charges now although it is not planned, and how long it will."""
    found = []
    for number, fact in facts.loadpoints.items():
        name = f"loadpoint-{number}"
        power_kw = (fact.power_w or 0.0) / 1000
        if name in planned or fact.kind is not LoadpointKind.CAR or not fact.charging or power_kw <= 0:
            continue
        control = facts.controls.get(name)
        until = facts.now + UNKNOWN_LASTS
        if fact.soc_pct is not None and fact.capacity_kwh is not None:
            room_kwh = max(0.0, (fact.effective_limit_soc_pct or 100.0) - fact.soc_pct) / 100 * fact.capacity_kwh
            until = facts.now + timedelta(hours=room_kwh / power_kw)
        if control is not None and control.until is not None:
            until = min(until, control.until)
        found.append(UnplannedLoad(power_kw, facts.now, until))
    return tuple(found)


def loadpoint(name: str, fact: LoadpointFact, min_on_minutes: int) -> Loadpoint:
    """The loadpoint with the powers that its charger gives."""
    charger = charger_of(fact)
    return Loadpoint(name, charger.min_kw, max(charger.min_kw, charger.max_kw), min_on_minutes, fact.title)


def charger_of(fact: LoadpointFact) -> Charger:
    """The charger as evcc configures it; three phases and 6 to 16 A where it does not say."""
    switchable = bool(fact.phases_switchable) and fact.phases_configured in {0, None}
    phases = fact.phases_configured or (3 if switchable else fact.phases_active) or 3
    return Charger(phases=phases, min_a=fact.min_current_a or 6, max_a=fact.max_current_a or 16, switchable=switchable)


def plugged_car(name: str, fact: LoadpointFact, view: VehicleContext) -> Car | CarUnknown:
    """The car at a loadpoint, or why too little is known of it to be planned."""
    title = fact.vehicle_title or fact.vehicle or name
    facts, home = view.facts, view.home
    rules = home.vehicles.get(fact.vehicle or "", VehicleRules())
    capacity = rules.capacity_kwh or fact.capacity_kwh
    soc = plugged_soc(fact, facts, home)
    if capacity is None:
        return CarUnknown(title, UnknownFact.CAPACITY)
    if soc is None:
        return CarUnknown(title, UnknownFact.SOC)
    if fact.vehicle is None:
        return CarUnknown(title, UnknownFact.VEHICLE)
    limit = 100.0 if fact.effective_limit_soc_pct is None else fact.effective_limit_soc_pct
    made = _Made(fact.vehicle, name, rules, capacity, soc, fact.vehicle_title)
    stops = stops_at(made.energy_kwh, capacity, rules, fact)
    car = _planned(made, limit, fact, view.trips(rules, here=True), view)
    hurry = (*_least(car, fact, view), *_late(car, fact, view))
    limit_kwh = min(stops, max([car.ceiling_kwh, *(goal.energy_kwh for goal in hurry)]))
    return replace(car, goals=(*hurry, *car.goals), limit_kwh=limit_kwh)


def stops_at(energy_kwh: float, capacity_kwh: float, rules: VehicleRules, fact: LoadpointFact) -> float:
    """The energy at which charging ends whatever is asked for: the car's own limit, and evcc's for this session."""
    most = (fact.vehicle_limit_soc_pct or 100.0) / 100 * capacity_kwh
    if fact.limit_energy_kwh is not None:
        left_kwh = max(0.0, fact.limit_energy_kwh - (fact.session_kwh or 0.0))
        most = min(most, energy_kwh + left_kwh * rules.charge_efficiency)
    return most


def cannot_have(
    car: Car, fact: LoadpointFact, view: VehicleContext
) -> GoalAboveCarLimit | GoalAboveSessionLimit | None:
    """That something is asked for which a limit that only people can change keeps from being reached."""
    wanted = goals_of(view.facts.goals.get(car.name), fact.plan, view.facts.now)
    most = max([*(pct for pct, _ in wanted), *(g.energy_kwh / car.capacity_kwh * 100 for g in car.goals)], default=0.0)
    ends_at = car.ceiling_kwh / car.capacity_kwh * 100
    if most <= ends_at + 0.5:
        return None
    if fact.vehicle_limit_soc_pct is not None and fact.vehicle_limit_soc_pct <= ends_at + 0.5:
        return GoalAboveCarLimit(car.called, most, ends_at)
    return GoalAboveSessionLimit(car.called, most, fact.limit_energy_kwh or 0.0, ends_at)


def absent_cars(view: VehicleContext, taken: Collection[str], loadpoints: Collection[str]) -> tuple[Car, ...]:
    """The cars that are not plugged in, but will be: those with a loadpoint in their settings, and a SoC.

    Args:
        view: what is known.
        taken: cars that are planned already.
        loadpoints: devices that the plan may decide over.
    """
    found = []
    for vehicle, rules in sorted(view.home.vehicles.items()):
        device = f"loadpoint-{rules.loadpoint}"
        known = view.facts.vehicles.get(vehicle)
        if rules.loadpoint is None or vehicle in taken or device not in loadpoints:
            continue
        # On a trip that the settings know the plan itself takes off what the trip uses.
        soc_pct = known.soc_pct if known is not None and rules.trips else counted_on(known)
        if known is None or soc_pct is None or not is_usable(known, view.facts, view.home):
            continue
        capacity = rules.capacity_kwh or known.capacity_kwh or view.capacity_kwh(vehicle)
        if capacity is None:
            continue
        made = _Made(vehicle, device, rules, capacity, soc_pct, known.title)
        away = view.trips(rules, here=False, measured_at=known.measured_at)
        found.append(replace(_planned(made, view.limit_pct(vehicle), None, away, view), plugged=False))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Made:
    """What is known of a car, wherever it is."""

    vehicle: str
    loadpoint: str
    rules: VehicleRules
    capacity_kwh: float
    soc_pct: float
    title: str | None

    @property
    def energy_kwh(self) -> float:
        """What is stored."""
        return self.soc_pct / 100 * self.capacity_kwh


def energy_plan(
    fact: LoadpointFact, vehicles: Mapping[str, Vehicle], rules: Mapping[str, VehicleRules]
) -> EvccPlan | None:
    """Evcc's plan in kWh for the car at a loadpoint, as the SoC that it comes to; None where too little is known."""
    of, known = rules.get(fact.vehicle or "", VehicleRules()), vehicles.get(fact.vehicle or "")
    capacity = of.capacity_kwh or fact.capacity_kwh
    soc_pct = fact.soc_pct if fact.soc_pct is not None else known.soc_pct if known else None
    return None if capacity is None or soc_pct is None else in_soc(fact, soc_pct, capacity, of)


def in_soc(fact: LoadpointFact, soc_pct: float, capacity_kwh: float, rules: VehicleRules) -> EvccPlan | None:
    """Evcc's plan in kWh of this session, if there is one, as the SoC that it comes to."""
    plan = fact.energy_plan or fact.plan
    if plan is None or plan.energy_kwh is None:
        return None
    left_kwh = max(0.0, plan.energy_kwh - (fact.session_kwh or 0.0)) * rules.charge_efficiency
    return plan.model_copy(update={"soc_pct": min(100.0, soc_pct + left_kwh / capacity_kwh * 100)})


def _planned(
    made: _Made, limit_pct: float, fact: LoadpointFact | None, away: tuple[Trip, ...], view: VehicleContext
) -> Car:
    rules, capacity, now = made.rules, made.capacity_kwh, view.facts.now
    energy_kwh = made.energy_kwh
    asked = view.facts.goals.get(made.vehicle)
    wanted = goals_of(asked, None, now)
    if fact is not None:
        energy = in_soc(fact, made.soc_pct, capacity, rules)
        wanted = goals_of(asked, fact.plan, now, energy)
    timed = [(pct, by) for pct, by in wanted if by is not None]
    # The first one counts from beyond the horizon, too.
    goals = timed[:1] + [goal for goal in timed[1:] if goal[1] <= view.until]
    # Who asks for more than the limit means it: the limit follows the goal.
    limit_pct = max([limit_pct, *(pct for pct, by in wanted if by is None), *(pct for pct, _ in goals)])
    return Car(
        made.vehicle,
        loadpoint=made.loadpoint,
        energy_kwh=energy_kwh,
        capacity_kwh=capacity,
        max_kw=rules.max_kw,
        charge_efficiency=rules.charge_efficiency,
        limit_kwh=limit_pct / 100 * capacity,
        taper_from_kwh=rules.taper_from_pct / 100 * capacity,
        goals=tuple(EnergyGoal(pct / 100 * capacity, by, view.worths.wish_eur_per_kwh) for pct, by in goals),
        # On the road nobody can do anything about what is missing.
        trips=tuple(replace(t, kwh=min(t.kwh, energy_kwh)) if t.leave <= now else t for t in away),
        worth=_worth(wanted, rules, capacity, view.worths),
        # Who wants something of it gets it as cheaply as it can be had, sold sun included.
        sun_eur_per_kwh=() if wanted or rules.opportunistic_eur_per_kwh is not None else view.worths.more_eur_per_kwh,
        title=made.title,
    )


def _late(car: Car, fact: LoadpointFact, view: VehicleContext) -> Iterator[EnergyGoal]:
    """What a car that is late still lacks: as soon as it can be had, and until it has it."""
    now, rules = view.facts.now, view.home.vehicles.get(car.name, VehicleRules())
    energy = in_soc(fact, car.energy_kwh / car.capacity_kwh * 100, car.capacity_kwh, rules)
    plans = [plan for plan in (fact.plan, energy) if plan is not None]
    late = late_goal(view.facts.late.get(car.name), view.facts.goals.get(car.name), plans, now)
    if late is not None and (rules.late_h is None or now - late.due <= timedelta(hours=rules.late_h)):
        yield from _hurried(car, fact, late.soc_pct / 100 * car.capacity_kwh, view, late.due)


def _least(car: Car, fact: LoadpointFact, view: VehicleContext) -> Iterator[EnergyGoal]:
    """What evcc charges at once, whatever it costs, because people have said that the car never holds less."""
    known = next((v.min_soc_pct for v in view.facts.site.vehicles if v.name == car.name), None)
    least_pct = max(known or 0.0, fact.effective_min_soc_pct or 0.0)
    yield from _hurried(car, fact, least_pct / 100 * car.capacity_kwh, view)


def _hurried(
    car: Car, fact: LoadpointFact, energy_kwh: float, view: VehicleContext, due: datetime | None = None
) -> Iterator[EnergyGoal]:
    goal = EnergyGoal(energy_kwh, view.until, view.worths.wish_eur_per_kwh, due=due)
    return at_once(car, goal, min(car.max_kw, charger_of(fact).max_kw), view.facts.now)


def at_once(car: Car, goal: EnergyGoal, fastest_kw: float, now: datetime) -> Iterator[EnergyGoal]:
    """The goal at the earliest moment; later, too, where the connection keeps it from being there then.

    Args:
        car: as it is now.
        goal: what is wanted; its own moment is the last that is asked for, unless it takes longer.
        fastest_kw: what car and charger take at most.
        now: aware.
    """
    missing_kwh = (goal.energy_kwh - car.energy_kwh) / car.charge_efficiency
    if missing_kwh < _NOTHING_KWH:
        return
    until = min((trip.leave for trip in car.trips), default=goal.by)
    for times in _AT_ONCE:
        by = _slots_end(now + timedelta(hours=missing_kwh / max(_LEAST_KW, fastest_kw) * times))
        if by <= until or times == 1:
            yield replace(goal, by=by, soonest=True)


def _slots_end(moment: datetime) -> datetime:
    """The end of the slot that a moment lies in: power is steady in it, an earlier goal would be overshot."""
    start = floor_to(moment, MINUTES)
    return moment if moment == start else start + timedelta(minutes=MINUTES)


def _worth(
    wanted: Sequence[WantedSoc], rules: VehicleRules, capacity_kwh: float, worths: ReferencePrices
) -> tuple[TerminalValue, ...]:
    """What energy in the car is worth without a deadline: more than feeding it in; to a goal, the cheap hours."""
    efficiency = rules.charge_efficiency
    sun = TerminalValue(capacity_kwh, worths.sun_eur_per_kwh / efficiency)
    value, upto_pct = rules.opportunistic_eur_per_kwh, rules.opportunistic_soc_pct
    whenever = next((pct for pct, by in wanted if by is None), None)
    if whenever is not None:
        # Just above what a kWh costs then, so that the cheap hours are used and no others.
        cheap = (worths.cheap_eur_per_kwh + worths.margin_eur_per_kwh) / efficiency
        value, upto_pct = max(cheap, value or cheap), whenever
    if value is None or value <= sun.eur_per_kwh:
        return (sun,)
    return (TerminalValue(upto_pct / 100 * capacity_kwh, value), sun)
