"""Why a home battery does what it does. Prices are in the site's currency per kWh."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from ems.contract.site import BatteryMode
from tariff_planner.domain.wording.parts import Stretch


@dataclass(frozen=True, slots=True)
class BatteryCharges:
    """It buys energy for later."""

    kind: ClassVar = "battery_charges"
    during: Stretch
    kwh: float | None = None
    """From the grid; None where that is hardly anything."""
    eur_per_kwh: float | None = None
    """What it costs; there with ``kwh``."""
    later_eur_per_kwh: float | None = None
    """What it replaces later; None where it is kept to the plan's end, or replaces nothing that costs more."""
    worth_eur_per_kwh: float | None = None
    """What a kWh is worth in the battery, where it is kept."""


@dataclass(frozen=True, slots=True)
class BatteryHolds:
    """It keeps its energy while the house buys."""

    kind: ClassVar = "battery_holds"
    during: Stretch
    eur_per_kwh: float
    """What a kWh costs meanwhile."""
    later_eur_per_kwh: float | None = None
    """What it costs when the energy is used."""
    later_from: datetime | None = None
    """When that is."""
    worth_eur_per_kwh: float | None = None
    """What a kWh is worth in the battery, where it is not used within the plan."""


@dataclass(frozen=True, slots=True)
class BatteryLeavesRoom:
    """It lets sun go to the grid."""

    kind: ClassVar = "battery_leaves_room"
    during: Stretch
    sun_from: datetime | None = None
    """When it stores sun instead."""
    grid_from: datetime | None = None
    """When it charges from the grid instead."""
    else_lost: bool = False
    """Whether the later sun could be neither used nor fed in without that room."""
    nearly_full: bool = False
    earns_eur_per_kwh: float | None = None
    """What feeding in earns meanwhile, where that is why."""
    later_earns_eur_per_kwh: float | None = None
    """What it earns from ``sun_from`` on."""
    worth_eur_per_kwh: float | None = None
    """What a kWh is worth in the battery."""


@dataclass(frozen=True, slots=True)
class BatteryFollows:
    """It takes what the sun leaves and gives what the house needs.

    Raises:
        ValueError: it does neither.
    """

    kind: ClassVar = "battery_follows"
    during: Stretch
    stored_kwh: float | None = None
    given_kwh: float | None = None
    eur_per_kwh: float | None = None
    """What that would cost from the grid."""

    def __post_init__(self) -> None:
        if self.stored_kwh is None and self.given_kwh is None:
            raise ValueError("a battery that follows stores or gives")


@dataclass(frozen=True, slots=True)
class BatteryIdle:
    """It would follow the house, but nothing flows."""

    kind: ClassVar = "battery_idle"
    during: Stretch
    empty_at_pct: float | None = None
    """It has nothing to give above that."""
    full: bool = False


@dataclass(frozen=True, slots=True)
class BatteryKeepsReserve:
    """It is at what people have reserved."""

    kind: ClassVar = "battery_keeps_reserve"
    during: Stretch
    reserve_soc_pct: float


@dataclass(frozen=True, slots=True)
class BatteryNotForCars:
    """It is held because people do not want it to feed a car that takes more than the sun gives."""

    kind: ClassVar = "battery_not_for_cars"
    during: Stretch


@dataclass(frozen=True, slots=True)
class BatteryWeighed:
    """Its mode is best over all loads that are likely, though not for the load that is expected."""

    kind: ClassVar = "battery_weighed"
    during: Stretch
    mode: BatteryMode


@dataclass(frozen=True, slots=True)
class BatteryOnWish:
    """It does what people wish of these hours."""

    kind: ClassVar = "battery_on_wish"
    during: Stretch
    charges: bool
    """Whether it charges; else it gives nothing."""


type BatteryReason = (
    BatteryCharges
    | BatteryHolds
    | BatteryLeavesRoom
    | BatteryFollows
    | BatteryIdle
    | BatteryKeepsReserve
    | BatteryNotForCars
    | BatteryWeighed
    | BatteryOnWish
)
