"""What drivers are told without having asked. It is kept in the memory and read again by its ``kind``."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from ems.contract.message import Text
from notifier.domain.wording.parts import EnergyPrice, NamedCar


@dataclass(frozen=True, slots=True)
class PlugInForPrice:
    """A reminder before cheap energy begins: the car is wanted to be that full."""

    kind: ClassVar[str] = "plug_in_for_price"
    car: NamedCar
    wanted_soc_pct: float
    start: datetime
    price: EnergyPrice


@dataclass(frozen=True, slots=True)
class PlugInForPlan:
    """A reminder before the plan needs the car."""

    kind: ClassVar[str] = "plug_in_for_plan"
    car: NamedCar
    by: datetime


@dataclass(frozen=True, slots=True)
class InOthersWords:
    """What another service says."""

    kind: ClassVar[str] = "in_others_words"
    words: Text


type News = PlugInForPrice | PlugInForPlan | InOthersWords
"""What drivers are told without having asked."""
NEWS = (PlugInForPrice, PlugInForPlan, InOthersWords)
"""The same, one by one."""
