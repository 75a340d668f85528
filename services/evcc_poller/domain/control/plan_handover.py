"""Open goals become plans of evcc's own while the suite cannot plan, and are taken back when it can again."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ems.contract.people import Goal
from ems.contract.site import Loadpoint

MIN_LEAD = timedelta(minutes=1)
"""Shortest time to departure of a goal that is handed over; evcc refuses times in the past."""


@dataclass(frozen=True, slots=True)
class HandedOverPlan:
    """A plan in evcc that we made."""

    vehicle: str
    soc_pct: int
    departure: datetime
    or_else: tuple[datetime | None, ...] = ()
    """Departures that evcc may have instead while our write is unanswered; None: no plan at all."""


def to_give(
    goals: Mapping[str, Goal],
    given: Mapping[str, HandedOverPlan],
    known: Iterable[str],
    loadpoints: Iterable[Loadpoint],
    now: datetime,
) -> tuple[HandedOverPlan, ...]:
    """The plans that evcc lacks: one for each open goal with a departure, of a vehicle that evcc knows.

    A plan that a person made in evcc for the vehicle at a loadpoint is left alone. One that evcc has not answered is
    given again.
    """
    names = set(known)
    own = {lp.vehicle for lp in loadpoints if lp.plan is not None and lp.vehicle not in given}
    plans = (
        HandedOverPlan(g.vehicle, round(g.soc_pct), g.departure)
        for g in goals.values()
        if g.departure is not None and g.departure > now + MIN_LEAD and g.vehicle in names and g.vehicle not in own
    )
    return tuple(p for p in plans if given.get(p.vehicle) != p)


def withdrawn(given: Mapping[str, HandedOverPlan], goals: Mapping[str, Goal]) -> dict[str, HandedOverPlan]:
    """The given plans whose goal is gone, or has lost its departure."""
    return {v: plan for v, plan in given.items() if v not in goals or goals[v].departure is None}


def unanswered(plan: HandedOverPlan, before: HandedOverPlan | None) -> HandedOverPlan:
    """``plan`` as it is noted until evcc answers: it, or what was given ``before``, is there."""
    older = (None,) if before is None else (before.departure, *before.or_else)
    return replace(plan, or_else=tuple(dict.fromkeys(x for x in older if x != plan.departure)) or (None,))


def to_take_back(
    given: Mapping[str, HandedOverPlan], loadpoints: Iterable[Loadpoint], now: datetime
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The vehicles whose plan in evcc is to be deleted, and those whose plan is no longer ours to delete.

    A plan that is over, or that a person has changed since, is only forgotten.
    """
    shown = {lp.vehicle: lp.plan for lp in loadpoints if lp.vehicle is not None and lp.connected}
    delete: list[str] = []
    forget: list[str] = []
    for plan in given.values():
        there = shown.get(plan.vehicle)
        departure = there.departure if there is not None else None
        changed = plan.vehicle in shown and departure not in (plan.departure, *plan.or_else)
        (forget if plan.departure <= now or changed else delete).append(plan.vehicle)
    return tuple(delete), tuple(forget)
