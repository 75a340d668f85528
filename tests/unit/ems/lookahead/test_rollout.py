"""First modes judged over whole days, against the house's own physics; and what they know that levels do not."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ems.contract.site import BatteryMode
from ems.forecast.history_grid import Floats
from ems.forecast.scenarios import BINS, LEAST_DAYS, SampledDays, Scenarios, levelled
from ems.house.battery import BatterySpec, step
from ems.lookahead.battery_task import Ceiling, FullBy, Task
from ems.lookahead.dynamic_program import ALL_MODES, LEVELS, MonthSoFar, battery_mode
from ems.lookahead.rollout import Policy, rolled
from support.examples import few

BATTERY = BatterySpec(10, 5, 4, 0.95, 0.9, 0.5)
SLOTS = 6


def _by_hand(task: Task, need_kw: Floats, levels_kwh: Floats, policy: Policy, first: int) -> float:
    """One day lived through in the scalar house."""
    stored, mode, eur, level = task.stored_kwh, ALL_MODES[first], 0.0, 0
    for slot, kw in enumerate(need_kw.tolist()):
        hours = float(task.hours[slot])
        if slot:
            mode = ALL_MODES[policy[slot - 1][level, round((stored - task.floor_kwh) / task.step_kwh(LEVELS))]]
        level = int(np.abs(levels_kwh[slot] - kw * hours).argmin())
        flow = step(task.battery, stored, mode, kw, hours)
        stored = flow.energy_kwh
        grid = (kw - flow.power_kw) * hours
        eur += grid * float((task.import_eur_per_kwh if grid > 0 else task.export_eur_per_kwh)[slot])
        eur += 0.0 if mode is BatteryMode.NORMAL else 0.004 * hours
        eur += sum(float(c.cost(np.array(grid), slot)) for c in task.ceilings)
        eur += sum(float(g.cost(np.array(stored))) for g in task.goals if g.slot == slot)
    return eur - task.worth_eur_per_kwh * stored


@few(20)
@given(st.integers(0, 2**31))
def test_a_day_costs_what_it_costs_in_the_house_itself(seed: int) -> None:
    draw = np.random.default_rng(seed)
    hours = draw.uniform(0.1, 1.0, SLOTS)
    prices = draw.uniform(-0.1, 0.5, SLOTS)
    need = draw.uniform(-4, 4, (SLOTS, 3))
    levels = np.sort(draw.uniform(-4, 4, (SLOTS, BINS)), axis=1) * hours[:, None]
    policy = draw.integers(0, len(ALL_MODES), (SLOTS - 1, BINS, LEVELS))
    task = Task(
        BATTERY,
        float(draw.uniform(0.5, 10)),
        hours,
        prices,
        prices - 0.05,
        0.2,
        ceilings=(Ceiling(2.0 * hours, np.full(SLOTS, 3.0)),),
        goals=(FullBy(2, 6.0, 1.0),),
    )
    alone_kwh = float(draw.uniform(0.5, 10))
    found = rolled(task, SampledDays(need, np.full(3, 1 / 3)), levels, policy, ALL_MODES, alone_kwh)
    never = np.zeros_like(policy)
    for first in range(len(ALL_MODES)):
        for eur, followed in ((found.policy[first], policy), (found.normal[first], never)):
            days = [_by_hand(task, need[:, d], levels, followed, first) for d in range(3)]
            assert eur == pytest.approx(days, abs=1e-9)
    alone = [_by_hand(replace(task, stored_kwh=alone_kwh), need[:, d], levels, never, 0) for d in range(3)]
    assert found.alone == pytest.approx(alone, abs=1e-9)


def _guests(days: SampledDays | None) -> Scenarios:
    """Half of all days have guests: 2 kW in every hour. Levels that are drawn anew know 1 kW on the whole."""
    levels = np.tile([0.0] * (BINS // 2) + [2.0] * (BINS // 2), (8, 1))
    return Scenarios(levels, np.full((BINS, BINS), 1 / BINS), None, days)


def test_whole_days_say_what_levels_cannot() -> None:
    # 5.5 kWh: with guests too little for the dear hours, without them more than enough; drawn anew it just about lasts.
    prices = np.array([0.30] * 4 + [0.34] * 4)
    task = Task(BATTERY, 5.5, np.full(8, 1.0), prices, np.full(8, 0.0), 0.0)
    whole = SampledDays(np.tile([[0.0, 2.0]], (8, 1)), np.array([0.5, 0.5]))
    levels_alone = battery_mode(task, _guests(None)).gain_eur[BatteryMode.HOLD]
    assert battery_mode(task, _guests(whole)).gain_eur[BatteryMode.HOLD] > levels_alone + 0.005


SUNNY = 0.25
"""Share of the days on which the sun fills the battery, so that what was bought at night is sold for little."""


def _perhaps_sunny() -> tuple[Task, Scenarios]:
    """Three cheap hours, then six dear ones in which the house needs 1 kW, or the sun gives 2 kW."""
    prices = np.array([0.20] * 3 + [0.40] * 6)
    task = Task(BATTERY, 0.5, np.ones(9), prices, np.full(9, 0.05), 0.05)
    dull, sunny = np.array([0.3] * 3 + [1.0] * 6), np.array([0.3] * 3 + [-2.0] * 6)
    levels = np.sort(np.column_stack([sunny] * 2 + [dull] * 6), axis=1)
    days = SampledDays(np.column_stack([dull, sunny]), np.array([1 - SUNNY, SUNNY]))
    return task, Scenarios(levels, np.eye(BINS), None, days)


def test_what_pays_on_average_is_done_only_where_the_month_can_bear_the_dear_days() -> None:
    task, scenarios = _perhaps_sunny()
    assert battery_mode(task, scenarios).mode is BatteryMode.CHARGE
    assert battery_mode(task, scenarios, month=MonthSoFar(2.0)).mode is BatteryMode.CHARGE
    refused = battery_mode(task, scenarios, month=MonthSoFar(0.0))
    assert refused.mode is BatteryMode.NORMAL
    assert BatteryMode.CHARGE not in refused.gain_eur


def test_what_is_risked_already_counts_until_it_is_over() -> None:
    """Half the risk was taken an hour ago: the battery holds what it would not hold under evcc alone."""
    task, scenarios = _perhaps_sunny()
    small, half = replace(task, now=replace(BATTERY, charge_kw=0.5)), replace(task, stored_kwh=3.0)
    paid = MonthSoFar(-3.0 * 0.2, 0.5)
    assert battery_mode(small, scenarios, month=MonthSoFar(0.0)).mode is BatteryMode.CHARGE
    assert battery_mode(replace(half, now=small.now), scenarios, month=paid).mode is not BatteryMode.CHARGE


def test_what_loses_on_no_day_is_done_in_any_month() -> None:
    task, scenarios = _perhaps_sunny()
    assert scenarios.days is not None
    dull = replace(scenarios, days=SampledDays(scenarios.days.net_kw[:, :1], np.ones(1)))
    assert battery_mode(task, dull, month=MonthSoFar(-5.0)).mode is BatteryMode.CHARGE


@pytest.mark.parametrize(("days", "some"), [(LEAST_DAYS - 1, False), (LEAST_DAYS, True)])
def test_too_few_days_are_not_judged_by(days: int, some: bool) -> None:
    found = levelled(np.ones((4, days)), np.ones((4, days)), np.array([0, 1, 2]))
    assert (found.days is not None) is some


def test_what_was_not_measured_of_a_day_is_as_usual() -> None:
    net, weights = np.tile(np.arange(30.0), (20, 1)), np.ones((20, 30))
    net[3, 7], weights[3, 7] = np.nan, 0.0
    weights[:, 8] = 0.0
    found = levelled(net, weights, np.array([0])).days
    assert found is not None
    assert found.net_kw.shape == (20, 29)
    assert found.net_kw[3, 7] == pytest.approx((29 * 30 / 2 - 7 - 8) / 28)
    assert found.weight.sum() == pytest.approx(1)
