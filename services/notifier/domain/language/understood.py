"""What came of a message: understood, doubtful, or not understood."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Expecting(StrEnum):
    """What the question that is open wants to know; it gives a bare number its meaning."""

    WHEN = "when"
    HOW_FULL = "how_full"


class Intent(StrEnum):
    """What somebody wants who names neither a fullness nor a time."""

    YES = "yes"
    NO = "no"
    CANCEL = "cancel"
    NO_HURRY = "no_hurry"
    NOW = "now"
    STATUS = "status"
    HELP = "help"


@dataclass(frozen=True, slots=True)
class Understood:
    """What was said. At least one of the first three is there; ``departure`` is in UTC.

    ``cars`` are the names, of those handed in, that the message mentions, as they were handed in.
    """

    soc_pct: float | None = None
    departure: datetime | None = None
    intent: Intent | None = None
    cars: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """What may have been said: to be asked back, each as a button. A single one is to be confirmed."""

    alternatives: tuple[Understood, ...]


class Unclear(StrEnum):
    """Why something was not understood."""

    NONSENSE = "nonsense"
    PAST = "past"
    TOO_FAR = "too_far"
    NOT_A_SOC = "not_a_soc"
    RECURRING = "recurring"
    NOT_A_RANGE = "not_a_range"
    """Kilometres and kilowatt-hours say no SoC."""


type Reading = Understood | Ambiguous | Unclear

MIN_PCT, MAX_PCT = 10, 100
FARTHEST = timedelta(days=31)
