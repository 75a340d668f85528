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
    """The car, where it is the car's."""
    start: datetime | None = None
    end: datetime | None = None
    """When; both None: all the time."""
    at_times: bool = False
    """Not in every slot from ``start`` to ``end``."""

    def __post_init__(self) -> None:
        if (self.limit is Limit.CAR) is not (self.who is not None):
            raise ValueError("a car's limit has a car, and no other has")


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
    soc_pct: float
    who: str | None = None


@dataclass(frozen=True, slots=True)
class LimitBelowGoal:
    """A car may not be charged as far as is wanted."""

    kind: ClassVar = "limit_below_goal"
    who: str
    limit_soc_pct: float


@dataclass(frozen=True, slots=True)
class ConnectionTooWeak:
    """Without the connection's limit a goal would be kept, or missed by less."""

    kind: ClassVar = "connection_too_weak"
    who: str
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


type LimitReason = PowerLimited | BoundReached | LimitBelowGoal | ConnectionTooWeak | TimeTooShort
