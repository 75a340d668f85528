"""The tabular agent on days whose best course anybody can compute."""

from dataclasses import replace
from datetime import timedelta
from functools import cache

import numpy as np
import pytest

from ems.contract.site import BatteryMode, LoadpointMode
from ems.forecast.history_grid import Floats
from ems.house.battery import BatterySpec, step
from ems.house.car import CarSpec, Charger, charge
from ems.lookahead.car_schedule import ScheduledCar
from ems.virtual_house.house import VirtualCar
from ems.virtual_house.live import live
from ems.virtual_house.policies import EvccAlone
from ems.virtual_house.world import MeasuredTrip, World, world
from ems.virtual_house.world import Table as Measured
from rl_agent.domain.learner import Trained
from rl_agent.domain.tabular import battery_task, car_task
from rl_agent.domain.tabular.battery_task import BatteryTask
from rl_agent.domain.tabular.learner import Tabular, measured_hours, tables_of
from rl_agent.domain.tabular.q_learning import EPSILON_END, EPSILON_START, MEMORY, Table
from rl_agent.domain.tabular.situation import situation
from support.learnt_homes import stage

LEARNT, ALL = 45, 48
ALL_MODES, EVERY = tuple(BatteryMode), np.ones(4, bool)
QUICK = Tabular(first_rounds=12, nightly_rounds=2)


def unheard(share: float, so_far: Trained | None = None) -> None:
    del share, so_far


def small_day() -> Floats:
    """1 kW in the six dear evening hours, nothing else: the best course stores exactly that at night."""
    hour = np.arange(ALL * 24) % 24
    return np.where((hour >= 16) & (hour < 22), 1.0, 0.0)


@cache
def home() -> World:
    return stage(small_day(), judged_from=LEARNT * 24)


@cache
def trained() -> Trained:
    found = QUICK.train(home(), None, unheard)
    assert found is not None
    return found


def test_it_finds_the_optimum_of_a_small_day() -> None:
    """6 kWh at 30 ct are replaced by 6 / 0.95 / 0.95 kWh at 10 ct, on each of the three judged days."""
    own, alone = live(home(), QUICK.policy(home(), trained())), live(home(), EvccAlone(home()))
    best = 3 * 6 * (0.3 - 0.1 / 0.95 / 0.95)
    # Every kWh that is left at the end is given what it cost.
    left = float(own.stored_kwh["battery"][1][-1]) * 0.1 / 0.95
    saved = float(alone.cost_eur.sum() - own.cost_eur.sum()) + left
    assert 0.95 * best <= saved <= best * 1.0001


def test_what_is_judged_is_not_learnt_from() -> None:
    load = small_day()
    load[LEARNT * 24 :] = 3.0
    other = QUICK.train(stage(load, judged_from=LEARNT * 24), None, unheard)
    assert other is not None
    assert (other.arrays["battery_q"] == trained().arrays["battery_q"]).all()


def test_it_keeps_what_it_needs_to_go_on() -> None:
    table = tables_of(trained())["battery"]
    assert table.rounds == trained().facts["battery_rounds"] == 12
    assert len(table.memory.reward) == MEMORY
    assert table.q.shape == (battery_task.CELLS, 7)


def test_an_interrupted_night_goes_on_where_it_was() -> None:
    """What is given with each round is a whole learner: at most the running round is lost."""
    said: list[Trained] = []

    class Killed(Exception):
        pass

    def watched(share: float, so_far: Trained | None = None) -> None:
        assert 0 < share <= 1
        assert so_far is not None
        said.append(so_far)
        if len(said) == 3:
            raise Killed

    with pytest.raises(Killed):
        QUICK.train(home(), None, watched)
    assert [s.facts["battery_rounds"] for s in said] == [1, 2, 3]
    again: list[float] = []
    QUICK.train(home(), trained(), lambda share, _=None: again.append(share))
    assert len(again) == 2


