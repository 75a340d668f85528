"""The questions that drivers are asked. They are kept in the memory and read again by their ``kind``."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from ems.contract.message import Text
from notifier.domain.wording.parts import EnergyPrice, NamedCar


@dataclass(frozen=True, slots=True)
class CheapEnergy:
    """Energy is cheap from ``start`` on (None: now): how full should the car be?"""

    kind: ClassVar[str] = "cheap_energy"
    car: NamedCar
    price: EnergyPrice
    plugged_in: bool
    start: datetime | None = None


@dataclass(frozen=True, slots=True)
class WhenNeeded:
    """The car was plugged in: when is it needed?"""

    kind: ClassVar[str] = "when_needed"
    car: NamedCar


@dataclass(frozen=True, slots=True)
class GoalInWords:
    """How full, and by when, in one's own words?"""

    kind: ClassVar[str] = "goal_in_words"
    car: str


@dataclass(frozen=True, slots=True)
class HowFull:
    """How full should it be, by a departure that is known (None: no hurry)?"""

    kind: ClassVar[str] = "how_full"
    car: str
    departure: datetime | None = None


@dataclass(frozen=True, slots=True)
class WhichMeant:
    """Which of the buttons' values is meant; ``single``: is it the only one?"""

    kind: ClassVar[str] = "which_meant"
    car: str
    single: bool


@dataclass(frozen=True, slots=True)
class PleaseSwap:
    """``other`` is done and stands where ``car`` should charge."""

    kind: ClassVar[str] = "please_swap"
    car: NamedCar
    other: NamedCar


@dataclass(frozen=True, slots=True)
class PleaseSwapForPlan:
    """The plan wants ``car`` at the charger from a moment on, in place of ``other``."""

    kind: ClassVar[str] = "please_swap_for_plan"
    car: NamedCar
    other: NamedCar
    start: datetime


@dataclass(frozen=True, slots=True)
class CodeOffered:
    """A cloud wants a code: should it be sent? ``why`` is vehicle-soc's."""

    kind: ClassVar[str] = "code_offered"
    car: str
    why: Text


@dataclass(frozen=True, slots=True)
class CodeAwaited:
    """A code was sent: which is it?"""

    kind: ClassVar[str] = "code_awaited"
    car: str


type Asked = (
    CheapEnergy
    | WhenNeeded
    | GoalInWords
    | HowFull
    | WhichMeant
    | PleaseSwap
    | PleaseSwapForPlan
    | CodeOffered
    | CodeAwaited
)
"""Questions."""
ASKED = (
    CheapEnergy,
    WhenNeeded,
    GoalInWords,
    HowFull,
    WhichMeant,
    PleaseSwap,
    PleaseSwapForPlan,
    CodeOffered,
    CodeAwaited,
)
"""The same, one by one."""
