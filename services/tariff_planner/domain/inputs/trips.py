"""When cars are away, and what they come back without."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from tariff_planner.domain.inputs.rules import TripRules
from tariff_planner.domain.inputs.weekly import spans
from tariff_planner.domain.problem.storage import Trip


def trips(
    rules: Iterable[TripRules],
    zone: ZoneInfo,
    now: datetime,
    until: datetime,
    *,
    here: bool,
    measured_at: datetime | None = None,
) -> tuple[Trip, ...]:
    """A car's trips until the horizon's end, oldest first. Of the one that it is on, only what is left is missing.

    Args:
        rules: its weekly ones.
        zone: the site's.
        now: aware.
        until: the horizon's end.
        here: it is plugged in now, whatever the rules say.
        measured_at: when its SoC was read; what it has used until then is in it.
    """
    coming = sorted(
        (leave, back, rule.kwh)
        for rule in rules
        for leave, back in spans(rule.days, rule.leave, rule.back, zone, now, until, nights=rule.nights)
    )
    found = []
    for leave, back, kwh in coming:
        if leave > now:
            found.append(Trip(leave, back, kwh))
        elif not here:
            since = min(max(leave, measured_at or leave), back)
            found.append(Trip(now, back, kwh * ((back - since) / (back - leave))))
    return tuple(found)
