"""What people wish, as the plan obeys it."""

from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache

import pytest

from ems.contract.control import BatteryAction, LoadpointAction
from ems.contract.people import NextGoal
from ems.contract.plan import Plan, PlanSlot
from ems.contract.site import BatteryMode, LoadpointMode
from ems.contract.wishes import StandingWish, Wish, WishKind
from support.evening import BERLIN, NOW, SEVEN, known, loadpoint, scheduled
from tariff_planner.domain.decision.decide import DecisionInputs, decide
from tariff_planner.domain.decision.wish_costs import wish_cost, wishes_in_plan, with_or_without
from tariff_planner.domain.inputs.rules import BatteryRules
from tariff_planner.domain.inputs.wishes import goals_at_home, is_over, next_time, stretches

HOUR = timedelta(hours=1)


def wishing(*wishes: Wish, goal: float | None = None) -> DecisionInputs:
    given = known(lp=loadpoint(), soc_pct=50, goal=scheduled(goal, SEVEN) if goal else None)
    return replace(given, home=replace(given.home, wishes=wishes))


@cache
def planned(*wishes: Wish, goal: float | None = None) -> Plan:
    return decide(wishing(*wishes, goal=goal)).plan


def within(plan: Plan, start: datetime, end: datetime) -> list[PlanSlot]:
    return [slot for slot in plan.slots if start <= slot.start and slot.end <= end]


def test_a_battery_that_is_held_gives_nothing_in_these_hours_and_says_why() -> None:
    start, end = NOW, NOW + 2 * HOUR
    wish = Wish(kind=WishKind.HOLD_BATTERY, start=start, end=end)
    free, plan = planned(), planned(wish)
    assert any(slot.devices["battery"].power_w > 50 for slot in within(free, start, end))
    for slot in within(plan, start, end):
        assert slot.devices["battery"].action == BatteryAction(mode=BatteryMode.HOLD)
        assert slot.devices["battery"].power_w <= 0
    first = next(e for e in plan.explanations if e.device == "battery")
    assert first.reason is not None
    assert first.reason.kind == "battery_on_wish"
    assert first.text.de.endswith("wie gewünscht.")


def test_a_battery_that_is_to_charge_does_so_at_any_price_until_it_is_full() -> None:
    start, end = NOW + HOUR, NOW + 3 * HOUR
    wish = Wish(kind=WishKind.CHARGE_BATTERY, start=start, end=end)
    plan = planned(wish)
    first, *_, last = within(plan, start, end)
    assert first.devices["battery"].action == BatteryAction(mode=BatteryMode.CHARGE)
    assert last.devices["battery"].soc_pct == pytest.approx(100, abs=1)
    assert not plan.shortfalls


def test_a_car_is_not_charged_before_it_may_be() -> None:
    until = NOW + 7 * HOUR
    wish = Wish(kind=WishKind.PAUSE_VEHICLE, vehicle="limo", end=until)
    free, plan = planned(goal=80), planned(wish, goal=80)
    assert any(slot.devices["loadpoint-1"].power_w > 0 for slot in within(free, NOW, until))
    for slot in within(plan, NOW, until):
        assert slot.devices["loadpoint-1"].power_w == 0
        assert slot.devices["loadpoint-1"].action == LoadpointAction(mode=LoadpointMode.OFF)
    assert next(e for e in plan.explanations if e.vehicle == "limo").text.en.endswith("as you wish.")


def test_a_car_is_charged_when_people_want_it() -> None:
    start, end = NOW + HOUR, NOW + 2 * HOUR
    plan = planned(Wish(kind=WishKind.CHARGE_VEHICLE, vehicle="limo", start=start, end=end))
    for slot in within(plan, start, end):
        assert isinstance(slot.devices["loadpoint-1"].action, LoadpointAction)
        assert slot.devices["loadpoint-1"].action.mode is LoadpointMode.NOW
        assert slot.devices["loadpoint-1"].power_w > 10_000


def test_a_trip_takes_the_car_away_and_is_charged_for() -> None:
    trip = Wish(kind=WishKind.TRIP, vehicle="limo", start=SEVEN, end=SEVEN + 10 * HOUR, kwh=45)
    plan = planned(trip)
    before = next(slot for slot in plan.slots if slot.end == SEVEN)
    assert (before.devices["loadpoint-1"].soc_pct or 0) >= 75
    assert all(slot.devices["loadpoint-1"].power_w == 0 for slot in within(plan, SEVEN, SEVEN + 10 * HOUR))


def test_while_nobody_is_at_home_the_weekly_schedule_rests_and_a_persons_goal_does_not() -> None:
    away = Wish(kind=WishKind.ABSENCE, end=SEVEN + 24 * HOUR)
    weekly = scheduled(80, SEVEN, SEVEN + 48 * HOUR)
    mine = weekly.model_copy(update={"asked_by": "anna"})
    found = goals_at_home({"limo": weekly, "mini": mine}, [away], NOW, BERLIN)
    assert found["limo"].departure == SEVEN + 48 * HOUR
    assert found["mini"].departure == SEVEN
    assert goals_at_home({"limo": scheduled(80, SEVEN)}, [away], NOW, BERLIN) == {}
    assert planned(away, goal=80).slots[20].devices["loadpoint-1"].power_w == 0


