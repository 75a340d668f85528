"""How high a better plan's peak of import can be, where a peak has a price.

Which devices fit below a peak changes from one kW to the next, and within a narrow range of peaks a relaxation knows:
there, none is "half on" that does not fit. Over all peaks at once, every one is.
"""

from collections.abc import Callable
from math import inf
from typing import NamedTuple

from tariff_planner.domain.milp.solver.branch_and_bound import Range

_HALVINGS = 9
"""Two relaxations each, of which one takes as long as some nodes of branch and bound."""
_NARROW = 1 / 32
"""The share of the range that is searched as it is."""

type LeastCost = Callable[[Range], float]
"""What plans whose peak lies in a range of kW cost at least, in EUR."""


class _Part(NamedTuple):
    """Plans with peaks from ``low`` to ``high`` kW cost ``least`` EUR at least."""

    least: float
    low: float
    high: float


class Peaks:
    """The peaks in kW of plans that cost less than what is known, from ``low`` to ``high`` at first.

    In ``range`` plans are to be looked for next, None: nowhere; ``narrowed``: in more of them later. Plans with other
    peaks cost ``outside`` EUR at least.
    """

    def __init__(self, low: float, high: float, least: float) -> None:
        self._parts = [_Part(least, low, high)]
        self._left = self.outside = inf
        self.range: Range | None = (low, high)
        self.narrowed = False

    @property
    def least(self) -> float:
        """What plans that are yet to be looked for cost at least, in EUR."""
        return min((part.least for part in self._parts), default=inf)

    def narrow(self, cost: LeastCost, most: float) -> None:
        """Next is the part whose relaxation costs least; none that costs ``most`` EUR or more."""
        narrow_kw = _NARROW * sum(part.high - part.low for part in self._parts)
        for _ in range(_HALVINGS):
            part = min(self._parts)
            if part.high - part.low <= narrow_kw:
                break
            self._parts.remove(part)
            middle = (part.low + part.high) / 2
            for half in ((part.low, middle), (middle, part.high)):
                self._parts.append(_Part(max(part.least, cost(half)), *half))
            self._limit(most)
            if not self._parts:
                break
        self._parts.sort()
        self.range = self._parts[0][1:] if self._parts else None
        self.outside = min([self._left, *(part.least for part in self._parts[1:])])
        self.narrowed = len(self._parts) > 1

    def widen(self, most: float, searched: float | None) -> None:
        """Next is all that is left, without what costs ``most`` EUR or more.

        ``searched``: what plans in ``range`` cost at least, where these have been looked for.
        """
        if searched is not None:
            self._parts = [part for part in self._parts if part[1:] != self.range]
            self._left = min(self._left, searched)
        self._limit(most)
        lows, highs = [part.low for part in self._parts], [part.high for part in self._parts]
        self.range = (min(lows), max(highs)) if self._parts else None
        self.outside, self.narrowed = self._left, False

    def _limit(self, most: float) -> None:
        self._left = min([self._left, *(part.least for part in self._parts if part.least >= most)])
        self._parts = [part for part in self._parts if part.least < most]
