"""Without prices for now the last good ones rule, for one slot, and say so; without those nothing is proposed."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from ems.contract.control import BatteryAction, LoadpointAction
from ems.contract.message import Text
from ems.contract.plan import PlanStatus
from ems.contract.site import BatteryMode, LoadpointMode, Rate
from ems.house.slots import Slot
from support.evening import NOW, QUARTER, SEVEN, known, loadpoint, scheduled
from tariff_planner.domain.decision.price_rules import by_percentiles
from tariff_planner.domain.inputs.rules import BatteryRules

HOUR = timedelta(hours=1)
WHY = Text(en="No price is known for now.", de="Für jetzt ist kein Preis bekannt.")
SLOT = Slot(NOW, NOW + QUARTER)
DAY = [0.30] * 10 + [0.10] * 4 + [0.20] * 4 + [0.45] * 6


def yesterday(this_hour: float, others: Sequence[float] = DAY) -> tuple[Rate, ...]:
    """A day of hourly rates that ended an hour ago; this time of day cost ``this_hour`` yesterday."""
    start = NOW - 24 * HOUR
    values = [this_hour, *others[1:]]
    return tuple(Rate(start=start + i * HOUR, end=start + (i + 1) * HOUR, value=v) for i, v in enumerate(values[:23]))


@pytest.mark.parametrize(
    ("price", "mode"),
    [(0.10, BatteryMode.CHARGE), (0.25, BatteryMode.HOLD), (0.40, BatteryMode.NORMAL)],
)
def test_the_battery_charges_when_this_time_was_cheap_holds_when_below_average_and_serves_else(
    price: float, mode: BatteryMode
) -> None:
    case = known(battery=True)
    plan = by_percentiles(case.facts, case.home, yesterday(price), SLOT, WHY)
    assert plan is not None
    assert plan.status is PlanStatus.RULES
    assert plan.slots[0].devices["battery"].action == BatteryAction(mode=mode)
    assert not plan.slots[0].price_known
    assert "last known prices" in plan.summary.en


def test_a_flat_day_gives_no_reason_to_charge() -> None:
    case = known(battery=True)
    plan = by_percentiles(case.facts, case.home, yesterday(0.3, [0.3] * 24), SLOT, WHY)
    assert plan is not None
    assert plan.slots[0].devices["battery"].action == BatteryAction(mode=BatteryMode.NORMAL)


def test_a_battery_that_can_only_hold_holds_where_another_would_charge() -> None:
    can = frozenset({BatteryMode.NORMAL, BatteryMode.HOLD})
    case = known(battery=True, battery_rules=BatteryRules(modes=can))
    plan = by_percentiles(case.facts, case.home, yesterday(0.10), SLOT, WHY)
    assert plan is not None
    assert plan.slots[0].devices["battery"].action == BatteryAction(mode=BatteryMode.HOLD)


def test_a_car_charges_when_it_was_cheap_or_when_time_runs_out() -> None:
    def action(price: float, by: datetime) -> object:
        case = known(battery=False, lp=loadpoint(), goal=scheduled(80, by))
        plan = by_percentiles(case.facts, case.home, yesterday(price), SLOT, WHY)
        assert plan is not None
        return plan.slots[0].devices["loadpoint-1"].action

    now = LoadpointAction(mode=LoadpointMode.NOW, limit_soc_pct=80)
    assert action(0.10, SEVEN) == now
    assert action(0.40, SEVEN) == LoadpointAction(mode=LoadpointMode.PV)
    assert action(0.40, NOW + 2 * HOUR) == now


def test_rates_of_the_day_before_yesterday_are_used_and_older_ones_are_not() -> None:
    case = known(battery=True)
    shifted = [replace_rate(r, -24 * HOUR) for r in yesterday(0.10)]
    assert by_percentiles(case.facts, case.home, shifted, SLOT, WHY) is not None
    older = [replace_rate(r, -72 * HOUR) for r in yesterday(0.10)]
    assert by_percentiles(case.facts, case.home, older, SLOT, WHY) is None
    assert by_percentiles(case.facts, case.home, (), SLOT, WHY) is None


def replace_rate(rate: Rate, by: timedelta) -> Rate:
    return Rate(start=rate.start + by, end=rate.end + by, value=rate.value)


def test_a_battery_at_its_ceiling_is_not_charged() -> None:
    case = known(soc_pct=100)
    plan = by_percentiles(case.facts, case.home, yesterday(0.10), SLOT, WHY)
    assert plan is not None
    assert plan.slots[0].devices["battery"].action == BatteryAction(mode=BatteryMode.HOLD)
