"""What people mean by what they write."""

from datetime import UTC, datetime, timedelta

import pytest

from notifier.domain.language.reader import span_of, understand
from notifier.domain.language.understood import (
    Ambiguous,
    Expecting,
    Intent,
    Unclear,
    Understood,
)
from support.phrases import BERLIN, NOW, local


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
        ("24.11. 6:00", "2026-11-24 06:00"),
        ("24. November um 6", "2026-11-24 06:00"),
        ("2026-11-24 06:00", "2026-11-24 06:00"),
        ("heute um Mitternacht", "2026-11-19 00:00"),
        ("tonight at 10", "2026-11-18 22:00"),
        ("heute Abend um 9", "2026-11-18 21:00"),
        ("12 am", "2026-11-19 00:00"),
        ("I need it by 7 Uhr 15", "2026-11-19 07:15"),
        ("18.30h", "2026-11-19 18:30"),
        ("7³⁰ Uhr", "2026-11-19 07:30"),
        ("tomorrow at ten thirty pm", "2026-11-19 22:30"),
        ("Donnerstag, 26.11. 8 Uhr", "2026-11-26 08:00"),
        ("Friday, 27th of November", "2026-11-27 07:00"),
        ("Dienstag, den 24.", "2026-11-24 07:00"),
        ("Freitag nächster Woche", "2026-11-27 07:00"),
        ("2026-11-24T05:00:00Z", "2026-11-24 06:00"),
        ("um 7 am 24. November", "2026-11-24 07:00"),
        ("morgen um 9 reicht", "2026-11-19 09:00"),
    ],
)
def test_a_departure_is_understood(text: str, departure: str) -> None:
    assert understand(text, NOW, BERLIN) == Understood(departure=local(departure))


@pytest.mark.parametrize(
    ("text", "soc_pct"),
    [("80", 80), ("80%", 80), ("80 Prozent", 80), ("voll", 100), ("full, please", 100), ("62,5 %", 62.5)],
)
def test_a_fullness_is_understood(text: str, soc_pct: float) -> None:
    assert understand(text, NOW, BERLIN) == Understood(soc_pct)


@pytest.mark.parametrize(
    "text", ["80% bis morgen 7 Uhr", "tomorrow at 7, 80", "80 bis morgen früh", "bitte um 7:00 80 Prozent"]
)
def test_both_are_understood_together(text: str) -> None:
    assert understand(text, NOW, BERLIN) == Understood(80, local("2026-11-19 07:00"))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", Unclear.NONSENSE),
        ("banana", Unclear.NONSENSE),
        ("um 25:00", Unclear.NONSENSE),
        ("um 7:61", Unclear.NONSENSE),
        ("31.2. um 7", Unclear.NONSENSE),
        ("13 pm", Unclear.NONSENSE),
        ("in -3h", Unclear.NONSENSE),
        ("in 3h um 7", Unclear.NONSENSE),
        ("80 90", Unclear.NONSENSE),
        ("3hund", Unclear.NONSENSE),
        ("0", Unclear.NOT_A_SOC),
        ("nicht morgen", Unclear.NONSENSE),
        ("5 %", Unclear.NOT_A_SOC),
        ("120%", Unclear.NOT_A_SOC),
        ("heute um 14 Uhr", Unclear.PAST),
        ("2026-11-17 um 7", Unclear.PAST),
        ("in 0 h", Unclear.PAST),
        ("24.12. um 7", Unclear.TOO_FAR),
        ("17.11. um 7", Unclear.TOO_FAR),
        ("in 9000 h", Unclear.TOO_FAR),
    ],
)
def test_what_is_not_wholly_understood_is_not_understood(text: str, why: Unclear) -> None:
    assert understand(text, NOW, BERLIN) is why


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
    assert understand(text, local(written), BERLIN) == Understood(departure=local(meant))


