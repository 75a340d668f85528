"""What a plan does, and does not do, in homes that a person can check in the head."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from ems.house.slots import grid
from support.problems import EVENING, FINE, MORNING, NIGHT, WALLBOX, battery, car, charged, steps, with_car
from tariff_planner.domain.milp.solve import plan
from tariff_planner.domain.milp.solver.branch_and_bound import Effort
from tariff_planner.domain.problem.problem import (
    CapacityPrice,
    Loadpoint,
    PreviousSlot,
    Problem,
    Step,
    Weights,
)
from tariff_planner.domain.problem.solution import Requirement
from tariff_planner.domain.problem.storage import Car, EnergyGoal, TerminalValue


def test_on_a_cold_night_an_empty_battery_and_a_car_charge_in_the_cheapest_hours_and_not_in_dear_ones() -> None:
    problem = replace(with_car(NIGHT, car()), batteries=(battery(),), steps=steps(NIGHT, load_kw=2.0))
    found = plan(problem, FINE)
    for charge in (charged(found), found.batteries["battery"].charge_kwh):
        assert sum(charge) > 5
        assert all(kwh == pytest.approx(0, abs=1e-6) for kwh, price in zip(charge, NIGHT, strict=True) if price >= 0.30)
    assert charged(found)[6] == pytest.approx(11.0, abs=1e-3)
    assert not found.unmet


def test_a_deadline_that_cannot_be_met_gives_the_best_plan_and_says_how_much_is_missing() -> None:
    soon = EVENING + timedelta(hours=2)
    found = plan(with_car(NIGHT, car(10.0, 50.0, soon)), FINE)
    assert charged(found)[:2] == pytest.approx((11.0, 11.0), abs=1e-3)
    (short,) = found.unmet
    assert short.requirement is Requirement.GOAL
    assert short.device == "zoe"
    assert short.by == soon
    assert short.kwh == pytest.approx(50 - 10 - 2 * 11 * 0.9, abs=1e-3)
    assert short.reaches_kwh == pytest.approx(10 + 2 * 11 * 0.9, abs=1e-3)


def test_a_battery_at_96_pct_with_a_maximum_of_90_pct_is_planned_and_never_charged_further() -> None:
    full = battery(9.6, max_kwh=9.0)
    found = plan(Problem(steps(NIGHT), (full,)), FINE)
    energy = found.batteries["battery"].energy_kwh
    assert found.proof.proven
    assert max(energy) <= 9.6 + 1e-6
    assert sum(found.batteries["battery"].discharge_kwh) > 1


def test_a_battery_below_its_reserve_is_neither_discharged_nor_forced_up() -> None:
    found = plan(Problem(steps([0.30] * 12), (battery(1.0, min_kwh=3.0),)), FINE)
    assert found.batteries["battery"].energy_kwh == pytest.approx([1.0] * 12, abs=1e-6)
    assert found.proof.proven


def test_flat_prices_cause_no_grid_charging() -> None:
    found = plan(Problem(steps([0.30] * 24), (battery(2.0, worth=0.28),)), FINE)
    assert sum(found.batteries["battery"].charge_kwh) == pytest.approx(0, abs=1e-6)


def test_with_negative_prices_on_both_sides_no_energy_goes_in_circles() -> None:
    negative = replace(battery(5.0), can_discharge_to_grid=True)
    ups_and_downs = steps([-0.10, -0.20, 0.30, -0.05], export=-0.15)
    found = plan(Problem(ups_and_downs, (negative,)), FINE)
    one = found.batteries["battery"]
    assert all(min(c, d) < 1e-3 for c, d in zip(one.charge_kwh, one.discharge_kwh, strict=True))
    assert all(min(i, e) < 1e-3 for i, e in zip(found.import_kwh, found.export_kwh, strict=True))
    assert one.charge_kwh[1] > 3


def test_a_battery_is_not_cycled_to_burn_energy_but_emptied_for_hours_that_pay_much_more() -> None:
    def given(prices: list[float]) -> float:
        found = plan(Problem(steps(prices, export=-0.05), (battery(5.0, worth=0.0),)), FINE)
        return sum(found.batteries["battery"].discharge_kwh)

    assert given([-0.08] * 6) == 0
    assert given([-0.01, -0.01, -0.40, -0.40, -0.40]) > 0.5


def test_the_connections_limit_outweighs_what_one_is_paid_to_take() -> None:
    tight = tuple(replace(s, import_limit_kw=0.0) for s in steps([-0.10] * 4))
    assert not plan(Problem(tight, (battery(5.0),)), FINE).unmet


def test_selling_for_more_than_buying_does_not_pump_energy_through_the_meter() -> None:
    found = plan(Problem(steps([0.10, 0.10], export=0.30), (battery(),)), FINE)
    assert found.export_kwh == pytest.approx((0.0, 0.0), abs=1e-6)
    assert found.bill_eur >= 0.1


def test_pv_is_counted_once() -> None:
    sunny = Problem(steps([0.30] * 6, pv_kw=[6.0] * 6, load_kw=1.0), (battery(),), (car(goal_kwh=55.0),), (WALLBOX,))
    found = plan(sunny, FINE)
    used = sum(charged(found)) + sum(found.batteries["battery"].charge_kwh)
    given = sum(found.batteries["battery"].discharge_kwh)
    assert used + sum(found.export_kwh) == pytest.approx(5.0 * 6 + given + sum(found.import_kwh), abs=1e-3)


def test_the_running_slot_is_shorter_and_holds_less_energy() -> None:
    first = Step(EVENING, EVENING + timedelta(minutes=4), 0.02, 0.0, 0.05, 0.04)
    rest = steps([0.40] * 4, start=first.end, minutes=15)
    found = plan(Problem((first, *rest), cars=(car(by=rest[-1].end),), loadpoints=(WALLBOX,)), FINE)
    assert charged(found)[0] == pytest.approx(11.0 * 4 / 60, abs=1e-4)


@pytest.mark.parametrize(("day", "count"), [((2026, 3, 29), 92), ((2026, 10, 25), 100), ((2026, 1, 14), 96)])
def test_a_local_day_has_as_many_slots_as_the_clock_gives_it(day: tuple[int, int, int], count: int) -> None:
    zone = ZoneInfo("Europe/Berlin")
    begin = datetime(*day, tzinfo=zone)
    end = datetime.combine(begin.date() + timedelta(days=1), begin.timetz())
    slots = tuple(Step(s.start, s.end, 0.1, 0.0, 0.2 + i % 7 / 100, 0.08) for i, s in enumerate(grid(begin, end)))
    assert len(slots) == count
    goal = datetime(*day, 7, tzinfo=zone).astimezone(UTC)
    found = plan(Problem(slots, cars=(car(by=goal),), loadpoints=(WALLBOX,)))
    assert len(found.import_kwh) == count
    at = next(i for i, s in enumerate(slots) if s.end == goal)
    assert found.cars["zoe"].energy_kwh[at] == pytest.approx(40.0, abs=1e-3)


def test_a_peak_that_is_paid_for_is_used_and_a_higher_one_avoided() -> None:
    priced = replace(with_car(NIGHT, car(20.0, 38.0)), capacity_price=CapacityPrice(5.0, peak_kw=6.0))
    found = plan(priced, FINE)
    assert max(found.import_kwh) == pytest.approx(6.0, abs=1e-3)
    assert not found.unmet
    assert max(plan(with_car(NIGHT, car(20.0, 38.0)), FINE).import_kwh) > 11


def test_a_battery_that_can_only_hold_takes_nothing_from_the_grid() -> None:
    found = plan(Problem(steps(NIGHT), (battery(worth=0.30, can_charge_from_grid=False),)), FINE)
    assert sum(found.batteries["battery"].charge_kwh) == pytest.approx(0, abs=1e-6)


def test_a_battery_that_only_charges_from_the_sun_is_not_fed_from_the_grid_while_a_car_takes_the_sun() -> None:
    sun = steps([0.10] * 3, pv_kw=[5.0] * 3, load_kw=0.0, export=0.05)
    one = battery(worth=0.40, can_charge_from_grid=False)
    found = plan(Problem(sun, (one,), (car(goal_kwh=49.0, by=EVENING + timedelta(hours=3)),), (WALLBOX,)), FINE)
    charge = found.batteries["battery"].charge_kwh
    assert all(min(c, i) < 1e-3 for c, i in zip(charge, found.import_kwh, strict=True))


def test_no_battery_energy_is_sold_unless_that_is_allowed() -> None:
    dear = steps([0.30, 0.30, 0.30], pv_kw=[2.0, 0.0, 0.0], export=0.29)
    found = plan(Problem(dear, (battery(8.0, worth=0.0),)), FINE)
    discharge = found.batteries["battery"].discharge_kwh
    assert all(min(d, e) < 1e-3 for d, e in zip(discharge, found.export_kwh, strict=True))
    free = plan(Problem(dear, (battery(8.0, worth=0.0, can_discharge_to_grid=True),)), FINE)
    assert sum(free.export_kwh) > sum(found.export_kwh) + 3


def test_one_cycle_later_a_plan_does_not_flip_for_less_than_the_churn_cost() -> None:
    first = plan(with_car(NIGHT, car()), FINE)
    previous = tuple(
        PreviousSlot(s.start, s.end, frozenset({"zoe"} if kwh > 0 else ()))
        for s, kwh in zip(steps(NIGHT), charged(first), strict=True)
    )
    noise = [price + (0.001 if kwh > 0 else -0.0005) for price, kwh in zip(NIGHT, charged(first), strict=True)]
    again = plan(with_car(noise, car(), previous=previous), FINE)
    assert [k > 0.01 for k in charged(again)] == [k > 0.01 for k in charged(first)]
    cause = [0.02 if i == 9 else price for i, price in enumerate(noise)]
    assert charged(plan(with_car(cause, car(), previous=previous), FINE))[9] > 5


def test_same_inputs_same_plan() -> None:
    problem = replace(with_car(NIGHT, car()), batteries=(battery(),))
    first, second = plan(problem), plan(problem)
    assert first.import_kwh == second.import_kwh
    assert first.cars == second.cars


def test_a_connection_limit_is_kept_and_where_it_cannot_be_the_plan_says_so() -> None:
    limited = tuple(replace(s, import_limit_kw=8.0) for s in steps(NIGHT))
    found = plan(replace(with_car(NIGHT, car()), steps=limited), FINE)
    assert max(found.import_kwh) <= 8.0 + 1e-4
    dimmed = tuple(replace(s, load_kwh=3.0, import_limit_kw=2.0) for s in steps([0.3] * 2))
    (over,) = plan(Problem(dimmed)).unmet
    assert over.requirement is Requirement.IMPORT_LIMIT
    assert over.kwh == pytest.approx(2.0)


def test_a_battery_goal_is_met_by_its_time() -> None:
    wanted = battery(1.0, goals=(EnergyGoal(8.0, EVENING + timedelta(hours=4)),))
    found = plan(Problem(steps(NIGHT), (wanted,)), FINE)
    assert found.batteries["battery"].energy_kwh[3] >= 8.0 - 1e-4


def test_wear_keeps_a_battery_from_cycling_for_little() -> None:
    swing = steps([0.20, 0.30] * 6)
    assert sum(plan(Problem(swing, (battery(),)), FINE).batteries["battery"].charge_kwh) > 1
    worn = battery(worth=0.0, wear_eur_per_kwh=0.2)
    assert sum(plan(Problem(swing, (worn,)), FINE).batteries["battery"].charge_kwh) == pytest.approx(0, abs=1e-6)


def test_a_plan_found_when_time_runs_out_is_used_and_labelled() -> None:
    prices = [0.2 + ((i * 37) % 23) / 100 for i in range(96)]
    pv = [max(0.0, 4.5 - abs(i - 48) / 6) for i in range(96)]
    slots = steps(prices, minutes=15, pv_kw=pv)
    cars = tuple(
        Car(
            f"car-{i}",
            f"loadpoint-{i}",
            10.0,
            60.0,
            goals=(EnergyGoal(40.0, MORNING),),
            worth=(TerminalValue(60.0, 0.12),),
        )
        for i in range(3)
    )
    loadpoints = tuple(Loadpoint(c.loadpoint) for c in cars)
    found = plan(Problem(slots, (battery(),), cars, loadpoints), Effort(gap_eur=1e-9, seconds=0.3))
    assert found.proof.gap_eur >= 0
    assert found.proof.proven is (found.proof.gap_eur <= 1e-8)
    assert len(found.import_kwh) == 96


def test_garbage_is_refused_in_words() -> None:
    with pytest.raises(ValueError, match="finite"):
        Step(EVENING, MORNING, float("nan"), 0.0, 0.3, 0.08)
    with pytest.raises(ValueError, match="zoe: needs a capacity"):
        Car("zoe", "loadpoint-1", 70.0, 60.0)
    with pytest.raises(ValueError, match="without gaps"):
        Problem((steps([0.3])[0], steps([0.3], start=MORNING)[0]))
    with pytest.raises(ValueError, match="no loadpoint"):
        Problem(steps([0.3]), cars=(car(),))
    with pytest.raises(ValueError, match="not negative"):
        Weights(start_penalty=-1)
