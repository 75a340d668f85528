"""The battery's mode by look-ahead, and the vector physics that it stands on."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ems.contract.site import BatteryMode
from ems.forecast.history_grid import Floats
from ems.forecast.scenarios import BINS, Scenarios, transitions
from ems.house.battery import BatterySpec, step
from ems.lookahead.battery_flow import flow
from ems.lookahead.battery_task import Task
from ems.lookahead.dynamic_program import ALL_MODES, battery_mode
from support.examples import few

HOLD_ONLY = (BatteryMode.NORMAL, BatteryMode.HOLD)
BATTERY = BatterySpec(10, 5, 5, 0.95, 0.95, 0.5)
SHARES = st.floats(0, 1)


@given(
    stored=SHARES,
    need=st.floats(-8, 8),
    hours=st.floats(0.05, 1),
    least=st.floats(0, 0.4),
    mode=st.sampled_from(ALL_MODES),
    powers=st.tuples(st.floats(0, 6), st.floats(0, 6)),
    losses=st.tuples(st.floats(0.7, 1), st.floats(0.7, 1)),
)
def test_the_vector_twin_does_what_the_house_does(
    stored: float,
    need: float,
    hours: float,
    least: float,
    mode: BatteryMode,
    powers: tuple[float, float],
    losses: tuple[float, float],
) -> None:
    battery = BatterySpec(10, *powers, *losses, least * 10)
    house = step(battery, stored * 10, mode, need, hours)
    given_kwh, after = flow(battery, np.array([stored * 10]), (mode,), np.array([need * hours]), np.array(hours))
    assert given_kwh[0, 0] == pytest.approx(house.power_kw * hours, abs=1e-9)
    assert after[0, 0] == pytest.approx(house.energy_kwh, abs=1e-9)


def _certain(net_kw: Floats) -> Scenarios:
    return Scenarios(net_kw[:, None], np.ones((1, 1)), 0)


def _task(prices: Floats, stored: float = 5, export: float = 0.08) -> Task:
    count = len(prices)
    return Task(BATTERY, stored, np.full(count, 0.5), prices, np.full(count, export), 0.2)


NIGHT_THEN_DEAR = np.array([0.15] * 8 + [0.45] * 8)


def test_energy_is_held_for_the_dear_hours_when_it_would_not_last() -> None:
    found = battery_mode(_task(NIGHT_THEN_DEAR, stored=4), _certain(np.full(16, 1.0)), modes=HOLD_ONLY)
    assert found.mode is BatteryMode.HOLD
    assert found.gain_eur[BatteryMode.HOLD] > 0.05


def test_a_battery_that_can_be_charged_from_the_grid_is() -> None:
    assert battery_mode(_task(NIGHT_THEN_DEAR, stored=1), _certain(np.full(16, 1.0))).mode is BatteryMode.CHARGE


def test_a_battery_that_can_only_hold_is_never_charged() -> None:
    found = battery_mode(_task(NIGHT_THEN_DEAR, stored=1), _certain(np.full(16, 1.0)), modes=HOLD_ONLY)
    assert set(found.gain_eur) == set(HOLD_ONLY)


def test_at_a_flat_price_the_battery_is_left_alone() -> None:
    flat = _task(np.full(16, 0.3))
    for net in (np.full(16, 1.0), np.full(16, -2.0), np.linspace(-3, 3, 16)):
        assert battery_mode(flat, _certain(net)).mode is BatteryMode.NORMAL


def test_a_car_that_charges_from_the_cheap_grid_does_not_drain_the_battery() -> None:
    car = np.array([11.0] * 4 + [0.0] * 12)
    found = battery_mode(_task(NIGHT_THEN_DEAR, stored=6), _certain(np.full(16, 0.6)), modes=HOLD_ONLY, other_kw=car)
    assert found.mode is BatteryMode.HOLD


def test_room_is_kept_for_energy_that_one_is_paid_to_take() -> None:
    prices = np.array([0.2] * 4 + [-0.3] * 4 + [0.3] * 8)
    assert battery_mode(_task(prices, stored=5), _certain(np.full(16, -2.0))).mode is BatteryMode.HOLDCHARGE


def test_a_mode_stays_until_another_one_is_worth_the_switch() -> None:
    prices = np.array([0.2] * 4 + [0.2003] * 12)
    task, ahead = _task(prices, stored=3), _certain(np.full(16, 1.0))
    for current in HOLD_ONLY:
        gains = battery_mode(task, ahead, modes=HOLD_ONLY).gain_eur
        if abs(gains[BatteryMode.HOLD]) < 0.0005:
            assert battery_mode(task, ahead, modes=HOLD_ONLY, current=current).mode is current
    assert battery_mode(task, ahead, modes=HOLD_ONLY, current=None).mode is BatteryMode.NORMAL


def test_an_unsure_load_is_weighed_in_money() -> None:
    # Probably nothing is needed in the dear hours, but if it is, much: a mean of 0.5 kW would not hold anything back.
    prices = np.array([0.25] * 4 + [0.9] * 4)
    levels = np.vstack([np.full((4, BINS), 1.5), np.tile([0.0] * (BINS - 1) + [4.0], (4, 1))])
    unsure = Scenarios(levels, np.full((BINS, BINS), 1 / BINS), None)
    short = battery_mode(Task(BATTERY, 3.0, np.full(8, 0.5), prices, np.full(8, 0.08), 0.2), unsure, modes=HOLD_ONLY)
    assert short.mode is BatteryMode.HOLD


@few(15)
@given(st.lists(st.floats(-4, 4), min_size=3, max_size=24), st.floats(0.5, 10), st.integers(0, 2**31))
def test_more_energy_is_never_worth_less_and_all_modes_are_judged(net: list[float], stored: float, seed: int) -> None:
    prices = np.random.default_rng(seed).uniform(0.0, 0.5, len(net))
    task = Task(BATTERY, stored, np.full(len(net), 0.25), prices, np.full(len(net), -0.01), 0.1)
    found = battery_mode(task, _certain(np.array(net)))
    assert found.gain_eur[BatteryMode.NORMAL] == 0
    assert found.gain_eur[found.mode] == max(found.gain_eur.values())


def test_the_chain_keeps_all_levels_equally_probable_in_the_long_run() -> None:
    level = np.random.default_rng(1).integers(0, BINS, 2000)
    level[100:200] = -1
    chain = transitions(level)
    assert chain.sum(axis=1) == pytest.approx(np.ones(BINS))
    assert chain.sum(axis=0) == pytest.approx(np.ones(BINS), abs=0.02)


def test_a_load_that_stays_is_learned_to_stay() -> None:
    chain = transitions(np.repeat(np.arange(BINS), 50))
    assert (np.diag(chain) > 0.8).all()
