"""Times that the battery's and the loadpoints' machines share, and the two times that they live in.

The machines measure on a steady time that nobody can set. What is kept on disk and published is wall time.
"""

from dataclasses import fields, is_dataclass, replace
from datetime import datetime, timedelta
from typing import Any, cast

SETTLE = timedelta(milliseconds=700)
"""Time from evcc's reply to a write until its state shows it (measured: some milliseconds, 0.1 s on a busy machine).

A person who changes something right after our write is noticed only then: within a second, with the look itself.
"""
LOOK_AGE = timedelta(milliseconds=100)
"""How long before a write a person may have acted unseen: the look that it was decided on is younger."""
LAPSE = timedelta(seconds=70)
"""Longest time for which evcc shows an external battery mode that nobody asks for again: 60 s and a control cycle."""
STAND_DOWN = timedelta(minutes=10)
"""Pause before the next try after a 409 from evcc's own optimizer."""


def shifted[T](value: T, by: timedelta) -> T:
    """``value``, a frozen dataclass, with every moment in it moved ``by``."""
    if not by:
        return value
    return cast("T", _mapped(value, lambda moment: moment + by))


def begun_by[T](value: T, now: datetime) -> T:
    """``value``, a frozen dataclass from disk, without what lies in the future: the clock was set back meanwhile.

    What has a ``since`` and an ``until`` keeps its length, and begins ``now``.
    """
    if not is_dataclass(value) or isinstance(value, type):
        return value
    since = getattr(value, "since", None)
    if isinstance(since, datetime) and since > now:
        value = shifted(value, now - since)
    changes: dict[str, Any] = {}
    for field in fields(value):
        part = getattr(value, field.name)
        if isinstance(part, datetime) and part > now and field.name != "until":
            changes[field.name] = now
        elif is_dataclass(part) and not isinstance(part, type):
            changes[field.name] = begun_by(part, now)
    return cast("T", replace(value, **changes))


def _mapped(value: Any, move: Any) -> Any:
    if isinstance(value, datetime):
        return move(value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{field.name: _mapped(getattr(value, field.name), move) for field in fields(value)})
    return value