@pytest.mark.parametrize(
    ("text", "written", "meant_utc"),
    [
        # Spring: 02:00 becomes 03:00 on 29 March.
        ("morgen um 7", "2026-03-28 20:00", "2026-03-29T05:00Z"),
        ("in 3h", "2026-03-29 00:30", "2026-03-29T02:30Z"),
        ("um 03:00", "2026-03-28 20:00", "2026-03-29T01:00Z"),
        # Autumn: 03:00 becomes 02:00 on 25 October.
        ("morgen um 7", "2026-10-24 20:00", "2026-10-25T06:00Z"),
        ("in 3h", "2026-10-25 01:00", "2026-10-25T02:00Z"),
        ("02:30 CET", "2026-10-24 20:00", "2026-10-25T01:30Z"),
        ("02:30 MESZ", "2026-10-24 20:00", "2026-10-25T00:30Z"),
        ("Montag 6 Uhr", "2026-10-24 20:00", "2026-10-26T05:00Z"),
    ],
)
def test_times_are_right_over_both_changes_of_the_clock(text: str, written: str, meant_utc: str) -> None:
    assert understand(text, local(written), BERLIN) == Understood(departure=datetime.fromisoformat(meant_utc))


@pytest.mark.parametrize(
    ("text", "written", "meant_utc"),
    [
        ("um 02:30", "2026-03-28 20:00", ["2026-03-29T00:30Z", "2026-03-29T01:30Z"]),
        ("um 02:30", "2026-10-24 20:00", ["2026-10-25T00:30Z", "2026-10-25T01:30Z"]),
        ("in 4h", "2026-10-24 23:00", ["2026-10-25T00:00Z", "2026-10-25T01:00Z"]),
    ],
)
def test_an_hour_that_comes_twice_or_never_is_asked_back(text: str, written: str, meant_utc: list[str]) -> None:
    found = understand(text, local(written), BERLIN)
    assert isinstance(found, Ambiguous)
    assert [a.departure for a in found.alternatives] == [datetime.fromisoformat(m) for m in meant_utc]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("um 3", ["2026-11-19 03:00", "2026-11-19 15:00"]),
        ("by seven", ["2026-11-19 07:00", "2026-11-19 19:00"]),
        ("quarter to eight", ["2026-11-18 19:45", "2026-11-19 07:45"]),
        ("half eight", ["2026-11-18 19:30", "2026-11-18 20:30", "2026-11-19 07:30", "2026-11-19 08:30"]),
        ("So um 8", ["2026-11-19 08:00", "2026-11-22 08:00"]),
        ("bis 20.", ["2026-11-18 20:00", "2026-11-20 07:00"]),
        ("Freitag 20", ["2026-11-20 07:00", "2026-11-20 20:00"]),
        ("next friday", ["2026-11-20 07:00", "2026-11-27 07:00"]),
        ("Mittwoch 20 Uhr", ["2026-11-18 20:00", "2026-11-25 20:00"]),
        ("Freitag nacht um 2", ["2026-11-20 02:00", "2026-11-21 02:00"]),
        ("morgen nacht um 3", ["2026-11-19 03:00", "2026-11-20 03:00"]),
        ("6-7 Uhr", ["2026-11-19 06:00", "2026-11-19 07:00"]),
        ("zwischen 7 und 8", []),
        ("7 oder 8 Uhr", ["2026-11-19 07:00", "2026-11-19 08:00"]),
        ("heute um 8", ["2026-11-18 20:00"]),
        ("Donnerstag 20.11.", ["2026-11-20 07:00"]),
        ("12/5 7am", ["2026-12-05 07:00"]),
        ("in acht Tagen", ["2026-11-25 19:20", "2026-11-26 19:20"]),
        ("7 Uhr Blumen", ["2026-11-19 07:00"]),
        ("ab 22 Uhr laden", ["2026-11-18 22:00"]),
        ("charge from 10pm", ["2026-11-18 22:00"]),
        ("5 to 7", []),
        ("20 to 80", []),
        ("für 3 Stunden", []),
        ("in 1.30 h", []),
        ("um 7 50", []),
        ("20.-22.11. 7 Uhr", []),
        ("7", ["2026-11-19 07:00"]),
    ],
)
def test_what_can_be_meant_in_several_ways_is_asked_back_and_never_guessed(text: str, meant: list[str]) -> None:
    found = understand(text, NOW, BERLIN)
    assert not isinstance(found, Understood)
    options = found.alternatives if isinstance(found, Ambiguous) else ()
    assert sorted(a.departure for a in options if a.departure) == [local(m) for m in meant]


