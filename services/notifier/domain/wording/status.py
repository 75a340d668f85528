"""The lines that /status shows."""

from dataclasses import dataclass
from typing import ClassVar

from notifier.domain.wording.goals import GoalIs
from notifier.domain.wording.parts import EnergyPrice


@dataclass(frozen=True, slots=True)
class CarStatus:
    """One line of /status."""

    kind: ClassVar[str] = "car_status"
    car: str
    soc_pct: float | None
    plugged_in: bool
    goal: GoalIs


@dataclass(frozen=True, slots=True)
class HouseStatus:
    """The last line of /status.

    Raises:
        ValueError: nothing is known.
    """

    kind: ClassVar[str] = "house_status"
    price: EnergyPrice | None = None
    battery_soc_pct: float | None = None

    def __post_init__(self) -> None:
        if self.price is None and self.battery_soc_pct is None:
            raise ValueError("nothing to say")
