"""The rules against pestering: once per reason and window, with a rest in between."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

REMEMBER = timedelta(days=7)


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
class Told:
    """A window of which was spoken, and when for the last time."""

    key: str
    start: datetime
    end: datetime
    at: datetime


def is_news(told: Iterable[Told], reason: Reason, now: datetime) -> bool:
    """Whether nobody was spoken to for this reason and window yet, and the rest is over."""
    for one in told:
        if one.key != reason.key:
            continue
        same_window = one.start <= reason.end and reason.start <= one.end
        if same_window or now - one.at < reason.rest:
            return False
    return True


def follow(told: tuple[Told, ...], reason: Reason) -> tuple[Told, ...]:
    """A window that was spoken of goes on: forty-eight cheap slots in a row are one reason, however it moves on."""
    return tuple(
        replace(one, start=min(one.start, reason.start), end=max(one.end, reason.end))
        if one.key == reason.key and one.start <= reason.end and reason.start <= one.end
        else one
        for one in told
    )


def remember(told: tuple[Told, ...], reason: Reason, now: datetime) -> tuple[Told, ...]:
    """``reason`` was spoken of now; what is long over is forgotten."""
    fresh = (one for one in told if max(one.end, one.at) > now - REMEMBER)
    return (*fresh, Told(reason.key, reason.start, reason.end, now))
