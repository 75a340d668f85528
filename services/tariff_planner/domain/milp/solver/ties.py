"""Which of the plans that cost next to the same is taken: the one that is preferred, by linear programs only.

So it takes little, and the same problem always has the same plan.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf

import highspy
import numpy as np

from tariff_planner.domain.milp.solver.highs import for_many_solves, objective, solution
from tariff_planner.domain.milp.solver.lagrangian import Bools, Lagrangian, Switch
from tariff_planner.domain.milp.solver.tie_moves import Pattern, with_fewer_starts

_ROUND_UP = (1e-6, 0.3, 0.5)
"""From which relaxed value on a binary is tried as 1."""
_MAX_MOVES = 12
"""Plans with fewer starts that are tried in vain at most: each is a linear program of a few ms."""
_SAME = 1e-6
_UNSPENT = 0.001
"""What it is worth as a preference to spend nothing on preferences: it decides only where nothing else does."""
_MAX_UNSPENT_PER_EUR = 1.0
_DUAL, _PRIMAL = 1, 4
"""HiGHS's ``simplex_strategy``."""


@dataclass(frozen=True, slots=True)
class Preferences:
    """Prices by column that decide among plans that cost the same; ``starts`` are those of them that count starts.

    ``sequences`` are the binaries of devices by step, None where a device has none: with these, fewer starts are tried.
    """

    prices: Mapping[int, float]
    starts: Sequence[int]
    sequences: Sequence[Sequence[int | None]]


class Ties:
    """Looks for the preferred one of the plans that cost ``cheapest_eur``, or more by up to ``tie_eur``.

    ``model`` is relaxed, and had ``basis`` when ``relaxed`` was read off it. Its costs become the preferences'.
    """

    def __init__(
        self,
        model: highspy.Highs,
        binaries: Sequence[int],
        switches: Sequence[Switch],
        *,
        relaxed: Lagrangian,
        basis: highspy.HighsBasis,
        costs: Mapping[int, float],
        preferences: Preferences,
        cheapest_eur: float,
        tie_eur: float,
    ) -> None:
        self._model, self._binaries, self._switches = model, binaries, switches
        self._relaxed, self._preferences, self._most_eur = relaxed, preferences, cheapest_eur + tie_eur
        self._tried: list[Lagrangian] = []
        unspent = min(_MAX_UNSPENT_PER_EUR, _UNSPENT / tie_eur) if tie_eur > 0 else 0.0
        self._prices = {i: unspent * price for i, price in costs.items()}
        for i, price in preferences.prices.items():
            self._prices[i] = self._prices.get(i, 0.0) + price
        self._limit_cost(costs, basis)

    def preferred(self, first: highspy.HighsSolution) -> highspy.HighsSolution:
        """The best of those with the decisions of ``first`` or of a relaxation, and of these with fewer starts."""
        decisions = {*map(tuple, self._roundings())}
        best, price = self._better(np.array(self._decided(first)), first, inf)
        for decided in sorted(decisions):
            best, price = self._better(np.array(decided), best, price)
        return self._with_fewer_starts(best, price)

    def _limit_cost(self, costs: Mapping[int, float], basis: highspy.HighsBasis) -> None:
        """What has been minimised becomes a row, which the relaxation that ``basis`` belongs to does not break."""
        model, columns = self._model, list(costs)
        model.addRow(-highspy.kHighsInf, self._most_eur, len(columns), columns, list(costs.values()))
        for i, price in self._prices.items():
            model.changeColCost(i, price)
        # From there the primal simplex takes a tenth of what the dual one takes from anywhere (measured).
        basis.row_status = [*basis.row_status, highspy.HighsBasisStatus.kBasic]
        model.setBasis(basis)
        for_many_solves(model)

    def _roundings(self) -> Iterator[list[bool]]:
        """The decisions of relaxations that heed the preferences alone."""
        self._model.setOptionValue("simplex_strategy", _PRIMAL)
        # Starts alone make a relaxed charger "a little on" for long: once without them.
        for share in (0.0, 1.0):
            for i in self._preferences.starts:
                self._model.changeColCost(i, share * self._prices[i])
            self._model.run()
            relaxed = list(self._model.getSolution().col_value)
            for threshold in _ROUND_UP:
                yield [relaxed[i] > threshold for i in self._binaries]
        self._model.setOptionValue("simplex_strategy", _DUAL)

    def _better(self, decided: Bools, best: highspy.HighsSolution, price: float) -> tuple[highspy.HighsSolution, float]:
        """The preferred plan with these decisions and its price; ``best`` where that is none or no better."""
        too_dear = self._relaxed.least_cost(decided) > self._most_eur
        if too_dear or any(tried.least_cost(decided) > price for tried in self._tried):
            return best, price
        count, values = len(self._binaries), decided.astype(np.float64)
        self._model.changeColsBounds(count, np.array(self._binaries, dtype=np.int32), values, values)
        self._model.setOptionValue("objective_bound", price)
        self._model.run()
        if self._model.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return best, price
        self._tried.append(Lagrangian.of(self._model, self._binaries, self._switches))
        found = objective(self._model)
        return (solution(self._model), found) if found < price - _SAME else (best, price)

    def _with_fewer_starts(self, best: highspy.HighsSolution, price: float) -> highspy.HighsSolution:
        """The same or, where one is found that costs no more, a plan with fewer starts."""
        tried = 0
        while True:
            before = price
            for decided in self._proposals(best):
                tried += 1
                if tried > _MAX_MOVES:
                    return best
                best, price = self._better(decided, best, price)
                if price < before:
                    tried -= 1
                    break
            else:
                return best

    def _proposals(self, plan: highspy.HighsSolution) -> Iterator[Bools]:
        """The decisions of ``plan`` with fewer starts."""
        place = {i: n for n, i in enumerate(self._binaries)}
        decided = np.array(self._decided(plan))
        sequences = [[None if i is None else place[i] for i in one] for one in self._preferences.sequences]
        on: list[Pattern] = [tuple(None if n is None else bool(decided[n]) for n in one) for one in sequences]
        for proposal in with_fewer_starts(on):
            changed = decided.copy()
            for places, pattern in zip(sequences, proposal, strict=True):
                for n, is_on in zip(places, pattern, strict=True):
                    if n is not None:
                        changed[n] = is_on
            yield changed

    def _decided(self, plan: highspy.HighsSolution) -> tuple[bool, ...]:
        values = list(plan.col_value)
        return tuple(values[i] > 0.5 for i in self._binaries)
