"""The tabular agent as the service sees it: trained a little every night, a look-up by day."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ems.contract.site import LoadpointMode
from ems.forecast.history_grid import Floats, Ints
from ems.forecast.net_load import measured_net_kw
from ems.house.car import offered_kw
from ems.virtual_house.live import HomeState, ModePair, ModePolicy
from ems.virtual_house.world import World
from rl_agent.domain.learner import DayErrors, Progress, Trained
from rl_agent.domain.tabular import battery_task, car_task
from rl_agent.domain.tabular.battery_task import BatteryTask, Hours
from rl_agent.domain.tabular.car_task import CarTask
from rl_agent.domain.tabular.q_learning import Replay, Table, Task, learn
from rl_agent.domain.tabular.situation import situation

SKIPPED_DAYS = 14
"""Days at the beginning whose forecasts know too little to learn from."""
MIN_DAYS = 28
FIRST_ROUNDS, NIGHTLY_ROUNDS = 120, 20
"""Rounds of 64 resampled weeks: to begin with, and every night after."""
SEED = 1989
DEVICES = {"battery": (battery_task.CELLS, len(battery_task.ACTIONS)), "car": (car_task.CELLS, len(car_task.ACTIONS))}


@dataclass(frozen=True, slots=True)
class Tabular:
    """Learns which of the predecessor's actions is best in which situation."""

    first_rounds: int = FIRST_ROUNDS
    nightly_rounds: int = NIGHTLY_ROUNDS

    @property
    def name(self) -> str:
        """See :class:`rl_agent.domain.learner.Learner`."""
        return "tabular"

    def train(self, world: World, before: Trained | None, progress: Progress) -> Trained | None:
        """See :class:`rl_agent.domain.learner.Learner`."""
        per_hour = world.past.per_day // 24
        # Whole hours only: the last one must not reach into what is judged.
        slots = np.arange(SKIPPED_DAYS * world.past.per_day, world.first - per_hour + 1, per_hour)
        if len(slots) < MIN_DAYS * 24:
            return None
        hours, of = measured_hours(world, slots), situation(world, slots)
        tables, house = tables_of(before), world.house
        devices = (house.car is not None) + (house.battery is not None)
        taken_kw, done = np.zeros(len(slots)), 0
        found = before
        # The car first: the battery follows it.
        if house.car is not None:
            goals = _hourly(world, slots, world.goal_at).any(axis=1)
            car = CarTask(house.car.scheduled(), hours, of, _hourly(world, slots, world.trip_kwh).sum(axis=1), goals)
            for share, found in self._practised(car, "car", tables):
                progress(share / devices, found)
            taken_kw, done = followed_kw(car, tables["car"]), 1
        if house.battery is not None:
            battery = BatteryTask(house.battery.battery(), house.battery.modes, hours, of, taken_kw)
            for share, found in self._practised(battery, "battery", tables):
                progress((done + share) / devices, found)
        return found

    def policy(self, world: World, trained: Trained) -> ModePolicy:
        """See :class:`rl_agent.domain.learner.Learner`."""
        return GreedyPolicy(world, tables_of(trained))

    def daily_errors(self, world: World, trained: Trained) -> tuple[DayErrors, ...]:
        """See :class:`rl_agent.domain.learner.Learner`: it foresees nothing."""
        del world, trained
        return ()

    def _practised(self, task: Task, device: str, tables: dict[str, Table]) -> Iterator[tuple[float, Trained]]:
        """After each round: how much is done, and all tables."""
        table = tables[device]
        # What a night was interrupted in goes on; what is learnt already only follows the seasons.
        rounds = max(self.first_rounds - table.rounds, self.nightly_rounds)
        rng = np.random.default_rng([SEED, table.rounds])
        for number, earned in enumerate(learn(task, table, rounds, rng)):
            yield (number + 1) / rounds, _trained(tables, {f"{device}_return": round(earned, 4)})


