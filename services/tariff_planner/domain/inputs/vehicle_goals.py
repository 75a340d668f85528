"""Which goals count for a car: those that the notifier keeps, else evcc's own plan."""

from datetime import datetime

from ems.contract.people import SCHEDULE, Goal, NextGoal
from ems.contract.site import EvccPlan

type WantedSoc = tuple[float, datetime | None]
"""How full (SoC in %), and by when; None: whenever it is cheap."""


def goals_of(
    asked: Goal | None, evcc: EvccPlan | None, now: datetime, energy: EvccPlan | None = None
) -> tuple[WantedSoc, ...]:
    """The goals that count, earliest first; a departure that has passed no longer does.

    What a person asks for comes before what somebody has set in evcc; the weekly schedule stands beside that.

    Args:
        asked: what the notifier keeps.
        evcc: evcc's own plan in SoC.
        now: aware.
        energy: evcc's own plan in kWh, as the SoC that it comes to.
    """
    wanted = {by: soc_pct for soc_pct, by in _asked_for(asked) if by is None or by > now}
    person = asked is not None and asked.asked_by != SCHEDULE and asked.departure in wanted
    for plan in () if person else (evcc, energy):
        if plan is not None and plan.soc_pct is not None and plan.departure > now:
            wanted[plan.departure] = max(plan.soc_pct, wanted.get(plan.departure, 0.0))
    return tuple(sorted(((soc_pct, by) for by, soc_pct in wanted.items()), key=lambda goal: goal[1] or now))


def wanted_by(
    asked: Goal | None, evcc: EvccPlan | None, now: datetime, energy: EvccPlan | None = None
) -> tuple[WantedSoc, ...]:
    """The goals that count and have a moment, earliest first; see :func:`goals_of`."""
    return tuple((soc_pct, by) for soc_pct, by in goals_of(asked, evcc, now, energy) if by is not None)


def replace_goal(asked: Goal | None, new: Goal) -> Goal:
    """``new`` in place of what is asked for up to its departure; what comes afterwards stays."""
    later = () if asked is None else asked.following
    if asked is not None and asked.departure is not None:
        later = (NextGoal(soc_pct=asked.soc_pct, departure=asked.departure, asked_by=asked.asked_by), *later)
    kept = tuple(goal for goal in later if new.departure is None or goal.departure > new.departure)
    return new.model_copy(update={"following": kept})


def _asked_for(asked: Goal | None) -> tuple[WantedSoc, ...]:
    if asked is None:
        return ()
    return (asked.soc_pct, asked.departure), *((goal.soc_pct, goal.departure) for goal in asked.following)
