"""What people mean by what they write."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.domain.messages import moment
from notifier.domain.people import Language
from notifier.domain.time_parser import (
    MAX_AHEAD,
    ParsedGoal,
    ParseError,
    parse,
)

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 18, 18, 20, tzinfo=UTC)
"""Wednesday, 19:20 in Berlin."""


def local(text: str) -> datetime:
    """A moment written in Berlin's time."""
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN).astimezone(UTC)


@pytest.mark.parametrize(
    ("text", "departure"),
    [
        ("um 14:30", "2026-11-19 14:30"),
        ("um 22:15 Uhr", "2026-11-18 22:15"),
        ("in 3h", "2026-11-18 22:20"),
        ("in 3 Stunden", "2026-11-18 22:20"),
        ("in 2,5 h", "2026-11-18 21:50"),
        ("in 2h 30m", "2026-11-18 21:50"),
        ("in 45 min", "2026-11-18 20:05"),
        ("in einer Stunde", "2026-11-18 20:20"),
        ("in half an hour", "2026-11-18 19:50"),
        ("morgen früh", "2026-11-19 07:00"),
        ("morgen früh um 6", "2026-11-19 06:00"),
        ("morgen", "2026-11-19 07:00"),
        ("übermorgen mittag", "2026-11-20 12:00"),
        ("tomorrow 7am", "2026-11-19 07:00"),
        ("tomorrow at 7:30 pm", "2026-11-19 19:30"),
        ("tomorrow evening 8", "2026-11-19 20:00"),
        ("Freitag 6 Uhr", "2026-11-20 06:00"),
        ("Freitag morgen um halb 8", "2026-11-20 07:30"),
        ("on Friday at quarter to 7", "2026-11-20 06:45"),
        ("Sa. 9.15", "2026-11-21 09:15"),
        ("Mittwoch um 18 Uhr", "2026-11-25 18:00"),
        ("Mittwoch 20 Uhr", "2026-11-18 20:00"),
        ("24.11. 6:00", "2026-11-24 06:00"),
        ("24. November um 6", "2026-11-24 06:00"),
        ("2026-11-24 06:00", "2026-11-24 06:00"),
        ("heute um Mitternacht", "2026-11-19 00:00"),
        ("tonight at 10", "2026-11-18 22:00"),
        ("heute Abend um 9", "2026-11-18 21:00"),
        ("12 am", "2026-11-19 00:00"),
        ("I need it by 7 Uhr 15", "2026-11-19 07:15"),
    ],
)
def test_a_departure_is_understood(text: str, departure: str) -> None:
    assert parse(text, NOW, BERLIN) == ParsedGoal(departure=local(departure))


@pytest.mark.parametrize(
    ("text", "soc_pct"),
    [("80", 80), ("80%", 80), ("80 Prozent", 80), ("voll", 100), ("full, please", 100), ("62,5 %", 62.5)],
)
def test_a_fullness_is_understood(text: str, soc_pct: float) -> None:
    assert parse(text, NOW, BERLIN) == ParsedGoal(soc_pct)


@pytest.mark.parametrize(
    "text", ["80% bis morgen 7 Uhr", "tomorrow at 7, 80", "80 bis morgen früh", "bitte um 7:00 80 Prozent"]
)
def test_both_are_understood_together(text: str) -> None:
    assert parse(text, NOW, BERLIN) == ParsedGoal(80, local("2026-11-19 07:00"))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", ParseError.NONSENSE),
        ("banana", ParseError.NONSENSE),
        ("um 25:00", ParseError.NONSENSE),
        ("um 7:61", ParseError.NONSENSE),
        ("31.2. um 7", ParseError.NONSENSE),
        ("13 pm", ParseError.NONSENSE),
        ("in -3h", ParseError.NONSENSE),
        ("in 3h um 7", ParseError.NONSENSE),
        ("80 90", ParseError.NONSENSE),
        ("3hund", ParseError.NONSENSE),
        ("7", ParseError.NONSENSE),
        ("nicht morgen", ParseError.NONSENSE),
        ("5 %", ParseError.NOT_A_SOC),
        ("120%", ParseError.NOT_A_SOC),
        ("heute um 14 Uhr", ParseError.PAST),
        ("2026-11-17 um 7", ParseError.PAST),
        ("in 0 h", ParseError.PAST),
        ("24.12. um 7", ParseError.TOO_FAR),
        ("17.11. um 7", ParseError.TOO_FAR),
        ("in 9000 h", ParseError.TOO_FAR),
    ],
)
def test_what_is_not_wholly_understood_is_not_understood(text: str, why: ParseError) -> None:
    assert parse(text, NOW, BERLIN) is why


