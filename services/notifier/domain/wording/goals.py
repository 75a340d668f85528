"""A car's goal: what was understood, what words may mean, and what a command about it answers."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class GoalIs:
    """A car's goal; without a SoC it has none, without a departure it counts whenever energy is cheap."""

    kind: ClassVar[str] = "goal_is"
    car: str
    soc_pct: float | None = None
    departure: datetime | None = None
    asked_by: str = ""


@dataclass(frozen=True, slots=True)
class GoalTaken:
    """What was understood; ``first`` counts before it, where somebody needs more, or earlier."""

    kind: ClassVar[str] = "goal_taken"
    mine: GoalIs
    first: GoalIs | None = None


@dataclass(frozen=True, slots=True)
class Alternative:
    """One meaning of words that have several, short enough for a button.

    Raises:
        ValueError: it means nothing.
    """

    kind: ClassVar[str] = "alternative"
    soc_pct: float | None = None
    departure: datetime | None = None

    def __post_init__(self) -> None:
        if self.soc_pct is None and self.departure is None:
            raise ValueError("means nothing")


@dataclass(frozen=True, slots=True)
class OneOf:
    """An old order for a car that may mean one of these.

    Raises:
        ValueError: they may mean nothing.
    """

    kind: ClassVar[str] = "one_of"
    car: str
    alternatives: tuple[Alternative, ...]

    def __post_init__(self) -> None:
        if not self.alternatives:
            raise ValueError("means nothing")


@dataclass(frozen=True, slots=True)
class MayMean:
    """Words of a command that may mean one of these: they are refused.

    Raises:
        ValueError: they may mean nothing.
    """

    kind: ClassVar[str] = "may_mean"
    alternatives: tuple[Alternative, ...]

    def __post_init__(self) -> None:
        if not self.alternatives:
            raise ValueError("means nothing")


@dataclass(frozen=True, slots=True)
class DepartureHeard:
    """What was heard as the departure, before how full is asked."""

    kind: ClassVar[str] = "departure_heard"
    departure: datetime


@dataclass(frozen=True, slots=True)
class GoalReached:
    """A goal that the car has reached already."""

    kind: ClassVar[str] = "goal_reached"
    car: str
    soc_pct: float
    wanted_soc_pct: float
