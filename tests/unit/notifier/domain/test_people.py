"""When people sleep."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from notifier.domain.people import silent_until

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 18, 11, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_everybody_is_silent_only_when_all_are() -> None:
    assert silent_until([NOW, None]) is None
    assert silent_until([NOW, NOW + HOUR]) == NOW
    assert silent_until([]) is None
