"""Goals that cannot be met: how much is missing, what is reached instead, and what would help."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from ems.contract.message import Text
from tariff_planner.domain.explain.phrases import (
    kw,
    kwh,
    pct,
    say,
)
from tariff_planner.domain.explain.segments import Case
from tariff_planner.domain.explain.summary import is_late, late_shortfalls, shortfall_of
from tariff_planner.domain.explain.vehicle import most_kw, most_kwh
from tariff_planner.domain.milp.vehicle import fastest_kw
from tariff_planner.domain.milp.whatif import SOME_KWH
from tariff_planner.domain.problem.solution import Requirement, Unmet
from tariff_planner.domain.problem.storage import Car

_FULL_POWER = 0.97
"""From this share of what is possible on, it charges at full power."""
_LOOK = timedelta(hours=24)
_MINUTES = timedelta(minutes=5)


def goals_at_risk(case: Case, name: str) -> Iterator[Text]:
    """The requirements of a battery or a car that fall short."""
    yield from (late.text for late in late_shortfalls(case.problem, case.zone) if late.vehicle == name)
    unmet = [missing for missing in case.solution.unmet if not is_late(case.problem, missing)]
    told = [shortfall_of(case.problem, missing, case.zone) for missing in unmet]
    for missing, shortfall in zip(unmet, told, strict=True):
        if missing.device == name and missing.kwh > SOME_KWH:
            yield shortfall.text
            if missing.requirement is Requirement.GOAL:
                yield from _help(case, case.car(name), missing)


def _help(case: Case, car: Car, missing: Unmet) -> Iterator[Text]:
    goal = next(g for g in car.goals if g.by == missing.by)
    if goal.energy_kwh > car.ceiling_kwh + SOME_KWH:
        if (missing.reaches_kwh or 0.0) > car.ceiling_kwh - SOME_KWH:
            limit = pct(car.ceiling_kwh / car.capacity_kwh)
            yield say("Its limit of {pct} is lower.", "Sein Limit von {pct} liegt darunter.", pct=limit)
        return
    if len(case.problem.cars_by_loadpoint()[car.loadpoint]) > 1:
        return
    most = _at_full_power(case, car, goal.by)
    if most < (missing.reaches_kwh or 0.0) + SOME_KWH:
        yield _when_there(case, car, goal.by, most, goal.energy_kwh)
    elif (whose := _limited_by(case, car, goal.by)) is not None:
        left = goal.energy_kwh - most
        if left < SOME_KWH:
            yield say("Without {limit} it would make it.", "Ohne {limit} würde er es schaffen.", limit=whose)
        else:
            en, de = "Without {limit} only {kwh} would be missing.", "Ohne {limit} würden nur {kwh} fehlen."
            yield say(en, de, limit=whose, kwh=kwh(left))


def _at_full_power(case: Case, car: Car, by: datetime) -> float:
    """What it would hold by then when it charged at full power from now on."""
    stored = car.energy_kwh
    for t, step in enumerate(case.problem.steps):
        if step.start >= by:
            break
        share = min(1.0, (by - step.start) / (step.end - step.start))
        stored -= car.used_kwh(step)
        stored = max(0.0, stored) + most_kwh(case, car, t, stored) * share * car.charge_efficiency
    return stored


def _limited_by(case: Case, car: Car, by: datetime) -> Text | None:
    """Whose limit holds in a step in which the plan charges less than it could; None where nobody's does."""
    slow = [
        step
        for t, step in enumerate(case.problem.steps)
        if step.start < by
        and case.charge_kwh(car.name)[t] < _FULL_POWER * most_kwh(case, car, t, case.stored_kwh(car.name, t))
    ]
    if any(step.device_limit_kw is not None for step in slow):
        return say("the grid operator's limit", "die Grenze des Netzbetreibers")
    if any(step.import_limit_kw is not None for step in slow):
        return say("the connection's limit", "die Anschlussgrenze")
    return None


def _when_there(case: Case, car: Car, by: datetime, stored_kwh: float, goal_kwh: float) -> Text:
    """When it would be there if it stayed."""
    power = fastest_kw(car, case.problem.loadpoint(car.loadpoint))
    en, de = "It charges at full power ({kw}) until then", "Er lädt bis dahin mit voller Leistung ({kw})"
    at, hours = by, _MINUTES / timedelta(hours=1)
    while stored_kwh < goal_kwh and at < by + _LOOK:
        stored_kwh += most_kw(case, car, stored_kwh) * hours * car.charge_efficiency
        at += _MINUTES
    if stored_kwh < goal_kwh:
        return say(f"{en}.", f"{de}.", kw=kw(power))
    words = {"kw": kw(power), "at": case.when(at)}
    return say(f"{en} and would need until {{at}}.", f"{de} und bräuchte bis {{at}}.", **words)
