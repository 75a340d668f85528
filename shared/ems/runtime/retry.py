"""How long to wait before the next try."""

import random
from dataclasses import dataclass
from typing import Protocol


class Rng(Protocol):
    """The part of :class:`random.Random` that is needed here."""

    def uniform(self, a: float, b: float) -> float:
        """A number from ``a`` to ``b``."""


RNG: Rng = random.SystemRandom()
"""Many services start together after a power cut; a shared seed would make them knock together, too."""


@dataclass(frozen=True, slots=True)
class Backoff:
    """Exponential with full jitter: the waits are drawn from ``min_s`` to a ceiling that doubles up to ``max_s``."""

    first_s: float = 1
    max_s: float = 60
    min_s: float = 0.05

    def delay_s(self, failures: int, rng: Rng = RNG) -> float:
        """Seconds to wait after ``failures`` (1, 2, ...) failures in a row."""
        # A float overflows at 2**1024; a service may fail for years.
        ceiling = min(self.max_s, self.first_s * 2.0 ** min(failures - 1, 64))
        return max(self.min_s, rng.uniform(0, ceiling))
