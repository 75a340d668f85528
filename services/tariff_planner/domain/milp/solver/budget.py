"""The time that all rounds of a plan share."""

from collections.abc import Callable

type NowS = Callable[[], float]
"""A clock that never goes back, in seconds."""


def standing_still() -> float:
    """A clock for who wants the same plan on every machine: it limits each of HiGHS's searches, and nothing else."""
    return 0.0


class Budget:
    """``seconds`` on a clock from now on: whatever is done meanwhile counts, HiGHS's work and that of Python."""

    def __init__(self, seconds: float, now_s: NowS = standing_still) -> None:
        self._seconds, self._now_s, self._began_s = seconds, now_s, now_s()

    @property
    def spent_s(self) -> float:
        """How long it has been, in seconds."""
        return self._now_s() - self._began_s

    @property
    def left_s(self) -> float:
        """Seconds that are left; negative once they are over."""
        return self._seconds - self.spent_s

    @property
    def is_over(self) -> bool:
        """Whether nothing is left."""
        return self.left_s <= 0

    def renewed(self, least_s: float) -> "Budget":
        """As much once more from now on, and ``least_s`` at least."""
        return Budget(max(self._seconds, least_s), self._now_s)