@dataclass(frozen=True, slots=True, eq=False)
class GreedyPolicy:
    """Does what the tables say is best; evcc's own way where they say nothing."""

    world: World
    tables: dict[str, Table]

    def decide(self, slot: int, state: HomeState) -> ModePair:
        """See :class:`ems.virtual_house.live.ModePolicy`."""
        world, row = self.world, np.zeros(1, np.int64)
        of = situation(world, np.array([slot]))
        car_mode, car_kw = LoadpointMode.OFF, 0.0
        if world.house.car is not None and state.car_kwh is not None and bool(world.home[slot]):
            car, energy = world.house.car.scheduled(), np.array([state.car_kwh])
            action = self.tables["car"].proven(car_task.cells(car, of, row, energy))
            car_mode = car_task.MODES[int(car_task.mode_of(action, of.rank)[0])]
            offered = offered_kw(car.charger, car_mode, float(of.surplus_kw[0]))
            car_kw = float(car_task.taken_kw(car, energy, np.array(offered), world.hours)[0])
        if world.house.battery is None or state.battery_kwh is None:
            return ModePair(car=car_mode)
        cell = battery_task.cells(
            world.house.battery.battery(), of, row, np.array([state.battery_kwh]), np.array([car_kw > 0])
        )
        action = self.tables["battery"].proven(cell)
        mode = battery_task.mode_of(action, of.rank, battery_task.possible(world.house.battery.modes))
        return ModePair(battery_task.MODES[int(mode[0])], car_mode)


def tables_of(trained: Trained | None) -> dict[str, Table]:
    """The tables of every device; empty where there are none, or of another shape."""
    return {device: _table(device, *shape, trained) for device, shape in DEVICES.items()}


def _table(device: str, cells: int, actions: int, trained: Trained | None) -> Table:
    if trained is None:
        return Table.empty(cells, actions)
    names = [f"{device}_{name}" for name in ("q", "visits", "taken", "reward", "next")]
    arrays = [trained.arrays.get(name) for name in names]
    rounds = trained.facts.get(f"{device}_rounds")
    if any(a is None for a in arrays) or not isinstance(rounds, int):
        return Table.empty(cells, actions)
    q, visits, *memory = (np.array(a) for a in arrays)
    if q.shape != (cells, actions) or visits.shape != q.shape or len({len(m) for m in memory}) != 1:
        return Table.empty(cells, actions)
    return Table(q, visits, Replay(*memory), rounds)


def _trained(tables: dict[str, Table], more: Mapping[str, float]) -> Trained:
    arrays: dict[str, NDArray[Any]] = {}
    facts: dict[str, str | float | int] = {}
    for device, table in tables.items():
        if not table.rounds:
            continue
        memory = table.memory
        parts = {
            "q": table.q,
            "visits": table.visits,
            "taken": memory.taken,
            "reward": memory.reward,
            "next": memory.following,
        }
        arrays |= {f"{device}_{name}": values.copy() for name, values in parts.items()}
        facts |= {f"{device}_rounds": table.rounds, f"{device}_epsilon": round(table.epsilon, 4)}
    return Trained("tabular", arrays, {**facts, **more})


def measured_hours(world: World, slots: Ints) -> Hours:
    """What was measured in the hours that begin with ``slots``.

    An hour without measurement needs nothing, and one without a price has the mean one: nothing is learnt of either.
    """
    net = np.nan_to_num(_hourly(world, slots, measured_net_kw(world.past))).mean(axis=1)
    prices = [_hourly(world, slots, of).mean(axis=1) for of in (world.import_eur_per_kwh, world.export_eur_per_kwh)]
    means = [float(p[np.isfinite(p)].mean()) if np.isfinite(p).any() else 0.0 for p in prices]
    return Hours(net, *(np.where(np.isfinite(p), p, mean) for p, mean in zip(prices, means, strict=True)))


def followed_kw(task: CarTask, table: Table) -> Floats:
    """What the car takes in each hour when the table is followed from the first one on."""
    energy, found = np.array([task.car.limit_kwh]), np.zeros(len(task.hours.net_kw))
    for hour in range(len(found)):
        at = np.array([hour])
        action = table.proven(task.cell(at, energy))
        found[hour] = task.power_kw(at, energy, action)[0]
        _, energy = task.step(at, energy, action)
    return found


def _hourly[T: np.generic](world: World, slots: Ints, values: NDArray[T]) -> NDArray[T]:
    """Values of the slots of each hour: (hours, slots)."""
    found: NDArray[T] = values[slots[:, None] + np.arange(world.past.per_day // 24)]
    return found
