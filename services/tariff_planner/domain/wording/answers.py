"""What the planner's commands are answered."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from ems.contract.site import BatteryMode


@dataclass(frozen=True, slots=True)
class PlanningSet:
    """What is set now."""

    kind: ClassVar = "planning_set"
    enabled: bool
    reserve_soc_pct: float
    """Of the battery; so with the goal."""
    goal_soc_pct: float | None = None
    goal_by: datetime | None = None
    """There with ``goal_soc_pct``."""


@dataclass(frozen=True, slots=True)
class NothingToChange:
    """A command that gives nothing."""

    kind: ClassVar = "nothing_to_change"


@dataclass(frozen=True, slots=True)
class GoalInPast:
    """The moment of the battery's goal has passed."""

    kind: ClassVar = "goal_in_past"
    by: datetime


@dataclass(frozen=True, slots=True)
class CarsNotPlannable:
    """Cars that are neither plugged in nor have a loadpoint in the settings."""

    kind: ClassVar = "cars_not_plannable"
    cars: tuple[str, ...]
    plannable: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WishSet:
    """A wish that was set or replaced, and when it is, as it can be typed again."""

    kind: ClassVar = "wish_set"
    wish: str
    when: str
    trial: bool = False
    """Whether it is priced, and not obeyed yet."""
    about: str = ""
    """The title of the wish's vehicle, or what tells it from others of its kind; so below."""


@dataclass(frozen=True, slots=True)
class WishRemoved:
    """A wish that was there is no more."""

    kind: ClassVar = "wish_removed"
    wish: str
    about: str = ""


@dataclass(frozen=True, slots=True)
class NoSuchWish:
    """There was no wish to remove."""

    kind: ClassVar = "no_such_wish"
    wish: str
    about: str = ""


@dataclass(frozen=True, slots=True)
class WishesApplied:
    """What was tried is obeyed now; empty where nothing was."""

    kind: ClassVar = "wishes_applied"
    wishes: tuple[str, ...]
    about: tuple[str, ...] = ()
    """In the order of ``wishes``."""


@dataclass(frozen=True, slots=True)
class TooManyWishes:
    """As many as are kept are there already."""

    kind: ClassVar = "too_many_wishes"
    most: int


@dataclass(frozen=True, slots=True)
class UnknownVehicle:
    """Nobody knows the vehicle of a wish."""

    kind: ClassVar = "unknown_vehicle"
    vehicle: str
    known: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BatteryUnable:
    """The settings say that the battery cannot do what is wished."""

    kind: ClassVar = "battery_unable"
    needed: BatteryMode


@dataclass(frozen=True, slots=True)
class WishNotUnderstood:
    """The words of a wish name no time; ``detail`` is the code's, in English."""

    kind: ClassVar = "wish_not_understood"
    examples: str
    detail: str


@dataclass(frozen=True, slots=True)
class WishOver:
    """The time of a wish has passed."""

    kind: ClassVar = "wish_over"
    when: str


@dataclass(frozen=True, slots=True)
class CannotBeKept:
    """The disk takes nothing, so nothing was changed."""

    kind: ClassVar = "cannot_be_kept"
    why: str


type PlannerAnswer = (
    PlanningSet
    | NothingToChange
    | GoalInPast
    | CarsNotPlannable
    | WishSet
    | WishRemoved
    | NoSuchWish
    | WishesApplied
    | TooManyWishes
    | UnknownVehicle
    | BatteryUnable
    | WishNotUnderstood
    | WishOver
    | CannotBeKept
)
