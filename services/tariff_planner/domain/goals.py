"""Which goal counts for a car: a person's, else evcc's own plan, else the one that comes again every week."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from ems.contract.people import Goal
from ems.contract.site import EvccPlan
from tariff_planner.domain.rules import EVERY_DAY, GoalRules

WEEKDAYS = {name: number for number, name in enumerate(EVERY_DAY)}


def next_goal(rules: Iterable[GoalRules], now: datetime, zone: ZoneInfo) -> tuple[float, datetime] | None:
    """The next goal of a weekly schedule as (SoC in %, moment in UTC): local time, whatever DST does to it."""
    local = now.astimezone(zone)
    found: list[tuple[datetime, float]] = []
    for rule in rules:
        days = {WEEKDAYS[d] for d in rule.days}
        for ahead in range(8):
            day = (local + timedelta(days=ahead)).date()
            moment = datetime.combine(day, rule.by, tzinfo=zone).astimezone(now.tzinfo)
            if day.weekday() in days and moment > now:
                found.append((moment, rule.soc_pct))
                break
    if not found:
        return None
    moment, soc_pct = min(found)
    return soc_pct, moment


def goal_of(
    asked: Goal | None, evcc: EvccPlan | None, weekly: tuple[float, datetime] | None, now: datetime
) -> tuple[float, datetime | None] | None:
    """The goal that counts as (SoC in %, departure); a departure that has passed no longer does."""
    if asked is not None and (asked.departure is None or asked.departure > now):
        return asked.soc_pct, asked.departure
    if evcc is not None and evcc.soc_pct is not None and evcc.departure > now:
        return evcc.soc_pct, evcc.departure
    return weekly
