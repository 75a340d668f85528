"""Rates in every shape that evcc gives them, and what stays when it gives none."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ems.contract.message import Reason
from ems.contract.site import Rate, TariffKind
from ems.i18n.health.troubles import RatesOdd, RatesUntold
from evcc_poller.domain.parsing import rates
from support.evcc_recorded import VERSIONS, body

SEVEN = datetime(2026, 11, 21, 7, 0, tzinfo=UTC)
QUARTER = timedelta(minutes=15)


def slot(start: Any, end: Any, **value: Any) -> dict[str, Any]:
    return {"start": start, "end": end, **value}


@pytest.mark.parametrize(("version", "first"), [("0.207.6", SEVEN), ("0.300.8", SEVEN), ("0.313", SEVEN - QUARTER)])
def test_the_recorded_prices_are_read(version: str, first: datetime) -> None:
    found = rates.read(body(version, "tariff-grid"), TariffKind.GRID)
    assert found.unread == 0
    assert found.rates == (
        Rate(start=first, end=first + QUARTER, value=0.318),
        Rate(start=first + QUARTER, end=first + 2 * QUARTER, value=0.3748),
    )


@pytest.mark.parametrize("version", VERSIONS)
def test_a_slightly_negative_sun_is_none(version: str) -> None:
    assert [r["value"] for r in body(version, "tariff-solar")["rates"]] == [49.2, -1.5]
    found = rates.read(body(version, "tariff-solar"), TariffKind.SOLAR)
    assert [r.value for r in found.rates] == [49.2, 0]


def test_negative_prices_stay() -> None:
    found = rates.read({"rates": [slot("2026-11-21T07:00:00Z", "2026-11-21T08:00:00Z", value=-0.05)]}, TariffKind.GRID)
    assert found.rates[0].value == -0.05


def test_offsets_are_compared_as_instants_and_the_old_name_of_the_value_is_known() -> None:
    body = {
        "rates": [
            slot("2026-10-25T02:00:00+01:00", "2026-10-25T03:00:00+01:00", price=0.2),
            slot("2026-10-25T02:00:00+02:00", "2026-10-25T02:00:00+01:00", price=0.1),
        ]
    }
    found = rates.read(body, TariffKind.GRID)
    assert found.unread == 0
    assert [(r.start.hour, r.value) for r in found.rates] == [(0, 0.1), (1, 0.2)]


@pytest.mark.parametrize(
    "entries",
    [
        [slot("2026-11-21T07:00:00Z", "2026-11-21T07:15:00Z", value=410)],
        [[SEVEN.timestamp(), (SEVEN + QUARTER).timestamp(), 410]],
    ],
    ids=["objects until 0.313", "triples from 0.314"],
)
def test_co2_is_read_from_both_shapes_of_the_forecast(entries: list[Any]) -> None:
    found = rates.read_forecast({"forecast": {"co2": entries}}, TariffKind.CO2)
    assert found == rates.ReadRates((Rate(start=SEVEN, end=SEVEN + QUARTER, value=410),))


def test_a_site_without_co2_has_none() -> None:
    assert rates.read_forecast(body("0.313", "state"), TariffKind.CO2) is None


def test_slots_that_are_broken_are_counted_and_of_two_that_overlap_the_first_holds() -> None:
    good = slot("2026-11-21T07:00:00Z", "2026-11-21T07:15:00Z", value=0.3)
    broken = [
        slot("2026-11-21T07:15:00", "2026-11-21T07:30:00Z", value=0.3),  # no offset
        slot("2026-11-21T07:30:00Z", "2026-11-21T07:30:00Z", value=0.3),  # no length
        slot("2026-11-21T07:45:00Z", "2026-11-21T08:00:00Z", value="cheap"),
        slot("2026-11-21T07:45:00Z", "2026-11-21T08:00:00Z"),
        7,
    ]
    overlapping = slot("2026-11-21T07:05:00Z", "2026-11-21T07:20:00Z", value=0.9)
    found = rates.read({"rates": [good, overlapping, *broken]}, TariffKind.GRID)
    assert [(r.start.minute, r.end.minute, r.value) for r in found.rates] == [(0, 15, 0.3), (15, 20, 0.9)]
    assert (found.unread, found.doubled) == (5, 1)
    assert found.trouble(TariffKind.GRID) == RatesOdd("grid", unread=5, doubled=1)


@pytest.mark.parametrize("off_s", [-5, -1, 1, 5])
def test_a_slot_that_begins_some_seconds_early_or_late_is_kept_and_follows_the_one_before(off_s: int) -> None:
    late = SEVEN + QUARTER + timedelta(seconds=off_s)
    entries = [
        slot(SEVEN.isoformat(), (SEVEN + QUARTER).isoformat(), value=0.3),
        slot(late.isoformat(), (SEVEN + 2 * QUARTER).isoformat(), value=0.2),
    ]
    found = rates.read({"rates": entries}, TariffKind.GRID)
    first, second = found.rates
    assert (first.start, second.end, second.value) == (SEVEN, SEVEN + 2 * QUARTER, 0.2)
    assert first.end == second.start
    assert found.trouble(TariffKind.GRID) is None


def test_a_slot_that_is_there_twice_with_the_same_price_is_no_problem() -> None:
    entry = slot("2026-11-21T07:00:00Z", "2026-11-21T07:15:00Z", value=0.3)
    found = rates.read({"rates": [entry, entry]}, TariffKind.GRID)
    assert (len(found.rates), found.trouble(TariffKind.GRID)) == (1, None)


def test_two_prices_for_one_slot_are_said() -> None:
    entries = [slot("2026-11-21T07:00:00Z", "2026-11-21T07:15:00Z", value=value) for value in (0.3, 0.1)]
    found = rates.read({"rates": entries}, TariffKind.GRID)
    assert [r.value for r in found.rates] == [0.3]
    assert found.trouble(TariffKind.GRID) == RatesOdd("grid", doubled=1)


def test_more_rates_than_are_kept_are_said() -> None:
    entries = [
        [(SEVEN + n * QUARTER).timestamp(), (SEVEN + (n + 1) * QUARTER).timestamp(), 0.3]
        for n in range(rates.MAX_RATES + 7)
    ]
    found = rates.read({"rates": entries}, TariffKind.GRID)
    assert len(found.rates) == rates.MAX_RATES
    assert found.trouble(TariffKind.GRID) == RatesOdd("grid", left_out=7)


@pytest.mark.parametrize(
    ("value", "currency", "kind", "absurd"),
    [
        (30.0, "EUR", TariffKind.GRID, True),
        (-26.0, "EUR", TariffKind.FEEDIN, True),
        (9.9, "EUR", TariffKind.GRID, False),
        (60.0, "HUF", TariffKind.GRID, False),
        (12000.0, "HUF", TariffKind.GRID, True),
        (30.0, "NOK", TariffKind.GRID, False),
        (20.3, "AUD", TariffKind.GRID, False),
        (28.0, "AUD", TariffKind.GRID, True),
        (4000.0, "EUR", TariffKind.SOLAR, False),
        (410.0, "EUR", TariffKind.CO2, False),
    ],
)
def test_a_price_that_cannot_be_right_is_said_in_its_currency(
    value: float, currency: str, kind: TariffKind, absurd: bool
) -> None:
    body = {"rates": [slot("2026-11-21T07:00:00Z", "2026-11-21T07:15:00Z", value=value)]}
    found = rates.read(body, kind)
    assert found.rates[0].value == value
    odd = RatesOdd(str(kind), absurd=1, example_per_kwh=value, currency=currency)
    assert found.trouble(kind, currency) == (odd if absurd else None)


def test_the_last_good_rates_keep_their_age_and_say_why_there_are_no_newer_ones() -> None:
    good = rates.fresh(TariffKind.GRID, (Rate(start=SEVEN, end=SEVEN + QUARTER, value=0.3),), SEVEN)
    old = rates.stale(TariffKind.GRID, good, SEVEN + 10 * QUARTER, RatesUntold("grid", "outdated"))
    assert (old.rates, old.fetched_at) == (good.rates, SEVEN)
    assert old.problem == "grid rates: evcc tells none (outdated)"
    assert old.problem_reason == Reason(kind="rates_untold", parameters={"tariff": "grid", "detail": "outdated"})
    assert old.problem_text is not None
    assert old.problem_text.de == "Strompreise: evcc nennt keine (outdated)"
    never = rates.stale(TariffKind.GRID, None, SEVEN, RatesUntold("grid"))
    assert (never.rates, never.fetched_at, never.unit) == ((), SEVEN, "EUR/kWh")


def test_odd_rates_are_told_with_all_that_is_odd_about_them() -> None:
    tariff = rates.fresh(TariffKind.GRID, (), SEVEN, RatesOdd("grid", 5, 1, 7, 2, 1234.5, "HUF"))
    assert tariff.problem == (
        "grid rates: not readable: 5; with two values, of which the first is taken: 1; "
        "cannot be right: 2, such as 1234.5 HUF a kWh; too many, left out: 7"
    )
    assert tariff.problem_text is not None
    assert "können nicht stimmen: 2, etwa 1234,5 HUF je kWh" in (tariff.problem_text.de or "")


def test_the_price_now_is_that_of_the_slot_that_holds_now() -> None:
    tariff = rates.fresh(TariffKind.GRID, (Rate(start=SEVEN, end=SEVEN + QUARTER, value=0.3),), SEVEN)
    assert rates.value_at(tariff, SEVEN) == 0.3
    assert rates.value_at(tariff, SEVEN + QUARTER) is None
    assert rates.value_at(None, SEVEN) is None


ANY = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30) | st.lists(st.integers(), max_size=4)
)
ENTRY = ANY | st.fixed_dictionaries({"start": ANY, "end": ANY, "value": ANY}) | st.tuples(ANY, ANY, ANY)


@given(body=ANY | st.fixed_dictionaries({"rates": ANY | st.lists(ENTRY, max_size=5)}))
def test_garbage_instead_of_rates_is_survived(body: Any) -> None:
    found = rates.read(body, TariffKind.GRID)
    assert len(found.rates) + found.unread <= 5
    rates.read_forecast({"forecast": {"co2": body}}, TariffKind.CO2)
