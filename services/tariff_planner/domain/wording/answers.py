"""What the planner's commands are answered."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar


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


type PlannerAnswer = PlanningSet | NothingToChange | GoalInPast | CarsNotPlannable
