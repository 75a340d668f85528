"""What the parts of a message say, each by itself."""

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, auto

from notifier.domain.language.understood import Intent, Unclear


class Part(Enum):
    """A part of a day."""

    MORNING = auto()
    FORENOON = auto()
    NOON = auto()
    AFTERNOON = auto()
    EVENING = auto()
    NIGHT = auto()
    TONIGHT = auto()
    """The evening and the night after it."""


class Style(Enum):
    """How a clock's time was said; it tells what may be meant by its hour."""

    EXACT = auto()
    """No doubt: 07:30, 18 Uhr, 7pm."""
    FIGURES = auto()
    """7 Uhr, um 7, 7:30: the clock with 24 hours, unless it is an hour that nobody gets up for."""
    SPOKEN = auto()
    """Halb acht, 10 vor 8: the clock on the wall, in German."""
    DIAL = auto()
    """Half past seven: the next time that the clock on the wall shows it."""
    WORDS = auto()
    """Quarter to seven, by seven: one of the two times that the clock on the wall shows it."""


@dataclass(frozen=True, slots=True)
class Soc:
    """A state of charge in percent."""

    pct: float


@dataclass(frozen=True, slots=True)
class Bare:
    """A number that nothing beside it explains."""

    number: int
    words: bool = False
    """It was written in English words."""


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day. 24:00 is the end of a day."""

    hour: int
    minute: int = 0
    style: Style = Style.FIGURES


@dataclass(frozen=True, slots=True)
class Offset:
    """What a clock's time is said in: a distance from UTC, or which of the two hours of an autumn night."""

    minutes: int | None = None
    fold: int | None = None
    """As datetime's: 0 is summer time, 1 winter time."""


@dataclass(frozen=True, slots=True)
class Span:
    """So long from now."""

    length: timedelta


@dataclass(frozen=True, slots=True)
class DaySpan:
    """So many days from now, at the same time of day unless another is said."""

    days: int


@dataclass(frozen=True, slots=True)
class Ahead:
    """Today, tomorrow, the day after."""

    days: int


class Which(Enum):
    """Which of the days with a weekday's name."""

    COMING = auto()
    NEXT = auto()
    """Next Friday: people disagree which that is."""
    NEXT_WEEK = auto()


@dataclass(frozen=True, slots=True)
class Weekday:
    """A day by its name; Monday is 0."""

    number: int
    which: Which = Which.COMING


@dataclass(frozen=True, slots=True)
class Date:
    """A day of the year."""

    month: int
    day: int
    year: int | None = None


@dataclass(frozen=True, slots=True)
class DayOfMonth:
    """The next day with this number."""

    day: int


@dataclass(frozen=True, slots=True)
class Weekend:
    """The next Saturday."""


@dataclass(frozen=True, slots=True)
class NextWeek:
    """The week after this one; it says no day by itself."""


@dataclass(frozen=True, slots=True)
class During:
    """A part of the day."""

    part: Part


@dataclass(frozen=True, slots=True)
class Wish:
    """What is wanted, without figures."""

    intent: Intent


@dataclass(frozen=True, slots=True)
class Veto:
    """Something that forbids to understand the rest."""

    why: Unclear = Unclear.NONSENSE


@dataclass(frozen=True, slots=True)
class Unknown:
    """A word that may mean anything: the rest is to be confirmed."""

    word: str


@dataclass(frozen=True, slots=True)
class Either:
    """One of several meanings; each is what these facts would say in its place."""

    options: "tuple[tuple[Fact, ...], ...]"


type DayFact = Ahead | Weekday | Date | DayOfMonth | Weekend
type Fact = Soc | Bare | Clock | Offset | Span | DaySpan | DayFact | NextWeek | During | Wish | Veto | Unknown | Either
