"""When an order is too old to be carried out without a word, and what is left of it."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from ems.contract.message import Language
from notifier.domain import questions
from notifier.domain.cars import KnownCar
from notifier.domain.late_orders import is_late, meaning, time_left
from notifier.domain.questions import QuestionContext

BERLIN = ZoneInfo("Europe/Berlin")
WRITTEN = datetime(2026, 11, 18, 11, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ZOE = KnownCar("zoe", "Zoe")
AUTUMN = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
"""02:30 for the first time; an hour later it is 02:30 again."""


def said(words: str, written: datetime, now: datetime) -> str | None:
    context = QuestionContext("q", now, BERLIN, written)
    outcome = questions.answer(questions.change(context, ZOE), None, words, ZOE, context)
    meant = meaning(outcome, ZOE, "anna", written, 90 * MINUTE)
    return context.renderer.words(meant, Language.EN) if meant else None


def test_an_order_is_late_after_a_quarter_of_an_hour() -> None:
    assert not is_late(WRITTEN, WRITTEN + 15 * MINUTE)
    assert is_late(WRITTEN, WRITTEN + 15 * MINUTE + timedelta(seconds=1))
    assert not is_late(WRITTEN, WRITTEN - MINUTE), "Telegram's clock may be ahead"


def test_a_boost_lasts_whole_when_it_is_fresh_and_until_its_end_when_it_is_late() -> None:
    assert time_left(120 * MINUTE, WRITTEN, WRITTEN + 10 * MINUTE) == 120 * MINUTE
    assert time_left(120 * MINUTE, WRITTEN, WRITTEN + 40 * MINUTE) == 80 * MINUTE
    assert time_left(30 * MINUTE, WRITTEN, WRITTEN + 40 * MINUTE) < timedelta(0)


def test_what_an_old_order_meant_is_said_as_it_counts_now() -> None:
    now = WRITTEN + 40 * MINUTE
    assert said("80% in 2h", WRITTEN, now) == "Zoe: 80 % by 14:00 (anna)"
    assert said("in 2h", WRITTEN, now) == "Zoe: By 14:00."
    assert said("80% by seven", WRITTEN, now) == "Zoe: 80 % 19:00 or 80 % tomorrow 07:00"
    assert said("80% in 30 min", WRITTEN, now) is None
    assert said("bananas", WRITTEN, now) is None


def test_of_what_may_be_meant_only_what_lies_ahead_is_offered() -> None:
    assert said("80% by seven", WRITTEN, WRITTEN + timedelta(hours=10)) == "Zoe: 80 % tomorrow 07:00"


def test_in_the_hour_that_comes_twice_it_counts_when_it_was_written() -> None:
    again = AUTUMN + timedelta(hours=1)
    assert said("80% in 2h", AUTUMN, AUTUMN) == "Zoe: 80 % by 03:30 (anna)"
    assert said("80% in 2h", again, again) == "Zoe: 80 % by 04:30 (anna)"
    assert said("80% in 1h", AUTUMN, AUTUMN) == "Zoe: 80 % 02:30 winter time"
    assert said("80% at 02:45", AUTUMN, AUTUMN) == "Zoe: 80 % 02:45 summer time or 80 % 02:45 winter time"
    assert said("80% at 02:45", again, again) == "Zoe: 80 % 02:45 winter time"
    assert said("80% at 02:15", AUTUMN, AUTUMN) == "Zoe: 80 % 02:15 winter time or 80 % Monday 02:15"
    assert said("80% at 02:15", again, again) == "Zoe: 80 % by Monday 02:15 (anna)"
    assert said("80% at 7am", AUTUMN, AUTUMN) == "Zoe: 80 % by 07:00 (anna)"
