"""Which value wins, and what is carried forward."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ems.contract.vehicle import AgeClass
from vehicle_soc.domain.charged_energy import EnergyLedger, Live
from vehicle_soc.domain.readings import Reading
from vehicle_soc.domain.soc_estimate import BatteryTraits, age_class, combine

NOW = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def said(source: str, soc: float | None, ago: timedelta = timedelta(), **more: Any) -> Reading:
    return Reading(source, NOW, soc_pct=soc, measured_at=NOW - ago, **more)


def test_an_unknown_soc_stays_unknown() -> None:
    best = combine([Reading("renault", NOW, plugged_in=True)], None, EnergyLedger(), BatteryTraits(50), NOW)
    assert (best.soc_pct, best.source, best.estimated, best.plugged_in) == (None, None, False, True)
    assert age_class(best, 3600, NOW) is AgeClass.UNKNOWN


def test_a_soc_of_zero_that_was_never_read_is_no_soc() -> None:
    """The gateway leaves evcc's 0 before the first reading out; a car that is there without a SoC is not empty."""
    best = combine([], Live("1", NOW, soc_pct=None), EnergyLedger(), BatteryTraits(50), NOW)
    assert (best.soc_pct, best.plugged_in) == (None, True)


def test_evcc_wins_while_it_is_live_even_over_a_newer_manual_value() -> None:
    best = combine([said("manual", 90)], Live("1", NOW - MINUTE, soc_pct=41), EnergyLedger(), BatteryTraits(50), NOW)
    assert (best.source, best.soc_pct) == ("evcc", 41)


def test_a_live_value_that_stopped_coming_is_not_live() -> None:
    best = combine(
        [said("renault", 63, HOUR)], Live("1", NOW - 10 * MINUTE, soc_pct=41), EnergyLedger(), BatteryTraits(50), NOW
    )
    assert (best.source, best.soc_pct) == ("renault", 63)


def test_a_manual_value_counts_while_it_is_the_newest() -> None:
    old, new = said("renault", 63, HOUR), said("manual", 70, MINUTE)
    assert combine([old, new], None, EnergyLedger(), BatteryTraits(50), NOW).source == "manual"
    assert combine([said("renault", 63), new], None, EnergyLedger(), BatteryTraits(50), NOW).source == "renault"


def test_without_a_capacity_nothing_is_carried_forward() -> None:
    ledger = EnergyLedger().note(Live("1", NOW - HOUR, session_kwh=0)).note(Live("1", NOW, session_kwh=5))
    best = combine([said("renault", 63, HOUR)], None, ledger, BatteryTraits(None), NOW)
    assert (best.soc_pct, best.estimated) == (63, False)


@given(
    soc=st.floats(0, 100),
    kwh=st.floats(0, 200),
    capacity=st.floats(5, 200),
    ago=st.integers(1, 600),
)
def test_an_estimate_never_falls_below_the_reading_and_never_exceeds_100(
    soc: float, kwh: float, capacity: float, ago: int
) -> None:
    ledger = EnergyLedger().note(Live("1", NOW - 1000 * MINUTE, session_kwh=0)).note(Live("1", NOW, session_kwh=kwh))
    best = combine([said("renault", soc, ago * MINUTE)], None, ledger, BatteryTraits(capacity), NOW)
    assert best.soc_pct is not None
    assert soc <= best.soc_pct <= 100
    assert best.estimated == (best.uncertainty_pct is not None)
