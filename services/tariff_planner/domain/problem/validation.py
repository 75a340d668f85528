"""What numbers may be; each raises ValueError in words."""

from datetime import datetime
from math import isfinite


def finite(*values: float) -> None:
    """All of them are numbers."""
    if not all(isfinite(v) for v in values):
        raise ValueError("not a finite number")


def not_negative(**values: float | None) -> None:
    """All that are there are numbers from 0 up; named in the error."""
    for name, value in values.items():
        if value is not None and not (isfinite(value) and value >= 0):
            raise ValueError(f"{name} is finite and not negative")


def efficiency(value: float) -> None:
    """More than nothing comes out, and no more than goes in."""
    if not 0 < value <= 1:
        raise ValueError("an efficiency lies above 0 and at most at 1")


def aware(**moments: datetime | None) -> None:
    """All that are there have their offset from UTC; named in the error."""
    for name, moment in moments.items():
        if moment is not None and moment.tzinfo is None:
            raise ValueError(f"{name} needs its offset from UTC, such as Z or +01:00")