def test_of_the_goals_that_follow_an_absence_pauses_those_of_the_schedule_that_fall_into_it() -> None:
    away = Wish(kind=WishKind.ABSENCE, start=SEVEN + 12 * HOUR, end=SEVEN + 60 * HOUR)
    days = [SEVEN + n * 24 * HOUR for n in range(1, 5)]
    annas = NextGoal(soc_pct=90, departure=days[1] - HOUR, asked_by="anna")
    rest = tuple(NextGoal(soc_pct=80, departure=day) for day in days)
    goal = scheduled(80, SEVEN).model_copy(update={"following": (rest[0], annas, *rest[1:])})
    left = goals_at_home({"limo": goal}, [away], NOW, BERLIN)["limo"]
    assert left.departure == SEVEN
    assert left.following == (annas, *rest[2:])
    whole = Wish(kind=WishKind.ABSENCE, end=SEVEN + 60 * HOUR)
    first = goals_at_home({"limo": goal}, [whole], NOW, BERLIN)["limo"]
    assert (first.departure, first.soc_pct, first.asked_by) == (annas.departure, 90, "anna")


def test_a_weekly_goal_counts_on_its_days() -> None:
    wish = Wish(kind=WishKind.WEEKLY_GOAL, soc_pct=70, end=SEVEN, days=("thu",))
    plan = planned(wish)
    at = next(slot for slot in plan.slots if slot.end == SEVEN)
    assert (at.devices["battery"].soc_pct or 0) >= 69
    other = planned(wish.model_copy(update={"days": ("mon",)}))
    assert next(slot for slot in other.slots if slot.end == SEVEN).devices["battery"].soc_pct != pytest.approx(
        70, abs=1
    )


def test_each_wish_is_told_with_its_price_and_a_tried_one_is_not_obeyed() -> None:
    hold = StandingWish(kind=WishKind.HOLD_BATTERY, start=NOW, end=NOW + 2 * HOUR, asked_at=NOW)
    tried = StandingWish(
        kind=WishKind.CHARGE_VEHICLE, vehicle="limo", start=NOW, end=NOW + HOUR, asked_at=NOW, trial=True
    )
    given = wishing(hold)
    plan = decide(given).plan
    others = {wish: with_or_without(given, wish) for wish in (hold, tried)}
    costs = {wish.id: wish_cost(plan, decide(other).plan, wish) for wish, other in others.items() if other}
    told = {wish.id: wish for wish in wishes_in_plan(given, plan, [hold, tried], costs)}
    free = planned()
    assert plan.cost_eur is not None
    assert free.cost_eur is not None
    assert told["hold_battery"].cost_eur == pytest.approx(plan.cost_eur - free.cost_eur, abs=0.02)
    assert told["charge_vehicle-limo"].trial
    assert (told["charge_vehicle-limo"].cost_eur or 0) > 0.3
    assert "would cost" in told["charge_vehicle-limo"].text.en
    assert plan.slots[0].devices["loadpoint-1"].power_w == 0


def test_a_wish_that_comes_again_is_never_over_and_has_its_next_time() -> None:
    once = Wish(kind=WishKind.HOLD_BATTERY, start=NOW - 3 * HOUR, end=NOW)
    again = once.model_copy(update={"days": ("wed", "thu")})
    assert is_over(once, NOW)
    assert not is_over(again, NOW)
    assert next_time(again, NOW, BERLIN) == (NOW + 21 * HOUR, NOW + 24 * HOUR)
    assert next_time(once, NOW, BERLIN) is None
    assert stretches(once, NOW, NOW + HOUR, BERLIN) == []


@pytest.mark.parametrize(
    ("kind", "values", "mode"),
    [
        (WishKind.PAUSE_VEHICLE, [0.05] * 8 + [0.50] * 136, LoadpointMode.OFF),
        (WishKind.CHARGE_VEHICLE, [0.50] * 8 + [0.05] * 136, LoadpointMode.NOW),
    ],
)
def test_what_is_wished_of_a_car_now_is_no_matter_of_money(
    kind: WishKind, values: list[float], mode: LoadpointMode
) -> None:
    given = known(values, lp=loadpoint(), soc_pct=50, goal=scheduled(80, SEVEN))
    wish = Wish(kind=kind, vehicle="limo", start=NOW, end=NOW + 2 * HOUR)
    result = decide(replace(given, home=replace(given.home, wishes=(wish,))))
    assert result.proposals["loadpoint-1"].action == result.plan.slots[0].devices["loadpoint-1"].action
    action = result.proposals["loadpoint-1"].action
    assert isinstance(action, LoadpointAction)
    assert action.mode is mode


def test_energy_is_not_kept_for_hours_in_which_people_want_the_battery_held() -> None:
    rules = BatteryRules(modes=frozenset({BatteryMode.NORMAL, BatteryMode.HOLD}))
    given = known([0.30] * 8 + [0.60] * 8 + [0.10] * 128, soc_pct=15, battery_rules=rules)
    wish = Wish(kind=WishKind.HOLD_BATTERY, start=NOW + 2 * HOUR, end=NOW + 4 * HOUR)
    free = decide(given).plan.slots[0].devices["battery"].action
    held = decide(replace(given, home=replace(given.home, wishes=(wish,)))).plan.slots[0].devices["battery"].action
    assert free == BatteryAction(mode=BatteryMode.HOLD)
    assert held == BatteryAction(mode=BatteryMode.NORMAL)
