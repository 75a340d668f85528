"""The words and figures of a message, each with its part in the grammar."""

from dataclasses import dataclass
from enum import StrEnum, auto
from typing import Literal

type Tongue = Literal["de", "en", "nl"]


class Kind(StrEnum):
    """What a token can be in a sentence."""

    # Figures
    NUMBER = auto()
    """A whole number, in figures or words."""
    DOTTED = auto()
    """A whole number with a dot behind it: ``20.``"""
    DECIMAL = auto()
    """Two numbers with a dot or comma between: 62,5 or 7.30 or 20.11."""
    ORDINAL = auto()
    CLOCK = auto()
    """Hour and minute, 7:30."""
    HCLOCK = auto()
    """Hour and minute with an h between: 7h30 is a clock's time, or a span."""
    DATE = auto()
    SLASHED = auto()
    """11/19: whichever of the two is the month."""
    ONE = auto()
    """An article that may be a number: eine, a."""
    MINUS = auto()
    """A sign that belongs to the number behind it."""
    # What stands before a number and gives it its meaning
    AT = auto()
    BY = auto()
    TO = auto()
    ON = auto()
    IN = auto()
    FROM = auto()
    INSTEAD = auto()
    CUE = auto()
    """A word that makes the number behind it a SoC: mindestens, target."""
    ONLY = auto()
    # What stands behind or between
    ENOUGH = auto()
    PERCENT = auto()
    OCLOCK = auto()
    AMPM = auto()
    H = auto()
    HOURS = auto()
    MINUTES = auto()
    DAYS = auto()
    WEEKS = auto()
    OFFSET = auto()
    VOR = auto()
    NACH = auto()
    DASH = auto()
    ARROW = auto()
    OR = auto()
    AND = auto()
    # Fractions
    HALF = auto()
    QUARTER = auto()
    QUARTERS3 = auto()
    SPAN = auto()
    """A span in one word, in minutes."""
    FULL = auto()
    SOC = auto()
    """A SoC in one word."""
    # Days
    AHEAD = auto()
    MORGEN = auto()
    WEEKDAY = auto()
    SO = auto()
    """Sunday's abbreviation, or the most usual of words."""
    WEEKEND = auto()
    NEXTWEEK = auto()
    NEXT = auto()
    THIS = auto()
    MONTH = auto()
    PART = auto()
    MIDNIGHT = auto()
    # The rest
    WISH = auto()
    FILLER = auto()
    BLOCK = auto()
    """A word that turns the meaning of the others."""
    UNKNOWN = auto()


@dataclass(frozen=True, slots=True)
class Token:
    """A word, phrase or figure. ``value`` is what its kind says: a number, minutes, a date, an intent."""

    kind: Kind
    text: str
    value: object = None
    tongue: Tongue | None = None
    """The language of a word; None for figures."""
    spoken: bool = False
    """A number in words."""
    parted: bool = False
    """A comma or the like stands before it."""
    capital: bool = False
    """It begins with a capital letter."""
    first: bool = False
    """It begins the message."""
    stop: bool = False
    """A dot stands behind it."""

    @property
    def number(self) -> int:
        """The value of a whole number."""
        return self.value if isinstance(self.value, int) else -1

    @property
    def real(self) -> float:
        """The value of any number."""
        return float(self.value) if isinstance(self.value, int | float) else -1.0
