"""Evidence that may be looked at every day: an e-process of paired differences, and an interval for their mean."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

EFFECT = 0.3
"""Standard deviation of the mixture over effects, in spreads of one difference: where the test is at its best."""
_MOST = 3.0
"""A difference counts as at most so many usual ones: one strange week is no proof."""
_BEST_AT = 100
"""The interval is at its narrowest, compared with others that hold at any time, after so many differences."""


@dataclass(frozen=True, slots=True)
class EProcess:
    """How much speaks for "the differences are above 0" against "they fall on either side alike".

    While they fall on either side of 0 alike (whatever their size and however that changes), the probability that
    :attr:`e_value` ever reaches ``1 / alpha`` is at most ``alpha``, however often it is looked at. A tie (0) changes
    nothing. Differences are counted in units of those before them, so that no scale has to be set; the first one gives
    but the scale.
    """

    count: int = 0
    """Differences that were no ties."""
    squares: float = 0.0
    """Sum of their squares."""
    total: float = 0.0
    """Sum of the scaled ones."""
    spread: float = 0.0
    """Sum of the squares of the scaled ones."""
    effect: float = EFFECT
    """See :data:`EFFECT`."""

    def after(self, difference: float) -> "EProcess":
        """With one more difference."""
        if not difference or not math.isfinite(difference):
            return self
        scaled = self.scaled(difference)
        return replace(
            self,
            count=self.count + 1,
            squares=self.squares + difference**2,
            total=self.total + scaled,
            spread=self.spread + scaled**2,
        )

    def scaled(self, difference: float) -> float:
        """``difference`` in units of those before it; 0 for the first one."""
        if not self.count:
            return 0.0
        return max(-_MOST, min(_MOST, difference / math.sqrt(self.squares / self.count)))

    @property
    def e_value(self) -> float:
        """The evidence: 1 is none, 20 what a level of 5 % asks for."""
        return _e_value(self.total, self.spread, self.effect)

    def more_needed(self, needed: float, at_most: int = 2000) -> int | None:
        """How many further differences like those so far bring it to ``needed``; None when they never do."""
        if self.e_value >= needed:
            return 0
        if self.count < 2 or self.total <= 0:
            return None
        seen = self.count - 1
        for more in range(1, at_most + 1):
            factor = (seen + more) / seen
            if _e_value(self.total * factor, self.spread * factor, self.effect) >= needed:
                return more
        return None


@dataclass(frozen=True, slots=True)
class RecentEvidence:
    """The same of the last ``days`` differences alone, ties among them: what went well before cannot hide a change."""

    days: int
    all: EProcess = field(default_factory=EProcess)
    """Gives the scale."""
    last: tuple[float, ...] = ()

    def after(self, difference: float) -> "RecentEvidence":
        """With one more difference."""
        scaled = self.all.scaled(difference) if math.isfinite(difference) else 0.0
        return RecentEvidence(self.days, self.all.after(difference), (*self.last, scaled)[-self.days :])

    @property
    def e_value(self) -> float:
        """The evidence of these days."""
        return _e_value(sum(self.last), sum(scaled**2 for scaled in self.last))


def _e_value(total: float, spread: float, effect: float = EFFECT) -> float:
    """The mean over positive effects c of ``exp(c total - c² spread / 2)``, each a supermartingale under symmetry."""
    shrunk = 1 + effect**2 * spread
    reached = effect * total / math.sqrt(shrunk)
    # exp(x²/2) Φ(x) with a far negative x is an underflow times an overflow: there it is next to nothing.
    if reached < -30:
        return 1 / (abs(reached) * math.sqrt(shrunk))
    exponent = min(reached**2 / 2, 600.0)
    return math.exp(exponent) * math.erfc(-reached / math.sqrt(2)) / math.sqrt(shrunk)


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean and where it may lie."""

    mean: float
    low: float
    high: float


def interval(differences: Sequence[float], alpha: float) -> Interval | None:
    """The mean, with bounds that hold at any time with probability 1 - ``alpha`` once there are many; None below two.

    An asymptotic confidence sequence (Waudby-Smith et al., 2024): wider than a daily interval, so that it may be looked
    at every day.
    """
    if len(differences) < 2:
        return None
    values = np.asarray(differences, dtype=np.float64)
    count, mean, spread = len(values), float(values.mean()), float(values.std(ddof=1))
    rho2 = (-2 * math.log(alpha) + math.log(-2 * math.log(alpha)) + 1) / _BEST_AT
    inside = count * rho2 + 1
    width = spread * math.sqrt(2 * inside / (count**2 * rho2) * math.log(math.sqrt(inside) / alpha))
    return Interval(mean, mean - width, mean + width)