def test_a_number_that_may_be_an_hour_or_a_soc_is_asked_back_unless_a_question_says_which() -> None:
    both = Ambiguous((Understood(departure=local("2026-11-18 20:00")), Understood(20)))
    assert understand("20", NOW, BERLIN) == both
    assert understand("20", NOW, BERLIN, expecting=Expecting.WHEN) == both.alternatives[0]
    assert understand("20", NOW, BERLIN, expecting=Expecting.HOW_FULL) == both.alternatives[1]
    assert understand("7", NOW, BERLIN, expecting=Expecting.HOW_FULL) is Unclear.NOT_A_SOC
    assert understand("80", NOW, BERLIN, expecting=Expecting.WHEN) == Understood(80)


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("nein", Intent.NO),
        ("Nein, danke!", Intent.NO),
        ("ja", Intent.YES),
        ("egal", Intent.NO_HURRY),
        ("Keine Eile 🙂", Intent.NO_HURRY),
        ("no rush", Intent.NO_HURRY),
        ("doch nicht", Intent.CANCEL),
        ("don\u2019t charge", Intent.CANCEL),
        ("asap", Intent.NOW),
        ("status", Intent.STATUS),
        ("Wie voll ist das Auto?", Intent.STATUS),
        ("Hilfe", Intent.HELP),
    ],
)
def test_words_without_figures_are_intents(text: str, intent: Intent) -> None:
    assert understand(text, NOW, BERLIN) == Understood(intent=intent)


def test_no_hurry_beside_a_soc_is_a_goal_without_departure() -> None:
    assert understand("80 %, keine Eile", NOW, BERLIN) == Understood(80, intent=Intent.NO_HURRY)
    assert understand("nein, 80 %", NOW, BERLIN) == Ambiguous((Understood(80),))


@pytest.mark.parametrize("text", ["80 % e-Up! um 7", "e-up!: 80 um 7", "um 7 den e-up! auf 80", "E-UP! 80% 7 Uhr"])
def test_a_cars_name_may_stand_anywhere(text: str) -> None:
    found = understand(text, NOW, BERLIN, cars=("e-up!", "EV6"))
    assert found == Understood(80, local("2026-11-19 07:00"), cars=("e-up!",))


def test_a_number_in_a_cars_name_is_no_number_of_the_message() -> None:
    assert understand("EV6 80", NOW, BERLIN, cars=("EV6",)) == Understood(80, cars=("EV6",))
    assert understand("Model 3: morgen 7", NOW, BERLIN, cars=("Model 3",)) == Understood(
        departure=local("2026-11-19 07:00"), cars=("Model 3",)
    )


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("2h", 120),
        ("90", 90),
        ("90 min", 90),
        ("8h", 480),
        ("eine halbe Stunde", 30),
        ("1,5 Std.", 90),
        ("1h 30min", 90),
    ],
)
def test_a_span_alone_is_read_for_commands(text: str, minutes: float) -> None:
    assert span_of(text) == timedelta(minutes=minutes)


def test_what_is_no_span_is_none_for_commands() -> None:
    assert span_of("morgen") is None
    assert span_of("zwei Bananen") is None


def test_an_hour_that_comes_twice_is_understood_with_its_season() -> None:
    twice = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    before = twice - timedelta(hours=4)
    for words in ("02:30 summer time", "02:30 Uhr Sommerzeit", "02:30 uur zomertijd", "02:30 CEST"):
        assert understand(words, before, BERLIN) == Understood(None, twice)
    for words in ("02:30 winter time", "morgen 02:30 Uhr Winterzeit", "02:30 CET"):
        assert understand(words, before, BERLIN) == Understood(None, twice + timedelta(hours=1))