@pytest.mark.parametrize("text", ["morgen früh", "tomorrow morning", "morgen um 7"])
@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-11-18 23:59", "2026-11-19 07:00"),
        ("2026-11-19 00:01", "2026-11-19 07:00"),
        ("2026-11-19 03:59", "2026-11-19 07:00"),
        ("2026-11-19 04:01", "2026-11-20 07:00"),
    ],
)
def test_tomorrow_just_after_midnight_is_the_morning_that_comes(text: str, written: str, meant: str) -> None:
    assert parse(text, local(written), BERLIN) == ParsedGoal(departure=local(meant))


@pytest.mark.parametrize(
    ("text", "written", "meant_utc"),
    [
        # Spring: 02:00 becomes 03:00 on 29 March.
        ("morgen um 7", "2026-03-28 20:00", "2026-03-29T05:00Z"),
        ("in 3h", "2026-03-29 00:30", "2026-03-29T02:30Z"),
        ("um 2:30", "2026-03-28 20:00", "2026-03-29T01:30Z"),
        ("um 3:00", "2026-03-28 20:00", "2026-03-29T01:00Z"),
        # Autumn: 03:00 becomes 02:00 on 25 October.
        ("morgen um 7", "2026-10-24 20:00", "2026-10-25T06:00Z"),
        ("in 3h", "2026-10-25 01:00", "2026-10-25T02:00Z"),
        ("um 2:30", "2026-10-24 20:00", "2026-10-25T00:30Z"),
        ("Montag 6 Uhr", "2026-10-24 20:00", "2026-10-26T05:00Z"),
    ],
)
def test_times_are_right_over_both_changes_of_the_clock(text: str, written: str, meant_utc: str) -> None:
    assert parse(text, local(written), BERLIN) == ParsedGoal(departure=datetime.fromisoformat(meant_utc))


def test_an_hour_that_comes_twice_is_said_with_its_zone() -> None:
    twice = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert moment(twice, BERLIN, "en") == "Sun 25 Oct 02:30 CEST"
    assert moment(twice + timedelta(hours=1), BERLIN, "de") == "So 25.10. 02:30 CET"


moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001  given by timezones


@given(now=moments, text=st.text(max_size=60))
def test_whatever_is_written_is_understood_as_something_possible_or_not_at_all(now: datetime, text: str) -> None:
    _possible(parse(text, now, BERLIN), now)


_SAID = (
    "morgen früh um 7 uhr in 3h heute abend freitag friday tomorrow 7am 80 80% 14:30 29.3. 25.10. mitternacht halb 8 "
    "übermorgen tonight at by bis 2:30 24:00 nachts sonntag 2026-03-29 0 99999 voll mittag 12 pm :"
)
_WORDS = st.sampled_from(_SAID.split())


@given(now=moments, words=st.lists(_WORDS, max_size=6))
def test_however_words_are_put_together_the_result_is_possible_or_none(now: datetime, words: list[str]) -> None:
    _possible(parse(" ".join(words), now, BERLIN), now)


@given(now=moments, minutes=st.integers(1, 60 * 24 * 30), language=st.sampled_from(["en", "de"]))
def test_what_is_said_back_is_understood_as_the_same_moment(now: datetime, minutes: int, language: Language) -> None:
    departure = now.replace(second=0, microsecond=0) + timedelta(minutes=minutes)
    said = moment(departure, BERLIN, language)
    if said.endswith(("CET", "CEST")) or departure <= now:
        return  # the hour that comes twice is said, but cannot be asked for twice
    # The weekday is for people; the date alone says it.
    assert parse(said.split(" ", 1)[1], now, BERLIN) == ParsedGoal(departure=departure)


@given(now=moments, hours=st.integers(1, 24 * 30))
def test_a_span_is_as_long_as_it_says_whatever_clocks_do(now: datetime, hours: int) -> None:
    assert parse(f"in {hours}h", now, BERLIN) == ParsedGoal(departure=now + timedelta(hours=hours))


@given(now=moments, hour=st.integers(0, 23), minute=st.integers(0, 59))
def test_a_clock_time_is_the_next_one_that_shows_it(now: datetime, hour: int, minute: int) -> None:
    found = parse(f"um {hour}:{minute:02}", now, BERLIN)
    assert isinstance(found, ParsedGoal)
    assert found.departure is not None
    assert timedelta(0) < found.departure - now <= timedelta(hours=25)
    shown = found.departure.astimezone(BERLIN)
    if (hour, shown.month) != (2, 3):  # 02:xx does not exist in the night of spring
        assert (shown.hour, shown.minute) == (hour, minute)


def _possible(found: ParsedGoal | ParseError, now: datetime) -> None:
    if isinstance(found, ParseError):
        return
    assert found.soc_pct is not None or found.departure is not None
    assert found.soc_pct is None or 10 <= found.soc_pct <= 100
    if found.departure is not None:
        assert timedelta(0) < found.departure - now <= MAX_AHEAD
        assert found.departure.utcoffset() == timedelta(0)
