"""When a wish is, as people type it in the languages of the house."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ems.contract.message import Language
from ems.contract.wishes import AskedWish, Wish, WishKind
from tariff_planner.domain.inputs.wish_words import EXAMPLES, NotUnderstood, understood, written
from tariff_planner.domain.wording.answers import WishNotUnderstood
from tariff_planner.domain.wording.renderer import answers

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 29, 18, 30, tzinfo=BERLIN)
"""A Sunday."""
OF_A_CAR = {WishKind.TRIP, WishKind.CHARGE_VEHICLE, WishKind.PAUSE_VEHICLE}


def read(kind: WishKind, words: str) -> Wish:
    vehicle = "zoe" if kind in OF_A_CAR else None
    return understood(AskedWish(kind=kind, vehicle=vehicle, words=words), NOW, BERLIN)


def local(moment: datetime | None) -> str:
    return "now" if moment is None else f"{moment.astimezone(BERLIN):%d.%m. %H:%M}"


@pytest.mark.parametrize(
    ("kind", "words", "start", "end"),
    [
        (WishKind.HOLD_BATTERY, "17-20", "29.11. 17:00", "29.11. 20:00"),
        (WishKind.HOLD_BATTERY, "15-17", "30.11. 15:00", "30.11. 17:00"),
        (WishKind.HOLD_BATTERY, "17:30 bis 20 Uhr", "29.11. 17:30", "29.11. 20:00"),
        (WishKind.HOLD_BATTERY, "van 22 tot 6 uur", "29.11. 22:00", "30.11. 06:00"),
        (WishKind.HOLD_BATTERY, "morgen 17-24:00", "30.11. 17:00", "01.12. 00:00"),
        (WishKind.HOLD_BATTERY, "2026-12-05 17:00:00 - 2026-12-05 20:00:00", "05.12. 17:00", "05.12. 20:00"),
        (WishKind.ABSENCE, "2026-12-24T18:00:00+00:00", "now", "24.12. 19:00"),
        (WishKind.ABSENCE, "until 24.12.", "now", "25.12. 00:00"),
        (WishKind.ABSENCE, "28.12. - 3.1.", "28.12. 00:00", "04.01. 00:00"),
        (WishKind.ABSENCE, "bis Sonntag 12 Uhr", "now", "06.12. 12:00"),
        (WishKind.TRIP, "Sat 8:00 - Sun 20:00", "05.12. 08:00", "06.12. 20:00"),
        (WishKind.PAUSE_VEHICLE, "nicht vor 22 Uhr", "now", "29.11. 22:00"),
        (WishKind.PAUSE_VEHICLE, "7:00", "now", "30.11. 07:00"),
    ],
)
def test_times_are_read_as_they_are_said(kind: WishKind, words: str, start: str, end: str) -> None:
    wish = read(kind, words)
    assert (local(wish.start), local(wish.end), wish.days) == (start, end, ())


@pytest.mark.parametrize(
    ("words", "days"),
    [
        ("17-20 daily", "mon tue wed thu fri sat sun"),
        ("17-20 täglich", "mon tue wed thu fri sat sun"),
        ("17-20 elke dag", "mon tue wed thu fri sat sun"),
        ("Mo-Fr 17-20", "mon tue wed thu fri"),
        ("17-20 fr-mon", "mon fri sat sun"),
        ("17-20 mo, mi und fr", "mon wed fri"),
        ("17-20 every sat", "sat"),
        ("17-20 zaterdags", "sat"),
        ("werktags 17-20", "mon tue wed thu fri"),
    ],
)
def test_what_comes_again_has_its_days(words: str, days: str) -> None:
    wish = read(WishKind.HOLD_BATTERY, words)
    assert " ".join(wish.days) == days
    assert wish.start is not None
    assert wish.end - wish.start == timedelta(hours=3)


def test_a_trip_has_its_energy_and_a_weekly_goal_its_charge() -> None:
    assert read(WishKind.TRIP, "Sa 8:00 - So 20:00 40,5 kWh").kwh == 40.5
    goal = read(WishKind.WEEKLY_GOAL, "80 % 7:00")
    assert goal.soc_pct == 80
    assert len(goal.days) == 7
    assert read(WishKind.WEEKLY_GOAL, "80 % 7:00 Mo").days == ("mon",)


@pytest.mark.parametrize(
    ("kind", "words", "why"),
    [
        (WishKind.HOLD_BATTERY, "17-25", "25 is no time of day"),
        (WishKind.HOLD_BATTERY, "31.2. 17-20", "31.2. is no date"),
        (WishKind.HOLD_BATTERY, "teatime", "'teatime' is not understood"),
        (WishKind.HOLD_BATTERY, "20:00", "start is missing"),
        (WishKind.HOLD_BATTERY, "80 % 17-20", "has no soc_pct"),
        (WishKind.WEEKLY_GOAL, "7:00", "has soc_pct"),
        (WishKind.TRIP, "40 kWh", "a time is missing"),
        (WishKind.ABSENCE, "5-6, 7-8", "too many"),
    ],
)
def test_what_is_not_understood_is_named_with_an_example(kind: WishKind, words: str, why: str) -> None:
    with pytest.raises(NotUnderstood, match=why):
        read(kind, words)


@pytest.mark.parametrize("kind", list(WishKind))
def test_every_example_is_understood_and_can_be_typed_again(kind: WishKind) -> None:
    for words in EXAMPLES[kind].split(", "):
        wish = read(kind, words)
        for language in Language:
            assert read(kind, written(wish, BERLIN, language)) == wish


@pytest.mark.parametrize("kind", list(WishKind))
def test_every_example_that_a_refusal_gives_is_understood_in_its_own_language(kind: WishKind) -> None:
    now = datetime(2026, 1, 14, 18, tzinfo=UTC)
    english = EXAMPLES[kind]
    for language in (Language.DE, Language.NL):
        said = getattr(answers(BERLIN).answer(WishNotUnderstood(english, "why"), now).text, language)
        examples = said.partition(": ")[2].removesuffix(".")
        assert not re.search("daily|tomorrow|mon-fri|Sat|Sun", examples)
        for words, same in zip(examples.split(", "), english.split(", "), strict=True):
            assert read(kind, words) == read(kind, same)


@given(st.text(alphabet="0123456789:.-, %kWhTZ+adiläymontuesbv", max_size=40))
def test_any_text_is_understood_or_refused_in_words(words: str) -> None:
    try:
        wish = understood(AskedWish(kind=WishKind.HOLD_BATTERY, words=words or "x"), NOW, BERLIN)
    except NotUnderstood:
        return
    assert wish.end.tzinfo is UTC
