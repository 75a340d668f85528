"""A client id that nobody guesses, and when another client is suspected behind lost connections."""

from pydantic import SecretStr

from ems.bus.client_id import CLOSED, LOSSES, SAID, WINDOW_S, Takeovers, unguessable
from ems.runtime.settings import MqttSettings

HOME = MqttSettings(username="notifier")


def test_it_begins_with_the_name_and_is_the_same_at_every_start() -> None:
    first, again = (unguessable("notifier", HOME, SecretStr("a")) for _ in range(2))
    assert first == again
    assert first.startswith("notifier-")
    assert len(first) == len("notifier-") + 16


def test_another_password_account_service_or_home_has_another() -> None:
    elsewhere = MqttSettings(username="notifier", prefix="homes/2/ems")
    ids = {
        unguessable("notifier", HOME, SecretStr("a")),
        unguessable("notifier", HOME, SecretStr("b")),
        unguessable("rl-agent", HOME, SecretStr("a")),
        unguessable("notifier", MqttSettings(username="another"), SecretStr("a")),
        unguessable("notifier", elsewhere, SecretStr("a")),
    }
    assert len(ids) == 5
    assert len({each.rpartition("-")[2] for each in ids}) == 5


def test_without_a_password_there_is_nothing_to_make_one_of() -> None:
    assert unguessable("notifier", MqttSettings(), None) == "notifier"


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
