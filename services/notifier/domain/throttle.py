"""How often people are spoken to: once per reason and window, with a rest in between."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

REMEMBER = timedelta(days=7)
"""Age at which a window that was spoken of is forgotten."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why somebody would be spoken to.

    ``key`` says about what (``charge:zoe``), ``start`` and ``end`` for which window, and ``rest`` how long the same
    ``key`` stays silent whatever comes.
    """

    key: str
    start: datetime
    end: datetime
    rest: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class PastReason:
    """A window of which was spoken, and when for the last time."""

    key: str
    start: datetime
    end: datetime
    at: datetime


def is_news(past: Iterable[PastReason], reason: Reason, now: datetime) -> bool:
    """Whether nobody was spoken to for this reason and window yet, and the rest is over."""
    for one in past:
        if one.key != reason.key:
            continue
        same_window = one.start <= reason.end and reason.start <= one.end
        if same_window or now - one.at < reason.rest:
            return False
    return True


def extend(past: tuple[PastReason, ...], reason: Reason) -> tuple[PastReason, ...]:
    """The windows, the one of ``reason`` grown by it: forty-eight cheap slots in a row are one reason."""
    return tuple(
        replace(one, start=min(one.start, reason.start), end=max(one.end, reason.end))
        if one.key == reason.key and one.start <= reason.end and reason.start <= one.end
        else one
        for one in past
    )


def remember(past: tuple[PastReason, ...], reason: Reason, now: datetime) -> tuple[PastReason, ...]:
    """``reason`` was spoken of now; what is long over is forgotten."""
    fresh = (one for one in past if max(one.end, one.at) > now - REMEMBER)
    return (*fresh, PastReason(reason.key, reason.start, reason.end, now))
