"""Q-learning with replay, many episodes side by side: the whole loop on one screen."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from ems.forecast.history_grid import Floats, Ints
from rl_agent.domain.tabular.hindsight import Potential

GAMMA = 0.95
"""An hour."""
EPSILON_START, EPSILON_END, EPSILON_DECAY = 0.3, 0.05, 0.995
MEMORY = 10_000
BATCH = 512
EPISODES = 64
"""Weeks that are lived through side by side in a round."""
EPISODE_H = 168
ALPHA_END, ALPHA_POWER = 0.005, 0.6
LESSON = 10
"""Rounds after which actions are compared with what the table has come to do, instead of the best seen afterwards."""
TRIED = 100
"""How often an action must have been learnt from in a situation before it is done in earnest."""


class Task(Protocol):
    """A device in measured hours; many copies of it are stepped together."""

    @property
    def cells(self) -> int:
        """How many situations are told apart."""
        ...

    @property
    def actions(self) -> int:
        """How many there are to choose from."""
        ...

    def begin(self, rng: np.random.Generator, episodes: int) -> tuple[Ints, Floats]:
        """Hours to begin at, with a week after each, and stored energies."""
        ...

    def cell(self, hour: Ints, energy_kwh: Floats) -> Ints:
        """The situation of each copy."""
        ...

    def step(self, hour: Ints, energy_kwh: Floats, action: Ints) -> tuple[Floats, Floats]:
        """Cost in EUR of the hour, and stored energy after it."""
        ...

    @property
    def best(self) -> Potential:
        """What energy was worth with the best choices, seen afterwards."""
        ...

    def followed(self, action_of: Callable[[Ints], Ints]) -> Potential:
        """What it was worth when in each cell this action is taken."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Replay:
    """The last :data:`MEMORY` steps, oldest first."""

    taken: Ints
    """Cell and action in one number."""
    reward: Floats
    following: Ints
    """The next cell."""

    def with_steps(self, taken: Ints, reward: Floats, following: Ints) -> "Replay":
        """With these too, the oldest forgotten."""
        return Replay(
            np.concatenate([self.taken, taken])[-MEMORY:],
            np.concatenate([self.reward, reward])[-MEMORY:],
            np.concatenate([self.following, following])[-MEMORY:],
        )


@dataclass(slots=True, eq=False)
class Table:
    """What is learnt, and what learning goes on from."""

    q: Floats
    """(cells, actions): EUR."""
    visits: Ints
    """(cells, actions)."""
    memory: Replay
    rounds: int = 0

    @classmethod
    def empty(cls, cells: int, actions: int) -> "Table":
        """Nothing learnt yet."""
        memory = Replay(np.zeros(0, np.int64), np.zeros(0), np.zeros(0, np.int64))
        return cls(np.zeros((cells, actions)), np.zeros((cells, actions), np.int64), memory)

    @property
    def epsilon(self) -> float:
        """How often something else than the best is tried."""
        return max(EPSILON_END, EPSILON_START * EPSILON_DECAY**self.rounds)

    def best(self, cell: Ints) -> Ints:
        """The best action in each cell; the last one, which leaves things to evcc, where nothing is known."""
        found: Ints = self.q.shape[1] - 1 - self.q[cell, ::-1].argmax(axis=1)
        return found

    def proven(self, cell: Ints) -> Ints:
        """The best of the actions that were tried often enough in each cell; the last one where none was.

        Rewards are hardly ever above 0, so that an untried action looks best: right for learning, wrong for doing.
        """
        tried = np.where(self.visits[cell] >= TRIED, self.q[cell], -np.inf)
        found: Ints = self.q.shape[1] - 1 - tried[:, ::-1].argmax(axis=1)
        return found


def learn(task: Task, table: Table, rounds: int, rng: np.random.Generator) -> Iterator[float]:
    """Improves ``table`` in place; yields after each round a week's return against the best course, in EUR: below 0."""
    q, visits = table.q.reshape(-1), table.visits.reshape(-1)
    worth = task.best
    for number in range(rounds):
        if table.rounds >= LESSON and (number == 0 or table.rounds % LESSON == 0):
            worth = task.followed(table.proven)
        hour, energy = task.begin(rng, EPISODES)
        cell, earned = task.cell(hour, energy), -task.best(hour, energy)
        for _ in range(EPISODE_H):
            action = table.best(cell)
            tried = rng.random(EPISODES) < table.epsilon
            action[tried] = rng.integers(0, task.actions, int(tried.sum()))
            cost, after = task.step(hour, energy, action)
            reward = worth(hour + 1, after) - worth(hour, energy) - cost
            hour, energy = hour + 1, after
            following = task.cell(hour, energy)
            table.memory = table.memory.with_steps(cell * task.actions + action, reward, following)
            cell, earned = following, earned - cost
            again = rng.integers(0, len(table.memory.reward), BATCH)
            taken = table.memory.taken[again]
            target = table.memory.reward[again] + GAMMA * table.q[table.memory.following[again]].max(axis=1)
            count = np.bincount(taken, minlength=len(q))
            seen = np.flatnonzero(count)
            mean = np.bincount(taken, target, minlength=len(q))[seen] / count[seen]
            visits[seen] += count[seen]
            alpha = np.maximum((count[seen] / visits[seen]) ** ALPHA_POWER, ALPHA_END)
            q[seen] += alpha * (mean - q[seen])
        table.rounds += 1
        yield float((earned + task.best(hour, energy)).mean())
