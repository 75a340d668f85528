"""The car's schedule: evcc's own planner, and ours held against the MILP."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest

from ems.contract.site import BatteryMode, LoadpointMode
from ems.forecast.history_grid import Floats
from ems.lookahead.battery_task import FullBy
from ems.lookahead.car_schedule import CarTask, schedule
from ems.lookahead.cars import cheap_worth
from ems.virtual_house.evcc_plan import CarNeed, cheapest_now
from ems.virtual_house.house import VirtualCar
from tariff_planner.domain.milp.solve import plan
from tariff_planner.domain.problem.problem import Loadpoint, Problem, Step
from tariff_planner.domain.problem.storage import Car, EnergyGoal, TerminalValue

CAR = VirtualCar(capacity_kwh=60, max_kw=11)
SLOTS = 26
START = datetime(2026, 5, 4, 16, tzinfo=UTC)


def _task(seed: int, stored: float) -> CarTask:
    draw = np.random.default_rng(seed)
    prices = np.repeat(draw.uniform(0.15, 0.45, SLOTS // 2), 2)
    net = draw.uniform(0.2, 2.0, SLOTS)
    goals = (FullBy(SLOTS - 2, CAR.goal_kwh, 10.0),)
    away, home = np.zeros(SLOTS), np.ones(SLOTS)
    modes = (BatteryMode.NORMAL,)
    hours = np.full(SLOTS, 0.5)
    tariff = prices, np.full(SLOTS, 0.08)
    worth = cheap_worth(CAR.scheduled(), CAR.goal_kwh, prices)
    return CarTask(CAR.scheduled(), stored, None, 0, modes, 0, hours, net[:, None], *tariff, home, away, goals, worth)


def _milp_eur(task: CarTask) -> float:
    """The cheapest that the MILP finds for the same, its energy at the end valued alike."""
    worth = float(np.quantile(task.import_eur_per_kwh, 0.2)) / CAR.charge_efficiency
    moments = [START + timedelta(minutes=30 * i) for i in range(SLOTS + 1)]
    steps = tuple(
        Step(a, b, float(net) / 2, 0.0, float(price), 0.08)
        for (a, b), net, price in zip(pairwise(moments), task.expected_kw, task.import_eur_per_kwh, strict=True)
    )
    goal = EnergyGoal(CAR.goal_kwh, moments[-2])
    car = Car(
        "car", "point", task.car_kwh, 60, 11, limit_kwh=CAR.goal_kwh, goals=(goal,), worth=(TerminalValue(60, worth),)
    )
    found = plan(Problem(steps, cars=(car,), loadpoints=(Loadpoint("point"),)))
    assert not found.unmet
    return found.bill_eur - worth * found.cars["car"].energy_kwh[-1]


def _our_eur(task: CarTask, planned: Floats) -> float:
    stored = task.car_kwh + planned.sum() * 0.5 * CAR.charge_efficiency
    assert stored == pytest.approx(CAR.goal_kwh, abs=1e-6)
    worth = float(np.quantile(task.import_eur_per_kwh, 0.2)) / CAR.charge_efficiency
    return float(((task.expected_kw + planned) * task.import_eur_per_kwh * 0.5).sum() - worth * stored)


def test_the_schedule_costs_what_the_milps_does() -> None:
    """The schedule switches modes (11 kW or nothing, until the limit), the MILP sets any power: cents a night."""
    tasks = [_task(seed, stored=12 + 3 * seed) for seed in range(12)]
    dearer = [_our_eur(task, schedule(task).planned_kw) - _milp_eur(task) for task in tasks]
    assert min(dearer) >= -1e-3
    assert max(dearer) <= 0.15
    assert sum(dearer) / len(dearer) <= 0.03


@pytest.mark.parametrize("current", [*LoadpointMode, None])
def test_at_one_price_nobody_waits_in_the_present_mode(current: LoadpointMode) -> None:
    """The present mode stays where another is hardly better: but then the next decision would wait as well."""
    flat = replace(_task(1, stored=42), import_eur_per_kwh=np.full(SLOTS, 0.3), current=current)
    assert schedule(flat).mode is LoadpointMode.NOW


def test_where_the_sun_may_stay_below_the_least_power_the_car_is_not_left_to_the_sun() -> None:
    """6 kW as likely as 3: on average enough for a car that takes 4.14 kW and more, but not half of the time."""
    due = (FullBy(3, 48, 10.0),)
    sunny = replace(_task(1, stored=46), goals=due, import_eur_per_kwh=np.full(SLOTS, 0.3))
    steady = replace(sunny, net_kw=np.full((SLOTS, 1), -4.5))
    doubtful = replace(sunny, net_kw=np.tile([-6.0, -3.0], (SLOTS, 1)))
    by_mode = schedule(steady).gain_eur
    assert by_mode[LoadpointMode.PV] == pytest.approx(by_mode[LoadpointMode.MINPV], abs=1e-6)
    by_mode = schedule(doubtful).gain_eur
    assert by_mode[LoadpointMode.PV] != pytest.approx(by_mode[LoadpointMode.MINPV], abs=1e-3)


def test_what_is_surely_coming_is_planned_for_however_unlikely_it_was() -> None:
    levels = np.tile([-6.0, 2.0], (SLOTS, 1))
    task = replace(_task(3, stored=40), net_kw=levels, chances=np.tile([1.0, 0.0], (SLOTS, 1)))
    sure, alone = schedule(task), schedule(replace(task, net_kw=levels[:, :1], chances=None))
    assert sure.gain_eur == pytest.approx(alone.gain_eur)
    assert sure.planned_kw == pytest.approx(alone.planned_kw)


@pytest.mark.parametrize(("stored", "charging"), [(48, False), (43, False), (30, True)])
def test_evccs_planner_takes_the_cheapest_slots_and_no_more(stored: float, charging: bool) -> None:
    prices = np.array([0.30, 0.20, 0.25, 0.35, 0.40, 0.40])
    home, goal = np.ones(6, bool), np.array([False] * 5 + [True])
    assert cheapest_now(CarNeed(CAR, stored, 0.5, prices, home, goal)) is charging


def test_evccs_planner_waits_while_the_goal_lies_beyond_the_known_prices() -> None:
    assert not cheapest_now(CarNeed(CAR, 10, 0.5, np.full(4, 0.2), np.ones(4, bool), np.zeros(4, bool)))
