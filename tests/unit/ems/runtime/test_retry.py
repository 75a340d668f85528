"""The waits between tries: ever longer, at random."""

from hypothesis import given
from hypothesis import strategies as st

from ems.runtime.retry import Backoff


class Highest:
    """Draws the highest number there is."""

    def uniform(self, _: float, b: float) -> float:
        return b


def test_each_wait_has_twice_the_ceiling_of_the_last_up_to_the_most() -> None:
    backoff = Backoff(first_s=1, max_s=5)
    assert [backoff.delay_s(failures, Highest()) for failures in range(1, 6)] == [1, 2, 4, 5, 5]


@given(st.integers(min_value=1, max_value=10**9))
def test_no_number_of_failures_makes_the_wait_too_long_or_none(failures: int) -> None:
    backoff = Backoff(first_s=0.5, max_s=15)
    assert backoff.min_s <= backoff.delay_s(failures) <= 15