def test_epsilon_falls_to_its_end() -> None:
    table = Table.empty(2, 2)
    assert table.epsilon == EPSILON_START
    table.rounds = 1
    assert table.epsilon == pytest.approx(EPSILON_START * 0.995)
    table.rounds = 10_000
    assert table.epsilon == EPSILON_END


def test_where_nothing_is_known_things_are_left_to_evcc() -> None:
    best = int(Table.empty(2, 7).best(np.zeros(1, np.int64))[0])
    for rank in (0.0, 0.5, 1.0):
        mode = battery_task.mode_of(np.array([best]), np.array([rank]), EVERY)
        assert battery_task.MODES[int(mode[0])] is BatteryMode.NORMAL


def test_an_action_that_was_hardly_tried_is_not_done_in_earnest() -> None:
    table = Table.empty(1, 7)
    table.q[0], table.visits[0] = -1.0, 1000
    table.q[0, 4], table.visits[0, 4] = 0.0, 3
    table.q[0, 1] = -0.5
    cell = np.zeros(1, np.int64)
    assert int(table.best(cell)[0]) == 4
    assert int(table.proven(cell)[0]) == 1


@pytest.mark.parametrize(
    ("action", "rank", "mode"),
    [
        ("hold", 0.5, BatteryMode.HOLD),
        ("charge to P20", 0.2, BatteryMode.CHARGE),
        ("charge to P20", 0.21, BatteryMode.NORMAL),
        ("charge to P60", 0.5, BatteryMode.CHARGE),
        ("charge to the maximum", 1.0, BatteryMode.CHARGE),
        ("PV only", 0.0, BatteryMode.NORMAL),
        ("discharge", 0.0, BatteryMode.HOLDCHARGE),
    ],
)
def test_the_predecessors_actions_are_modes_of_evcc(action: str, rank: float, mode: BatteryMode) -> None:
    at = battery_task.ACTIONS.index(action)
    assert battery_task.MODES[int(battery_task.mode_of(np.array([at]), np.array([rank]), EVERY)[0])] is mode


@pytest.mark.parametrize(
    ("action", "rank", "mode"),
    [
        ("none", 0.0, LoadpointMode.OFF),
        ("charge to P30", 0.3, LoadpointMode.NOW),
        ("charge to P30", 0.4, LoadpointMode.PV),
        ("charge to the maximum", 1.0, LoadpointMode.NOW),
        ("PV only", 0.0, LoadpointMode.PV),
    ],
)
def test_so_are_those_for_the_car(action: str, rank: float, mode: LoadpointMode) -> None:
    at = car_task.ACTIONS.index(action)
    assert car_task.MODES[int(car_task.mode_of(np.array([at]), np.array([rank]))[0])] is mode


def test_a_mode_that_the_battery_has_not_is_left_to_evcc() -> None:
    plain = home().house
    assert plain.battery is not None
    modes = (BatteryMode.NORMAL, BatteryMode.HOLD)
    poor = replace(
        home(), house=plain.model_copy(update={"battery": plain.battery.model_copy(update={"modes": modes})})
    )
    own = live(poor, QUICK.policy(poor, trained()))
    assert set(own.modes) <= {"normal", "hold"}


def test_an_hour_without_price_or_load_teaches_nothing() -> None:
    load, spot = small_day(), np.where(np.arange(ALL * 24) % 24 < 6, 0.1, 0.3)
    load[500], spot[600] = np.nan, np.nan
    slots = np.arange(14 * 24, LEARNT * 24)
    gap = stage(load, judged_from=LEARNT * 24, spot=spot)
    hours, of = measured_hours(gap, slots), situation(gap, slots)
    assert hours.net_kw[500 - slots[0]] == 0
    assert 0.1 < hours.import_eur_per_kwh[600 - slots[0]] < 0.3
    assert of.rank[600 - slots[0]] == 0.5
    assert of.sampled_worth[600 - slots[0]].max() < 2, "what is not known is not free"


