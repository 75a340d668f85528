"""What an alternative costs: the difference of two solved models, in money or in what somebody lacks then."""

from dataclasses import replace
from datetime import datetime

from tariff_planner.domain.explain.segments import Case, SegmentReason
from tariff_planner.domain.milp.whatif import SOME_KWH, Change
from tariff_planner.domain.problem.solution import Requirement
from tariff_planner.domain.wording.alternatives import Alternative, Suffers

SAME_EUR = 0.005
"""Differences below this are described as the same cost, where a kWh costs as usual."""
_SUFFERS = {Requirement.IMPORT_LIMIT: Suffers.IMPORT_LIMIT, Requirement.EXPORT_LIMIT: Suffers.EXPORT_LIMIT}


def priced(case: Case, why: SegmentReason, start: datetime) -> tuple[Alternative | None, float | None]:
    """The alternative with what it changes, and its cost in EUR; None where nobody knows.

    Args:
        case: the plan.
        why: has the alternative.
        start: when its segment starts.
    """
    if why.forced is None or why.otherwise is None or _worse_than_relaxed(case, why.forced.device, start):
        return None, None
    change = case.what_if.forced(why.forced)
    if change is None:
        return None, None
    if change.short_kwh:
        return _short(case, why.otherwise, change), None
    cost_eur = max(0.0, round(change.more_eur, 4))
    return same_or_more(case, why, cost_eur), cost_eur


def same_or_more(case: Case, why: SegmentReason, cost_eur: float) -> Alternative | None:
    """The alternative with its cost, which is none where it is too little for a word."""
    if why.otherwise is None:
        return None
    if cost_eur >= SAME_EUR * case.problem.weights.money_scale:
        return replace(why.otherwise, instead=why.if_priced or why.otherwise.instead, more_eur=cost_eur)
    return replace(why.otherwise, instead=why.if_same or why.otherwise.instead, more_eur=0.0)


def _worse_than_relaxed(case: Case, device: str, start: datetime) -> bool:
    """Whether the plan misses requirements that only the relaxed model keeps: it then knows no alternative's cost."""
    ahead = [m for m in case.solution.unmet if m.device == device and (m.by is None or m.by > start)]
    return sum(m.kwh for m in ahead) > case.what_if.missing_kwh(device) + SOME_KWH


def _short(case: Case, otherwise: Alternative, change: Change) -> Alternative:
    """What suffers most, and by how much."""
    (requirement, name), kwh = max(change.short_kwh.items(), key=lambda item: item[1])
    return replace(
        otherwise,
        suffers=_SUFFERS.get(requirement, Suffers.STORAGE),
        who=None if name in case.solution.batteries else case.called(name),
        short_kwh=kwh,
        further=case.what_if.missing_kwh(name) > SOME_KWH,
    )
