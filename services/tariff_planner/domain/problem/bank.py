"""Several home batteries as the one that evcc steers: it knows one mode for all of them.

Each is planned by itself. What they are told, and why, follows from what they do together: the plan's bank.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from tariff_planner.domain.problem.problem import PreviousSlot, Problem
from tariff_planner.domain.problem.solution import BatteryPlan, Requirement, Solution, Unmet
from tariff_planner.domain.problem.storage import Battery, EnergyGoal, TerminalValue

BANK = "battery"
"""The name of the home battery, and of several of them together."""


def banked(problem: Problem) -> Problem:
    """The same problem with all its batteries as one, :data:`BANK`, no stronger than their inverters."""
    if not _is_banked(problem):
        return problem
    inside = {b.inverter for b in problem.batteries}
    common = next(iter(inside)) if len(inside) == 1 else None
    # Of batteries behind different inverters nobody can say together what fits through.
    inverters = tuple(i for i in problem.inverters if i.name == common or i.name not in inside)
    whole = replace(bank(problem.batteries, problem), inverter=common)
    names = {b.name for b in problem.batteries}
    previous = tuple(_previous(slot, names) for slot in problem.previous)
    return replace(problem, batteries=(whole,), inverters=inverters, previous=previous)


def banked_solution(problem: Problem, solution: Solution) -> Solution:
    """The plan for ``problem`` as one for ``banked(problem)``."""
    if not _is_banked(problem):
        return solution
    plans = list(solution.batteries.values())
    flows = (
        [p.charge_kwh for p in plans],
        [p.discharge_kwh for p in plans],
        [p.energy_kwh for p in plans],
    )
    whole = BatteryPlan(*(tuple(map(sum, zip(*of, strict=True))) for of in flows))
    unmet = tuple(_unmet(solution.unmet, list(solution.batteries), _goals(problem.batteries)))
    return replace(solution, batteries={BANK: whole}, unmet=unmet)


def _is_banked(problem: Problem) -> bool:
    """Whether there is more to say than of one battery by itself."""
    return len(problem.batteries) > 1 or any(b.inverter is not None for b in problem.batteries)


def bank(batteries: Sequence[Battery], problem: Problem) -> Battery:
    """One battery that holds and gives what all of them do; what they give is no more than their inverters let through.

    Their efficiencies and prices are those of the first.
    """
    first = batteries[0]
    taper = [b.capacity_kwh if b.taper_from_kwh is None else b.taper_from_kwh for b in batteries]
    return replace(
        first,
        name=BANK,
        energy_kwh=sum(b.energy_kwh for b in batteries),
        capacity_kwh=sum(b.capacity_kwh for b in batteries),
        charge_kw=_through(batteries, problem, [b.charge_kw for b in batteries], charging=True),
        discharge_kw=_through(batteries, problem, [b.discharge_kw for b in batteries], charging=False),
        min_kwh=sum(b.floor_kwh for b in batteries),
        max_kwh=sum(b.ceiling_kwh for b in batteries),
        can_hold=any(b.can_hold for b in batteries),
        can_charge_from_grid=any(b.can_charge_from_grid for b in batteries),
        taper_from_kwh=None if all(b.taper_from_kwh is None for b in batteries) else sum(taper),
        worth=_worth(batteries),
        goals=_goals(batteries),
        demand_kwh=tuple(map(sum, zip(*(b.demand_kwh for b in batteries), strict=True)))
        if all(b.demand_kwh for b in batteries)
        else (),
    )


def _through(batteries: Sequence[Battery], problem: Problem, powers: Sequence[float], *, charging: bool) -> float:
    """The sum of the powers, in kW, of each inverter no more than it converts; what its panels give needs no way."""
    by_inverter: dict[str | None, float] = defaultdict(float)
    for battery, power in zip(batteries, powers, strict=True):
        by_inverter[battery.inverter] += power
    limits = {i.name: i.ac_kw for i in problem.inverters if not (charging and i.pv_share)}
    return sum(min(kw, limits.get(name, kw)) if name is not None else kw for name, kw in by_inverter.items())


def _worth(batteries: Sequence[Battery]) -> tuple[TerminalValue, ...]:
    """The tiers of all, dearest first."""
    parts: dict[float, float] = defaultdict(float)
    for battery in batteries:
        below = 0.0
        for tier in battery.worth:
            parts[tier.eur_per_kwh] += tier.upto_kwh - below
            below = tier.upto_kwh
    found: list[TerminalValue] = []
    for eur_per_kwh in sorted(parts, reverse=True):
        upto = parts[eur_per_kwh] + (found[-1].upto_kwh if found else 0.0)
        found.append(TerminalValue(upto, eur_per_kwh))
    return tuple(found)


def _goals(batteries: Sequence[Battery]) -> tuple[EnergyGoal, ...]:
    """The goals of one moment as one: of each battery the highest."""
    found: dict[datetime, list[EnergyGoal]] = defaultdict(list)
    for battery in batteries:
        for by in {goal.by for goal in battery.goals}:
            found[by].append(max((g for g in battery.goals if g.by == by), key=lambda g: g.energy_kwh))
    return tuple(replace(goals[0], energy_kwh=sum(g.energy_kwh for g in goals)) for _, goals in sorted(found.items()))


def _unmet(unmet: Sequence[Unmet], names: Sequence[str], goals: Sequence[EnergyGoal]) -> Iterator[Unmet]:
    """What the batteries lack of the same requirement, as one."""
    ours: dict[tuple[Requirement, datetime | None], float] = defaultdict(float)
    for missing in unmet:
        if missing.device in names:
            ours[missing.requirement, missing.by] += missing.kwh
        else:
            yield missing
    for (requirement, by), kwh in ours.items():
        wanted = next((goal.energy_kwh for goal in goals if goal.by == by), None)
        yield Unmet(requirement, kwh, BANK, by, None if wanted is None else max(0.0, wanted - kwh))


def _previous(slot: PreviousSlot, names: set[str]) -> PreviousSlot:
    return replace(slot, charging=(slot.charging - names) | ({BANK} if slot.charging & names else set()))
