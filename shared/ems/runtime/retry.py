"""How long to wait before the next try, and the one helper that tries again."""

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from ems.runtime.clock import Clock
from ems.runtime.errors import TransientError


class Rng(Protocol):
    """As much of :class:`random.Random` as is needed here."""

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


async def retry[T](
    call: Callable[[], Awaitable[T]],
    *,
    clock: Clock,
    attempts: int = 5,
    backoff: Backoff = Backoff(),
    rng: Rng = RNG,
    on_failure: Callable[[TransientError, float], None] | None = None,
) -> T:
    """Calls until it works, at most ``attempts`` times; only :class:`TransientError` is tried again.

    Args:
        call: what to do; called anew for each try.
        clock: whose seconds are waited.
        attempts: tries in all, at least 1.
        backoff: how long to wait between them.
        rng: where the jitter comes from.
        on_failure: is told of every failure that is tried again, and the seconds until then.

    Raises:
        TransientError: the last one, when no try worked.
    """
    for failures in range(1, attempts):
        try:
            return await call()
        except TransientError as error:
            delay_s = backoff.delay_s(failures, rng)
            if on_failure:
                on_failure(error, delay_s)
            await clock.sleep(delay_s)
    return await call()
