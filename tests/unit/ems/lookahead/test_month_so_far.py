"""The month as the savings count it, for whoever looks ahead."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from ems.lookahead.dynamic_program import MonthSoFar
from support.month_savings import month_savings

ZONE = ZoneInfo("Europe/Berlin")
COUNTED = datetime(2026, 5, 31, 21, 50, tzinfo=UTC)


def test_last_month_is_no_longer_there_in_this_one() -> None:
    """The ledger speaks once a quarter of an hour; what is stored more is counted by who looks ahead."""
    found = month_savings(4.2, COUNTED, stored_eur=0.7)
    assert MonthSoFar.counted(found, COUNTED, ZONE) == MonthSoFar(4.2 - 0.7, 3.0)
    assert MonthSoFar.counted(found, COUNTED + timedelta(minutes=15), ZONE) == MonthSoFar()
    assert MonthSoFar.counted(None, COUNTED, ZONE) == MonthSoFar()
