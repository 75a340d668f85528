"""How full the home battery should be, and by when."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from ems.house.calendar import next_weekly
from tariff_planner.domain.inputs.facts import Facts, HomeRules
from tariff_planner.domain.inputs.rules import GoalRules
from tariff_planner.domain.problem.storage import EnergyGoal

OF_A_CARS = 0.5
"""What a missing kWh is priced at, as a share of what a car's is: above any tariff, below a car's departure."""


def battery_goals(
    facts: Facts, home: HomeRules, capacity_kwh: float, until: datetime, wish_eur_per_kwh: float
) -> tuple[EnergyGoal, ...]:
    """The weekly goals until the horizon's end, and the one that was set on the bus; a wish's price is a car's."""
    found: list[tuple[float, datetime]] = []
    at = facts.now
    while (following := next_goal(home.battery.goals, at, home.zone)) and following[1] <= until:
        found.append(following)
        at = following[1]
    set_now = home.battery_goal
    if set_now is not None and set_now.by > facts.now:
        found.append((set_now.soc_pct, set_now.by))
    return tuple(
        EnergyGoal(min(soc_pct, home.battery.max_soc_pct) / 100 * capacity_kwh, by, OF_A_CARS * wish_eur_per_kwh)
        for soc_pct, by in sorted(found, key=lambda goal: goal[1])
    )


def next_goal(rules: Iterable[GoalRules], now: datetime, zone: ZoneInfo) -> tuple[float, datetime] | None:
    """The next goal of a weekly schedule as (SoC in %, moment in UTC); on a tie the fuller one."""
    found = [(at, -rule.soc_pct) for rule in rules if (at := next_weekly(rule.days, rule.by, zone, now))]
    if not found:
        return None
    at, minus_soc_pct = min(found)
    return -minus_soc_pct, at
