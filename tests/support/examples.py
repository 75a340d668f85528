"""On how many examples a property is tried: on the same few in each run of the suite, or on many drawn anew."""

import os

from hypothesis import HealthCheck, settings

DRAWN = int(os.environ.get("EXAMPLES", "0"))
"""Examples that are drawn anew for each property; 0: the suite's own few, the same each time."""

# How long an example takes says how busy the machine is, not whether it holds.
settings.register_profile("few", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile(
    "many", deadline=None, max_examples=DRAWN or 100, suppress_health_check=[HealthCheck.too_slow]
)


def load() -> None:
    """What a property is tried on that says nothing itself."""
    settings.load_profile("many" if DRAWN else "few")


def few(count: int) -> settings:
    """``count`` examples where each costs much, unless many are asked for."""
    return settings(settings.default, max_examples=DRAWN or count)
