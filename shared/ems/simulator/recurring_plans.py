"""evcc's repeating plans: the next time of one."""

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from ems.simulator.settings_store import StoredPlan


def every_day(goal: StoredPlan, zone: ZoneInfo) -> dict[str, Any]:
    """The plan that repeats ``goal`` at its local time."""
    time_of_day = f"{goal.time.astimezone(zone):%H:%M}"
    return {"weekdays": list(range(7)), "time": time_of_day, "tz": zone.key, "soc": goal.value, "active": True}


def next_occurrence(plan: dict[str, Any], now: datetime) -> StoredPlan | None:
    """The next time of a repeating plan after ``now``; weekdays count from Sunday = 0."""
    if not plan.get("active"):
        return None
    zone = ZoneInfo(plan["tz"])
    for days in range(8):
        day = now.astimezone(zone).date() + timedelta(days=days)
        at = datetime.combine(day, time.fromisoformat(plan["time"]), zone)
        if at > now and day.isoweekday() % 7 in plan["weekdays"]:
            return StoredPlan(float(plan["soc"]), at)
    return None
