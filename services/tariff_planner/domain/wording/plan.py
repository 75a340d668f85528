"""What a plan means as a whole: its summary, and what it misses."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import ClassVar


class BatteryNow(Enum):
    """What the battery does, as far as a summary tells."""

    SUPPLIES = auto()
    STORES = auto()
    IDLE = auto()
    KEEPS = auto()
    CHARGES = auto()
    LEAVES_ROOM = auto()
    HELD = auto()
    """Because people want that, not for more expensive hours."""
    FOLLOWS = auto()
    """The house, whatever it needs: the look-ahead over likely loads chose that, and the forecast alone did not."""


class CarNow(Enum):
    """What a car does, as far as a summary tells."""

    WAITS = auto()
    SUN = auto()
    SLOWLY = auto()
    CHARGES = auto()


@dataclass(frozen=True, slots=True)
class DeviceNow:
    """What a battery does now, or cars that do the same.

    Raises:
        ValueError: cars without names, or a battery with some.
    """

    does: BatteryNow | CarNow
    who: tuple[str, ...] = ()
    """The cars; none for the battery."""

    def __post_init__(self) -> None:
        if isinstance(self.does, CarNow) is not bool(self.who):
            raise ValueError("cars have names, and the battery has none")


@dataclass(frozen=True, slots=True)
class Summary:
    """What everybody does now, until something changes, and what a kWh costs now."""

    kind: ClassVar = "summary"
    devices: tuple[DeviceNow, ...]
    until: datetime
    eur_per_kwh: float


@dataclass(frozen=True, slots=True)
class NothingPlanned:
    """There is no slot to plan."""

    kind: ClassVar = "nothing_planned"


@dataclass(frozen=True, slots=True)
class NextPurchase:
    """What is next bought to keep; ``who`` is None for the battery."""

    kind: ClassVar = "next_purchase"
    who: str | None
    start: datetime
    end: datetime
    eur_per_kwh: float


@dataclass(frozen=True, slots=True)
class UnusedSun:
    """Sun that can be neither used nor fed in."""

    kind: ClassVar = "unused_sun"
    start: datetime
    end: datetime
    kwh: float


@dataclass(frozen=True, slots=True)
class GoalMissed:
    """A goal that the plan does not keep; ``who`` is None for the battery."""

    kind: ClassVar = "goal_missed"
    who: str | None
    reaches_soc_pct: float
    wanted_soc_pct: float | None
    by: datetime
    kwh: float


@dataclass(frozen=True, slots=True)
class CarLate:
    """A car that should have left with more than it has."""

    kind: ClassVar = "car_late"
    who: str
    wanted_soc_pct: float
    due: datetime
    kwh: float


@dataclass(frozen=True, slots=True)
class TripShort:
    """A car has too little for a trip."""

    kind: ClassVar = "trip_short"
    who: str
    kwh: float


@dataclass(frozen=True, slots=True)
class DemandShort:
    """A device gets less than it asked for."""

    kind: ClassVar = "demand_short"
    who: str
    kwh: float


@dataclass(frozen=True, slots=True)
class BeyondImportLimit:
    """The house needs more than the connection may give."""

    kind: ClassVar = "beyond_import_limit"
    start: datetime
    kwh: float


@dataclass(frozen=True, slots=True)
class BeyondExportLimit:
    """More is fed in than is allowed."""

    kind: ClassVar = "beyond_export_limit"
    start: datetime
    kwh: float


type Shortage = GoalMissed | CarLate | TripShort | DemandShort | BeyondImportLimit | BeyondExportLimit
type PlanReason = Summary | NothingPlanned | NextPurchase | UnusedSun | Shortage