def test_many_batteries_side_by_side_do_what_one_does_in_the_house() -> None:
    slots = np.arange(14 * 24, LEARNT * 24)
    battery, of = BatterySpec(10, 5, 5), situation(home(), slots)
    task = BatteryTask(battery, ALL_MODES, measured_hours(home(), slots), of, np.zeros(len(slots)))
    rng = np.random.default_rng(3)
    hour, energy = task.begin(rng, 200)
    action = rng.integers(0, task.actions, 200)
    _, stored = task.step(hour, energy, action)
    modes = battery_task.mode_of(action, of.rank[hour], EVERY)
    one = [
        step(battery, float(e), battery_task.MODES[m], float(task.hours.net_kw[h]), 1.0).energy_kwh
        for e, m, h in zip(energy, modes.tolist(), hour.tolist(), strict=True)
    ]
    assert stored == pytest.approx(np.array(one))


def test_a_reward_is_what_the_action_cost_more_than_the_best_one() -> None:
    slots = np.arange(14 * 24, LEARNT * 24)
    task = BatteryTask(
        BatterySpec(10, 5, 5), ALL_MODES, measured_hours(home(), slots), situation(home(), slots), np.zeros(len(slots))
    )
    hour, energy = task.begin(np.random.default_rng(4), 300)
    steps = [task.step(hour, energy, np.full(300, a)) for a in range(task.actions)]
    rewards = np.array([task.best(hour + 1, after) - task.best(hour, energy) - cost for cost, after in steps])
    # Between two levels the worth is interpolated.
    assert rewards.max() < 0.01
    assert rewards.max(axis=0).min() > -0.05


def test_a_car_is_taken_to_accept_what_the_house_lets_it() -> None:
    car = ScheduledCar(CarSpec(60), Charger(), 54)
    for energy in (10.0, 47.0, 50.0, 53.9, 54.0, 58.0):
        for offered in (0.0, 4.2, 11.0):
            found = car_task.taken_kw(car, np.array([energy]), np.array([offered]), 1.0)[0]
            assert found == pytest.approx(charge(car.spec, energy, offered, 1.0, car.limit_kwh)), (energy, offered)


@cache
def garage() -> World:
    """A car that leaves at 8 and comes back at 17 with 9 kWh less, every day; cheap is 22 to 6."""
    plain = stage(np.full(ALL * 24, 0.2), judged_from=LEARNT * 24, battery=None)
    house = plain.house.model_copy(update={"car": VirtualCar(capacity_kwh=40, goal_pct=80, start_kwh=32)})
    start = plain.past.start
    trips = [
        MeasuredTrip(start + timedelta(days=d, hours=8), start + timedelta(days=d, hours=17), 9) for d in range(ALL)
    ]
    spot = (plain.import_eur_per_kwh).copy()
    table = Measured(start, 60, plain.past.load_kw, plain.past.pv_kw, plain.past.solar_kw, spot)
    return world(table, house, trips, plain.moment(LEARNT * 24))


def test_it_charges_a_car_in_cheap_hours_and_misses_no_goal() -> None:
    found = QUICK.train(garage(), None, unheard)
    assert found is not None
    own = live(garage(), QUICK.policy(garage(), found))
    assert own.short_kwh < 0.01
    dear = own.import_kwh[np.arange(len(own.import_kwh)) % 24 == 18] - 0.2
    assert dear.max() < 0.01
    assert own.cost_eur.sum() == pytest.approx(live(garage(), EvccAlone(garage())).cost_eur.sum(), rel=0.03)


@pytest.mark.parametrize("wrong", [{}, {"battery_q": np.zeros((3, 7))}])
def test_what_another_version_learnt_counts_as_nothing(wrong: dict[str, Floats]) -> None:
    tables = tables_of(replace(trained(), arrays=wrong))
    assert all(table.rounds == 0 and not table.q.any() for table in tables.values())


def test_with_less_than_six_weeks_it_learns_nothing() -> None:
    assert QUICK.train(stage(small_day(), judged_from=20 * 24), None, unheard) is None
