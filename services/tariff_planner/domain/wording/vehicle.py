"""Why a car is charged, or not. Prices are in the site's currency per kWh; ``who`` is its name for people."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from ems.contract.site import LoadpointMode
from tariff_planner.domain.wording.parts import ChargeGoal, EnergyMix, Stretch, WorthInCar


@dataclass(frozen=True, slots=True)
class CarCharges:
    """It is charged, for a goal or because a kWh is worth its price.

    Raises:
        ValueError: both are given.
    """

    kind: ClassVar = "car_charges"
    during: Stretch
    who: str
    kwh: float
    mix: EnergyMix
    goal: ChargeGoal | None = None
    worth_eur_per_kwh: float | None = None
    """What a kWh from the wall is worth in the car, where that is why it is bought."""

    def __post_init__(self) -> None:
        if self.goal is not None and self.worth_eur_per_kwh is not None:
            raise ValueError("a car is charged for a goal or for what it is worth")


@dataclass(frozen=True, slots=True)
class CarWaits:
    """It is charged later."""

    kind: ClassVar = "car_waits"
    during: Stretch
    who: str
    until: datetime
    mix: EnergyMix
    goal: ChargeGoal | None = None


@dataclass(frozen=True, slots=True)
class CarAway:
    """It is on the road."""

    kind: ClassVar = "car_away"
    during: Stretch
    who: str
    back: datetime
    charges_from: datetime | None = None
    mix: EnergyMix | None = None
    goal: ChargeGoal | None = None


@dataclass(frozen=True, slots=True)
class CarFull:
    """It holds as much as it may."""

    kind: ClassVar = "car_full"
    during: Stretch
    who: str
    limit_soc_pct: float | None = None
    """None: full to the brim."""


@dataclass(frozen=True, slots=True)
class CarHasGoal:
    """It has what was wanted, and more is not worth its price."""

    kind: ClassVar = "car_has_goal"
    during: Stretch
    who: str
    soc_pct: float
    worth: WorthInCar | None = None


@dataclass(frozen=True, slots=True)
class CarNotCharged:
    """Nothing is planned for it."""

    kind: ClassVar = "car_not_charged"
    during: Stretch
    who: str
    goal: ChargeGoal | None = None
    """What it misses."""
    worth: WorthInCar | None = None


@dataclass(frozen=True, slots=True)
class CarWeighed:
    """Of all that can be switched this mode costs least, with house and battery; the plan's nearest is another."""

    kind: ClassVar = "car_weighed"
    during: Stretch
    who: str
    mode: LoadpointMode
    in_time: bool = False
    """Whether it is taken for a goal instead, that would be missed else."""


@dataclass(frozen=True, slots=True)
class CarOnWish:
    """It does what people wish of these hours."""

    kind: ClassVar = "car_on_wish"
    during: Stretch
    who: str
    charges: bool
    """Whether it charges at full power; else it is not charged."""


type CarReason = CarCharges | CarWaits | CarAway | CarFull | CarHasGoal | CarNotCharged | CarWeighed | CarOnWish
