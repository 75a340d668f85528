"""Cars at their loadpoints, as the planning problem has them; and what charges beside the plan."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from ems.contract.message import Text
from ems.contract.site import Loadpoint as LoadpointFact
from ems.contract.site import LoadpointKind
from ems.house.car import Charger
from ems.house.slots import Slot
from tariff_planner.domain.facts import Facts, House
from tariff_planner.domain.goals import goal_of, next_goal
from tariff_planner.domain.problem import Car, Goal, Loadpoint, Worth
from tariff_planner.domain.rules import VehicleRules

GOAL_EUR_PER_KWH = 10.0
"""What a kWh that is missing at departure is priced at: far above any tariff, so that it is missing only if it must."""
SUN_MARGIN_EUR_PER_KWH = 0.001
"""How much better than feeding in it is to charge a car that has no goal."""
ALIVE = timedelta(minutes=15)
"""vehicle-soc repeats its facts every five minutes; who is silent for longer weighs evcc's live value no more."""
UNKNOWN_LASTS = timedelta(hours=1)
"""How long somebody's charging is assumed to go on when nothing tells its end."""


@dataclass(frozen=True, slots=True)
class Worths:
    """Prices that a car without a departure goes by, in EUR/kWh."""

    cheap_eur_per_kwh: float
    export_eur_per_kwh: float


@dataclass(frozen=True, slots=True)
class Other:
    """Charging that the plan does not decide over: a person's, a boost's, a guest's."""

    power_kw: float
    start: datetime
    until: datetime

    def kwh_in(self, slot: Slot) -> float:
        """What it takes in ``slot``."""
        return self.power_kw * slot.overlap_hours(self.start, self.until)


def others(facts: Facts, planned: set[str]) -> tuple[Other, ...]:
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
        found.append(Other(power_kw, facts.now, until))
    return tuple(found)


def loadpoint(name: str, fact: LoadpointFact) -> Loadpoint:
    """The loadpoint with the powers that its charger gives."""
    charger = charger_of(fact)
    return Loadpoint(name, min_kw=charger.min_kw, max_kw=max(charger.min_kw, charger.max_kw))


def charger_of(fact: LoadpointFact) -> Charger:
    """The charger as evcc configures it; three phases and 6 to 16 A where it does not say."""
    switchable = bool(fact.phases_switchable) and fact.phases_configured in {0, None}
    phases = fact.phases_configured or (3 if switchable else fact.phases_active) or 3
    return Charger(phases=phases, min_a=fact.min_current_a or 6, max_a=fact.max_current_a or 16, switchable=switchable)


def car(name: str, fact: LoadpointFact, facts: Facts, house: House, worths: Worths, said: list[Text]) -> Car | None:
    """The car at a loadpoint; None when too little is known of it, which is then ``said``."""
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
        worth=_worth(goal, rules, capacity, worths),
    )


def _goals(goal: tuple[float, datetime | None] | None, capacity_kwh: float) -> tuple[Goal, ...]:
    if goal is None or goal[1] is None:
        return ()
    return (Goal(goal[0] / 100 * capacity_kwh, goal[1], GOAL_EUR_PER_KWH),)


def _worth(
    goal: tuple[float, datetime | None] | None, rules: VehicleRules, capacity_kwh: float, worths: Worths
) -> tuple[Worth, ...]:
    """What energy in the car is worth without a deadline: more than feeding it in; to a goal, the cheap hours."""
    efficiency = rules.charge_efficiency
    sun = Worth(capacity_kwh, (worths.export_eur_per_kwh + SUN_MARGIN_EUR_PER_KWH) / efficiency)
    value, upto_pct = rules.opportunistic_eur_per_kwh, rules.opportunistic_soc_pct
    if goal is not None and goal[1] is None:
        # Just above what a kWh costs then, so that the cheap hours are used and no others.
        cheap = (worths.cheap_eur_per_kwh + SUN_MARGIN_EUR_PER_KWH) / efficiency
        value, upto_pct = max(cheap, value or cheap), goal[0]
    if value is None or value <= sun.eur_per_kwh:
        return (sun,)
    return (Worth(upto_pct / 100 * capacity_kwh, value), sun)


def _soc(fact: LoadpointFact, facts: Facts, house: House) -> float | None:
    """vehicle-soc's reading, which weighs evcc's and all others, while it is alive and not too old; else evcc's own."""
    known = facts.vehicles.get(fact.vehicle or "")
    if known is None or known.soc_pct is None or known.measured_at is None:
        return fact.soc_pct
    usable = facts.now - known.measured_at <= house.vehicle_stale
    if fact.soc_pct is not None:
        usable = usable and facts.now - known.at <= ALIVE
    return known.soc_pct if usable else fact.soc_pct
