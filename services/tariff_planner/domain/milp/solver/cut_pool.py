"""Rows that no plan breaks, and most of which no relaxation breaks either: only those that one does are added."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import highspy
import numpy as np
from numpy.typing import NDArray

_BROKEN = 1e-5
"""By how much a row is broken before it counts."""
_ROUNDS = 10
"""Most relaxations with more and more rows: five have been enough."""


@dataclass(frozen=True, slots=True)
class CutPool:
    """Rows ``Σ value x column >= least``; row ``i`` has the terms ``start[i]`` to ``start[i + 1]``."""

    start: NDArray[np.int32]
    index: NDArray[np.int32]
    value: NDArray[np.float64]
    least: NDArray[np.float64]

    @classmethod
    def of(cls, rows: Sequence[tuple[Mapping[int, float], float]]) -> "CutPool":
        """Rows as terms by column, and what their sum is at least."""
        return cls(
            np.cumsum([0, *(len(terms) for terms, _ in rows)], dtype=np.int32),
            np.array([i for terms, _ in rows for i in terms], dtype=np.int32),
            np.array([x for terms, _ in rows for x in terms.values()], dtype=np.float64),
            np.array([least for _, least in rows], dtype=np.float64),
        )

    def tighten(self, model: highspy.Highs, *, ahead: bool = False) -> None:
        """Adds to a solved relaxation the rows that it breaks, and solves it again, until it breaks none.

        ``ahead``: with those that it touches, which it would break next: more rows in fewer rounds.
        """
        added: set[int] = set()
        for _ in range(_ROUNDS):
            left = self._left(model)
            if not (left < -_BROKEN).any():
                return
            new = set(np.flatnonzero(left < (_BROKEN if ahead else -_BROKEN)).tolist()) - added
            added |= new
            for row in sorted(new):
                part = slice(self.start[row], self.start[row + 1])
                index, value = self.index[part], self.value[part]
                model.addRow(self.least[row], highspy.kHighsInf, len(index), index, value)
            model.run()

    def _left(self, model: highspy.Highs) -> NDArray[np.float64]:
        """By row, how much more its sum is than it must be."""
        values = np.array(model.getSolution().col_value)
        if not len(self.least) or not len(values):
            return np.zeros(0)
        sums: NDArray[np.float64] = np.add.reduceat(values[self.index] * self.value, self.start[:-1])
        return sums - self.least
