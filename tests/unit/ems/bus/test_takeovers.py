"""When another client is suspected behind lost connections."""

from ems.bus.takeovers import CLOSED, LOSSES, SAID, WINDOW_S, Takeovers


def closed(takeovers: Takeovers, *at_s: float) -> list[bool]:
    return [takeovers.suspected(CLOSED, established=True, now_s=s) for s in at_s]


def test_a_broker_that_says_so_is_believed_at_once() -> None:
    assert Takeovers().suspected(SAID, established=True, now_s=0)


def test_a_broker_that_lets_us_in_and_throws_us_out_again_and_again_makes_us_suspect_another() -> None:
    assert closed(Takeovers(), *range(LOSSES)) == [False] * (LOSSES - 1) + [True]


def test_losses_over_a_long_time_are_bad_luck() -> None:
    assert not any(closed(Takeovers(), *(i * WINDOW_S for i in range(2 * LOSSES))))


def test_a_broker_that_is_away_in_between_is_restarted_and_not_shared() -> None:
    takeovers = Takeovers()
    for i in range(10):
        assert not takeovers.suspected(CLOSED, established=True, now_s=i)
        assert not takeovers.suspected("connection refused", established=False, now_s=i + 0.5)


def test_a_network_that_comes_and_goes_is_no_other_client() -> None:
    takeovers = Takeovers()
    assert not any(takeovers.suspected("it does not answer", established=True, now_s=i) for i in range(10))
