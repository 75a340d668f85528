"""Why each device does what it does, segment by segment, and what else it could do at which cost.

Nothing here guesses: what an alternative costs is the difference of two solved models (:class:`WhatIf`), a limit is
named where its shadow price is worth something, and what would help a goal that is missed is tried.
"""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from ems.contract.message import Text
from ems.contract.plan import Explanation, PlanSlot
from tariff_planner.domain.explain.battery import battery_reason
from tariff_planner.domain.explain.binding_limits import binding_limits
from tariff_planner.domain.explain.missed_goals import goals_at_risk
from tariff_planner.domain.explain.phrases import (
    NOTHING,
    amount,
    joined,
    kwh,
    say,
)
from tariff_planner.domain.explain.segments import (
    Case,
    Segment,
    SegmentReason,
    segments,
)
from tariff_planner.domain.explain.summary import SAME_EUR
from tariff_planner.domain.explain.vehicle import car_reason
from tariff_planner.domain.milp.whatif import SOME_KWH, Change, WhatIf
from tariff_planner.domain.problem.problem import Problem
from tariff_planner.domain.problem.solution import Requirement, Solution

_LEFT_SHORT = (
    "{what} would leave {who} {more}{kwh} short.",
    "{what} hieße: {who} fehlen {more}{kwh}.",
)
_SHORT = {
    Requirement.IMPORT_LIMIT: (
        "{what} would take {kwh} more than the connection may give.",
        "{what} würde {kwh} mehr brauchen, als der Anschluss geben darf.",
    ),
    Requirement.EXPORT_LIMIT: (
        "{what} would feed in {kwh} more than is allowed.",
        "{what} würde {kwh} mehr einspeisen als erlaubt.",
    ),
}


def explain(
    problem: Problem, solution: Solution, slots: Sequence[PlanSlot], zone: ZoneInfo, currency: str = "EUR"
) -> tuple[Explanation, ...]:
    """Each segment of each planned device, device by device and by start; ``slots`` are the plan's.

    Every slot of every planned device lies in exactly one of them. Takes some 0.1 s for 48 h and four devices.
    """
    found = segments(slots)
    try:
        case = Case(problem, solution, WhatIf(problem), zone, currency)
    except RuntimeError:
        return ()  # a plan without words is still a plan
    first = {segment.vehicle or segment.device: segment for segment in reversed(found)}
    return tuple(_explanation(case, s, slots, first=first[s.vehicle or s.device] is s) for s in found)


def _explanation(case: Case, segment: Segment, slots: Sequence[PlanSlot], *, first: bool) -> Explanation:
    why = _why(case, segment)
    start = slots[segment.first].start
    change = None
    if why.forced is not None and not _worse_than_relaxed(case, why.forced.device, start):
        change = case.what_if.forced(why.forced)
    cost_eur = None if change is None or change.short_kwh else max(0.0, round(change.more_eur, 4))
    told = [why.text, *(goals_at_risk(case, segment.vehicle or segment.device) if first else ())]
    otherwise = why.otherwise
    if why.elsewhere is not None and cost_eur is not None and cost_eur < _same_eur(case):
        otherwise = why.elsewhere
    return Explanation(
        device=segment.device,
        vehicle=segment.vehicle,
        start=start,
        end=slots[segment.end - 1].end,
        action=segment.action,
        text=joined(told, say(" ", " ")),
        alternative=_priced(case, otherwise, change, cost_eur) if change else None,
        alternative_cost_eur=cost_eur,
        limits=binding_limits(case, segment),
    )


def _worse_than_relaxed(case: Case, device: str, start: datetime) -> bool:
    """Whether the plan misses requirements that only the relaxed model keeps: it then knows no alternative's cost."""
    ahead = [m for m in case.solution.unmet if m.device == device and (m.by is None or m.by > start)]
    return sum(m.kwh for m in ahead) > case.what_if.missing_kwh(device) + SOME_KWH


def _why(case: Case, segment: Segment) -> SegmentReason:
    if segment.vehicle is None:
        return battery_reason(case, segment, case.battery(segment.device))
    return car_reason(case, segment, case.car(segment.vehicle))


def _same_eur(case: Case) -> float:
    return SAME_EUR * case.problem.weights.money_scale


def _priced(case: Case, otherwise: Text, change: Change, cost_eur: float | None) -> Text:
    """What the alternative costs; where a requirement suffers, that and no money."""
    if cost_eur is None:
        (requirement, who), most = max(change.short_kwh.items(), key=lambda item: item[1])
        en, de = _SHORT.get(requirement, _LEFT_SHORT)
        further = case.what_if.missing_kwh(who) > SOME_KWH
        more = say("another ", "weitere ") if further else NOTHING
        called = (
            say("the battery", "der Batterie")
            if who in case.solution.batteries
            else say(case.called(who), case.called(who))
        )
        return say(en, de, what=otherwise, who=called, more=more, kwh=kwh(most))
    if cost_eur < _same_eur(case):
        return say("{what} would cost the same.", "{what} würde gleich viel kosten.", what=otherwise)
    en, de = "{what} would cost {eur} more.", "{what} würde {eur} mehr kosten."
    return say(en, de, what=otherwise, eur=amount(cost_eur, case.currency))
