"""Numbers, money and moments as people write them, in each language."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from ems.contract.message import Language, Text
from ems.i18n.formatter import Formatter
from ems.i18n.languages import LOCALES, in_every_language

BERLIN = ZoneInfo("Europe/Berlin")
THURSDAY = datetime(2026, 1, 15, 20, tzinfo=UTC)
"""21:00 in Berlin."""


def writer(language: str, now: datetime = THURSDAY, zone: ZoneInfo = BERLIN, code: str = "EUR") -> Formatter:
    return Formatter(LOCALES[Language(language)], zone, now, code)


def test_every_language_has_a_locale_with_whole_weeks_and_years() -> None:
    assert set(LOCALES) == set(Language)
    for locale in LOCALES.values():
        assert (len(locale.weekdays), len(locale.short_weekdays), len(locale.months)) == (7, 7, 12)


@pytest.mark.parametrize(
    ("hours", "en", "de", "nl"),
    [
        (1, "22:00", "22:00 Uhr", "22:00 uur"),
        (3, "00:00", "00:00 Uhr", "00:00 uur"),
        (3.25, "tomorrow 00:15", "morgen 00:15 Uhr", "morgen 00:15 uur"),
        (24, "tomorrow 21:00", "morgen 21:00 Uhr", "morgen 21:00 uur"),
        (27, "Saturday 00:00", "Samstag 00:00 Uhr", "zaterdag 00:00 uur"),
        (70, "Sunday 19:00", "Sonntag 19:00 Uhr", "zondag 19:00 uur"),
        (-22, "yesterday 23:00", "gestern 23:00 Uhr", "gisteren 23:00 uur"),
        (24 * 7, "Thu 22 Jan 21:00", "Do 22.1. 21:00 Uhr", "do 22 jan 21:00 uur"),
        (-48, "Tue 13 Jan 21:00", "Di 13.1. 21:00 Uhr", "di 13 jan 21:00 uur"),
    ],
)
def test_a_moment_has_its_day_unless_it_is_today(hours: float, en: str, de: str, nl: str) -> None:
    moment = THURSDAY + timedelta(hours=hours)
    assert [writer(language).moment(moment) for language in ("en", "de", "nl")] == [en, de, nl]


def test_at_night_tomorrow_has_its_name_because_who_is_awake_means_another_day() -> None:
    night = datetime(2026, 1, 15, 0, 30, tzinfo=UTC)
    tomorrow = night + timedelta(hours=32)
    assert writer("en", night).moment(tomorrow) == "Friday 09:30"
    assert writer("de", night + timedelta(hours=3)).moment(tomorrow) == "morgen 09:30 Uhr"


def test_what_begins_at_midnight_begins_tomorrow_and_what_ends_then_ends_today() -> None:
    midnight = THURSDAY + timedelta(hours=3)
    assert writer("en").moment(midnight) == "00:00"
    assert writer("en").begin(midnight) == "tomorrow 00:00"
    assert writer("de").span(midnight, midnight + timedelta(hours=2)) == "morgen 00:00 bis 02:00 Uhr"
    assert writer("nl").span(THURSDAY, midnight) == "21:00 tot 00:00 uur"


def test_a_span_names_the_day_once_where_both_ends_have_the_same() -> None:
    def written(first: float, last: float, language: str = "en") -> str:
        return writer(language).span(THURSDAY + timedelta(hours=first), THURSDAY + timedelta(hours=last))

    assert written(1, 2) == "22:00 to 23:00"
    assert written(2, 5) == "23:00 to tomorrow 02:00"
    assert written(25, 26) == "tomorrow 22:00 to 23:00"
    assert written(25, 30) == "tomorrow 22:00 to Saturday 03:00"
    assert written(25, 26, "de") == "morgen 22:00 bis 23:00 Uhr"
    assert written(2, 5, "nl") == "23:00 tot morgen 02:00 uur"


@pytest.mark.parametrize(
    ("zone", "first", "clock"),
    [("Europe/Berlin", 0, "02:00"), ("Europe/Dublin", 0, "01:00"), ("America/New_York", 5, "01:00")],
)
def test_the_hour_that_an_autumn_night_has_twice_says_which_one_it_is(zone: str, first: int, clock: str) -> None:
    day = 1 if zone.startswith("America") else 25
    month = 11 if zone.startswith("America") else 10
    summer = datetime(2026, month, day, first, tzinfo=UTC)
    evening, winter = summer - timedelta(hours=5), summer + timedelta(hours=1)
    english, german = (writer(language, evening, ZoneInfo(zone)) for language in ("en", "de"))
    assert english.moment(summer).endswith(f"{clock} summer time")
    assert english.moment(winter).endswith(f"{clock} winter time")
    assert english.moment(winter + timedelta(hours=1)).endswith(":00")
    assert german.moment(winter).endswith(f"{clock} Uhr Winterzeit")
    assert german.span(summer, winter).endswith(f"{clock} Sommerzeit bis {clock} Uhr Winterzeit")


def test_a_driver_abroad_reads_the_drivers_own_clock() -> None:
    assert writer("en", zone=ZoneInfo("Europe/Lisbon")).moment(THURSDAY) == "20:00"
    assert writer("en", zone=ZoneInfo("Asia/Tokyo")).moment(THURSDAY + timedelta(hours=1)) == "06:00"


@pytest.mark.parametrize(
    ("code", "en", "de"),
    [
        ("EUR", "18.2 ct", "18,2 ct"),
        ("NOK", "18.2 øre", "18,2 øre"),
        ("CHF", "18.2 Rp.", "18,2 Rp."),
        ("HUF", "0.2 HUF", "0,2 HUF"),
        ("CZK", "0.18 CZK", "0,18 CZK"),
        ("XYZ", "0.18 XYZ", "0,18 XYZ"),
    ],
)
def test_a_price_is_written_in_what_people_say_it_in(code: str, en: str, de: str) -> None:
    assert writer("en", code=code).price(0.1824) == en
    assert writer("de", code=code).price(0.1824) == de
    assert writer("nl", code=code).price(0.1824) == de


def test_amounts_have_as_many_digits_as_people_pay() -> None:
    assert writer("en").amount(2.2) == "2.20 EUR"
    assert writer("de").amount(2.2) == "2,20 EUR"
    assert writer("nl", code="HUF").amount(440.4) == "440 HUF"


def test_nobody_reads_minus_nothing_and_something_is_never_written_as_nothing() -> None:
    english = writer("en")
    assert english.price(-0.0561) == "-5.6 ct"
    assert english.price(-0.0001) == "0.0 ct"
    assert english.energy(12.34) == "12.3 kWh"
    assert english.energy(0.04) == "0.04 kWh"
    assert english.energy(0) == "0.0 kWh"
    assert english.power(4.14) == "4.1 kW"
    assert english.percent(79.6) == "80 %"
    assert english.percent(57.4999999) == english.percent(57.5) == "58 %"
    assert writer("de").energy(12.34) == writer("nl").energy(12.34) == "12,3 kWh"


def test_a_duration_is_written_in_its_largest_units() -> None:
    written = [writer("de").duration(timedelta(seconds=s)) for s in (45, 1200, 7200, 12000)]
    assert written == ["45 s", "20 min", "2 h", "3 h 20 min"]


@pytest.mark.parametrize(("language", "written"), [("en", "a, b and c"), ("de", "a, b und c"), ("nl", "a, b en c")])
def test_a_list_ends_with_and(language: str, written: str) -> None:
    assert writer(language).listed(["a", "b", "c"]) == written
    assert writer(language).listed(["a"]) == "a"


def test_a_text_holds_every_language_and_reads_english_where_one_is_missing() -> None:
    text = in_every_language(lambda language: language.value * 2)
    assert text == Text(en="enen", de="dede", nl="nlnl")
    assert text.in_language("nl") == "nlnl"
    old = Text.model_validate_json('{"en": "a", "de": "b"}')
    assert (old.in_language("nl"), old.in_language("de"), old.in_language("xx")) == ("a", "b", "a")
