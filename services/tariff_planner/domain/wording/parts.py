"""What several reasons have in common."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Stretch:
    """When something is so."""

    start: datetime | None = None
    """None: now."""
    end: datetime | None = None
    """None: to the plan's end."""
    mostly: bool = False
    """Short stretches with something else were drawn in; of a charge: it has pauses."""


@dataclass(frozen=True, slots=True)
class ChargeGoal:
    """How full a car should be, and by when."""

    soc_pct: float
    by: datetime
    due: datetime | None = None
    """When it was wanted, where that has passed: ``by`` is then when it can be had."""
    missed: bool = False
    """The plan cannot keep it."""
    soonest: bool = False
    """It is evcc's least SoC, wanted as soon as can be: ``by`` is no departure."""


@dataclass(frozen=True, slots=True)
class EnergyMix:
    """Where a car's energy comes from; what is too little for a word is left out.

    Raises:
        ValueError: nothing is left.
    """

    sun: bool = False
    battery: bool = False
    eur_per_kwh: float | None = None
    """Mean price of what is bought; None where hardly anything is."""
    average: bool = False
    """Whether the prices differ."""
    foreseen: bool = False
    """Whether one of them is a forecast."""

    def __post_init__(self) -> None:
        if not self.sun and not self.battery and self.eur_per_kwh is None:
            raise ValueError("energy comes from somewhere")

    @property
    def several(self) -> bool:
        """Whether there is more than one source."""
        return self.sun + self.battery + (self.eur_per_kwh is not None) > 1


@dataclass(frozen=True, slots=True)
class WorthInCar:
    """Why a car is not charged further: the cheapest price of a kWh, and what it is worth in the car."""

    eur_per_kwh: float
    worth_eur_per_kwh: float | None = None
    """None: next to nothing."""
