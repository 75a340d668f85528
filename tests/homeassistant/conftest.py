"""What Home Assistant's own fixtures need to know."""

import pytest


@pytest.fixture
def expected_lingering_timers() -> bool:
    """Home Assistant's MQTT client leaves one behind in tests."""
    return True
