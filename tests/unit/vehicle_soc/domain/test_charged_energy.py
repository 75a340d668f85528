"""How much a car was charged with since a moment."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vehicle_soc.domain.charged_energy import EnergyLedger, Live

NOW = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def test_what_was_charged_before_we_came_counts_from_the_plug_in_with_its_doubt() -> None:
    ledger = EnergyLedger().note(Live("1", NOW, session_kwh=6, connected_s=7200))
    found = ledger.since(NOW - HOUR)
    assert found.kwh == pytest.approx(3)
    assert found.uncertain_kwh == pytest.approx(6 / 12**0.5)
    assert ledger.since(NOW - 5 * HOUR).kwh == 6


def test_a_session_that_begins_unseen_with_a_higher_counter_is_counted_whole() -> None:
    ledger = EnergyLedger().note(Live("1", NOW, session_kwh=0)).note(Live("1", NOW + HOUR, session_kwh=2)).left()
    assert ledger.note(Live("1", NOW + 9 * HOUR, session_kwh=5)).since(NOW - MINUTE).kwh == 7


def test_a_new_session_adds_to_the_old_one_and_power_serves_where_there_is_no_counter() -> None:
    ledger = EnergyLedger().note(Live("1", NOW, session_kwh=0)).note(Live("1", NOW + HOUR, session_kwh=4))
    ledger = ledger.note(Live("2", NOW + 2 * HOUR, session_kwh=1))
    assert ledger.since(NOW - MINUTE).kwh == 5
    power = EnergyLedger().note(Live("1", NOW, power_w=6000)).note(Live("1", NOW + MINUTE, power_w=6000))
    assert power.since(NOW - MINUTE).kwh == pytest.approx(0.1)
    gap = EnergyLedger().note(Live("1", NOW, power_w=6000)).note(Live("1", NOW + 10 * HOUR, power_w=0))
    assert gap.since(NOW - MINUTE).kwh == pytest.approx(0.5), "a power is trusted for 5 minutes"


@given(st.lists(st.tuples(st.integers(1, 5000), st.floats(0, 3)), max_size=60), st.integers(-100, 400_000))
def test_the_ledger_only_rises_and_since_only_falls(steps: list[tuple[int, float]], ago: int) -> None:
    ledger, at, total = EnergyLedger(), NOW, 0.0
    ledger = ledger.note(Live("1", at, session_kwh=0))
    for seconds, kwh in steps:
        at, total = at + timedelta(seconds=seconds), total + kwh
        ledger = ledger.note(Live("1", at, session_kwh=total))
    assert ledger.since(NOW - HOUR).kwh == pytest.approx(total)
    when = at - timedelta(seconds=ago)
    assert 0 <= ledger.since(when + MINUTE).kwh <= ledger.since(when).kwh + 1e-9
    assert len(ledger.samples) <= 400
