"""How full the home battery shall be, and by when."""

from datetime import datetime

from tariff_planner.domain.facts import Facts, House
from tariff_planner.domain.goals import next_goal
from tariff_planner.domain.problem import Goal

EUR_PER_KWH = 5.0
"""What a missing kWh is priced at: above any tariff, below a car's departure."""


def battery_goals(facts: Facts, house: House, capacity_kwh: float, until: datetime) -> tuple[Goal, ...]:
    """The weekly goals until the horizon's end, and the one that was set on the bus."""
    found: list[tuple[float, datetime]] = []
    at = facts.now
    while (following := next_goal(house.battery.goals, at, house.zone)) and following[1] <= until:
        found.append(following)
        at = following[1]
    set_now = house.battery_goal
    if set_now is not None and set_now.by > facts.now:
        found.append((set_now.soc_pct, set_now.by))
    return tuple(
        Goal(min(soc_pct, house.battery.max_soc_pct) / 100 * capacity_kwh, by, EUR_PER_KWH)
        for soc_pct, by in sorted(found, key=lambda goal: goal[1])
    )
