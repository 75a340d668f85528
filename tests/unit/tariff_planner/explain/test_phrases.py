"""Numbers and moments as people say them, in both languages."""

from datetime import UTC, datetime, timedelta

import pytest

from ems.contract.message import Text
from support.evening import BERLIN
from support.explained import steps, told, with_car
from tariff_planner.domain.explain.phrases import (
    amount,
    kwh,
    pct,
    price,
    span,
    when,
)

THURSDAY = datetime(2026, 1, 15, 20, tzinfo=UTC)
"""21:00 in Berlin."""


@pytest.mark.parametrize(
    ("hours", "en", "de"),
    [
        (1, "22:00", "22:00"),
        (3, "00:00", "00:00"),
        (3.25, "tomorrow 00:15", "morgen 00:15"),
        (23.75, "tomorrow 20:45", "morgen 20:45"),
        (24, "tomorrow 21:00", "morgen 21:00"),
        (27, "Saturday 00:00", "Samstag 00:00"),
        (70, "Sunday 19:00", "Sonntag 19:00"),
    ],
)
def test_a_moment_has_its_day_unless_it_is_today(hours: float, en: str, de: str) -> None:
    assert when(THURSDAY + timedelta(hours=hours), THURSDAY, BERLIN) == Text(en=en, de=de)


def test_a_stretch_names_the_day_once_where_both_ends_have_the_same() -> None:
    def spoken(first: float, last: float) -> str:
        return span(THURSDAY + timedelta(hours=first), THURSDAY + timedelta(hours=last), THURSDAY, BERLIN).en

    assert spoken(2, 5) == "23:00 to tomorrow 02:00"
    assert spoken(25, 26) == "tomorrow 22:00 to 23:00"
    assert spoken(25, 30) == "tomorrow 22:00 to Saturday 03:00"


def test_the_hour_that_an_autumn_night_has_twice_says_which_one_it_is() -> None:
    evening = datetime(2026, 10, 24, 20, tzinfo=UTC)
    midnight = datetime(2026, 10, 25, 0, tzinfo=UTC)
    assert when(midnight, evening, BERLIN) == Text(en="tomorrow 02:00 summer time", de="morgen 02:00 Sommerzeit")
    second = Text(en="tomorrow 02:00 winter time", de="morgen 02:00 Winterzeit")
    assert when(midnight + timedelta(hours=1), evening, BERLIN) == second
    assert when(midnight + timedelta(hours=2), evening, BERLIN).en == "tomorrow 03:00"


def test_a_car_that_charges_in_that_hour_is_told_unmistakably() -> None:
    evening = datetime(2026, 10, 24, 22, tzinfo=UTC)
    _, charges, _ = told(with_car(steps([0.4, 0.4, 0.1, 0.2, 0.3], start=evening)))
    assert charges.text.en.startswith("From 02:00 summer time to 02:00 winter time zoe charges: 11.0 kWh")
    assert charges.text.de.startswith("Von 02:00 Sommerzeit bis 02:00 Winterzeit lädt zoe: 11,0 kWh")


def test_a_spring_night_jumps_over_an_hour() -> None:
    evening = datetime(2026, 3, 28, 23, tzinfo=UTC)
    waits, *_ = told(with_car(steps([0.4, 0.4, 0.1, 0.3], start=evening)))
    assert waits.text.en == "zoe waits until 03:00: it then charges at 10.0 ct, to have 50 % by 05:00."


def test_germans_read_a_comma_and_nobody_reads_minus_nothing() -> None:
    assert price(0.1824, "EUR") == Text(en="18.2 ct", de="18,2 ct")
    assert price(-0.0561, "EUR") == Text(en="-5.6 ct", de="-5,6 ct")
    assert price(-0.0001, "EUR").en == "0.0 ct"
    assert amount(0.614, "EUR") == Text(en="0.61 EUR", de="0,61 EUR")
    assert kwh(12.34) == Text(en="12.3 kWh", de="12,3 kWh")
    assert pct(0.8) == Text(en="80 %", de="80 %")
