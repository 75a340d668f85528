"""Which goal counts for a car: a person's, else evcc's own plan, else the one that comes again every week."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from ems.contract.people import Goal
from ems.contract.site import EvccPlan
from tariff_planner.domain.rules import GoalRules
from tariff_planner.domain.week import dates, moment


def next_goal(rules: Iterable[GoalRules], now: datetime, zone: ZoneInfo) -> tuple[float, datetime] | None:
    """The next goal of a weekly schedule as (SoC in %, moment in UTC)."""
    today = now.astimezone(zone).date()
    found = [
        (at, rule.soc_pct)
        for rule in rules
        for day in dates(rule.days, today, today + timedelta(days=7))
        if (at := moment(day, rule.by, zone)) > now
    ]
    if not found:
        return None
    at, soc_pct = min(found)
    return soc_pct, at


def goal_of(
    asked: Goal | None, evcc: EvccPlan | None, weekly: tuple[float, datetime] | None, now: datetime
) -> tuple[float, datetime | None] | None:
    """The goal that counts as (SoC in %, departure); a departure that has passed no longer does."""
    if asked is not None and (asked.departure is None or asked.departure > now):
        return asked.soc_pct, asked.departure
    if evcc is not None and evcc.soc_pct is not None and evcc.departure > now:
        return evcc.soc_pct, evcc.departure
    return weekly
