"""Trying again: only what may work later, ever later, at random."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ems.runtime.errors import PermanentError, TransientError
from ems.runtime.retry import Backoff, retry


@dataclass
class Slept:
    """A clock on which waiting takes no time and is remembered."""

    waits_s: list[float] = field(default_factory=list)

    def now(self) -> datetime:
        return datetime(2026, 11, 21, tzinfo=UTC)

    def monotonic(self) -> float:
        return sum(self.waits_s)

    async def sleep(self, seconds: float) -> None:
        self.waits_s.append(seconds)

    def timeout(self, seconds: float | None) -> asyncio.Timeout:
        return asyncio.timeout(seconds)


class Highest:
    """Draws the highest number there is."""

    def uniform(self, _: float, b: float) -> float:
        return b


@dataclass
class Flaky:
    """Fails as often as it has errors."""

    errors: list[Exception]
    calls: int = 0

    async def __call__(self) -> str:
        self.calls += 1
        if self.errors:
            raise self.errors.pop(0)
        return "worked"


async def test_what_works_at_once_is_called_once() -> None:
    clock, call = Slept(), Flaky([])
    assert await retry(call, clock=clock) == "worked"
    assert (call.calls, clock.waits_s) == (1, [])


async def test_each_wait_has_twice_the_ceiling_of_the_last_up_to_the_most() -> None:
    clock, call = Slept(), Flaky([TransientError("no")] * 5)
    backoff = Backoff(first_s=1, max_s=5)
    assert await retry(call, clock=clock, attempts=6, backoff=backoff, rng=Highest()) == "worked"
    assert clock.waits_s == [1, 2, 4, 5, 5]


async def test_the_last_failure_is_the_callers() -> None:
    clock, call = Slept(), Flaky([TransientError(str(n)) for n in range(9)])
    with pytest.raises(TransientError, match="2"):
        await retry(call, clock=clock, attempts=3)
    assert call.calls == 3


async def test_what_a_person_must_mend_is_not_tried_again() -> None:
    clock, call = Slept(), Flaky([PermanentError("locked")])
    with pytest.raises(PermanentError):
        await retry(call, clock=clock)
    assert (call.calls, clock.waits_s) == (1, [])


async def test_each_failure_that_is_tried_again_is_told() -> None:
    told: list[tuple[str, float]] = []
    call = Flaky([TransientError("a"), TransientError("b")])
    await retry(call, clock=Slept(), rng=Highest(), on_failure=lambda e, s: told.append((str(e), s)))
    assert told == [("a", 1), ("b", 2)]


@given(st.integers(min_value=1, max_value=10**9))
def test_no_number_of_failures_makes_the_wait_too_long_or_none(failures: int) -> None:
    backoff = Backoff(first_s=0.5, max_s=15)
    assert backoff.min_s <= backoff.delay_s(failures) <= 15
