"""What people wish of the plan, and what that costs."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from typing import ClassVar

from ems.contract.wishes import WishKind


@dataclass(frozen=True, slots=True)
class TimeWords:
    """How one language says when something is, in small letters; of several words the first is written."""

    daily: tuple[str, ...]
    workdays: tuple[str, ...]
    weekend: tuple[str, ...]
    every: tuple[str, ...]
    """Before a day that comes again."""
    day: str
    days_ahead: Mapping[str, int]
    to: tuple[str, ...]
    """Between a beginning and an end."""
    fillers: frozenset[str]
    """Words that change nothing."""


def translated(examples: str, words: Mapping[str, str]) -> str:
    """Examples of what may be typed, in another language: each of ``words`` replaced where it stands by itself."""
    return re.sub("|".join(rf"\b{word}\b" for word in words), lambda found: words[found[0]], examples)


def called(wish: str, about: str, names: Mapping[WishKind, str]) -> str:
    """What people call the wish of an id: its kind in one language, and whose or which it is."""
    kind = wish.partition("-")[0]
    name = names[WishKind(kind)] if kind in set(WishKind) else kind
    return f"{about}: {name}" if about else name


def all_called(wishes: Sequence[str], about: Sequence[str], names: Mapping[WishKind, str]) -> tuple[str, ...]:
    """The same for several."""
    return tuple(called(*each, names) for each in zip_longest(wishes, about[: len(wishes)], fillvalue=""))


@dataclass(frozen=True, slots=True)
class WishTold:
    """A wish, when it is, and what it costs; ``who`` is None for the battery and the whole home."""

    kind: ClassVar = "wish"
    what: WishKind
    who: str | None
    start: datetime | None
    """None: it has begun, or has no beginning."""
    end: datetime
    again: bool = False
    """Whether it comes again every week."""
    soc_pct: float | None = None
    kwh: float | None = None
    eur: float | None = None
    """Beyond the plan without it; None where that is not known."""
    missed_kwh: float = 0.0
    """What goals lack more because of it."""
    trial: bool = False
    """Whether it is priced only."""
