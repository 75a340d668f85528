"""What keeps a device from doing more, or less, and a car from its goal."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar


class Limit(StrEnum):
    """What is limited."""

    IMPORT = "import"
    PEAK = "peak"
    EXPORT = "export"
    BATTERY_CHARGE = "battery_charge"
    BATTERY_DISCHARGE = "battery_discharge"
    CHARGER = "charger"
    CHARGER_LEAST = "charger_least"
    CAR = "car"
    DEVICE = "device"
    """What the grid operator lets a car or the battery take from the grid."""


@dataclass(frozen=True, slots=True)
class PowerLimited:
    """A power that the plan stands at, and that is worth something.

    Raises:
        ValueError: whose limit it is contradicts itself.
    """

    kind: ClassVar = "power_limited"
    limit: Limit
    kw: float
    who: str | None = None
    """The car, where it is a car's."""
    start: datetime | None = None
    end: datetime | None = None
    """When; both None: all the time."""
    at_times: bool = False
    """Not in every slot from ``start`` to ``end``."""

    def __post_init__(self) -> None:
        if self.who is None and self.limit is Limit.CAR:
            raise ValueError("a car's limit has a car")
        if self.who is not None and self.limit not in {Limit.CAR, Limit.DEVICE}:
            raise ValueError("this limit is nobody's own")


class Bound(StrEnum):
    """What a storage has come to."""

    EMPTY = "empty"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class BoundReached:
    """A storage that is full, or down to its reserve, from a moment on; ``who`` is None for the battery."""

    kind: ClassVar = "bound_reached"
    bound: Bound
    by: datetime
    soc_pct: float | None = None
    """None: full to the brim."""
    who: str | None = None


@dataclass(frozen=True, slots=True)
class LimitBelowGoal:
    """A car may not be charged as far as is wanted."""

    kind: ClassVar = "limit_below_goal"
    who: str
    limit_soc_pct: float


class Restriction(StrEnum):
    """Whose limit keeps a car from its goal."""

    CONNECTION = "connection"
    GRID_OPERATOR = "grid_operator"


@dataclass(frozen=True, slots=True)
class GoalRestricted:
    """Without a limit a goal would be kept, or missed by less."""

    kind: ClassVar = "goal_restricted"
    who: str
    whose: Restriction
    missing_kwh: float | None = None
    """What would be missing still."""


@dataclass(frozen=True, slots=True)
class TimeTooShort:
    """Full power until the goal's moment is not enough."""

    kind: ClassVar = "time_too_short"
    who: str
    kw: float
    ready_at: datetime | None = None
    """When it would be there; None: not within a day after."""


type LimitReason = PowerLimited | BoundReached | LimitBelowGoal | GoalRestricted | TimeTooShort
