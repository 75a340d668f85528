"""What the battery is told now, and whose doing that is: made once, before anything is told of it."""

from dataclasses import dataclass

from ems.contract.site import BatteryMode


@dataclass(frozen=True, slots=True)
class AsPlanned:
    """The plan's own first step."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """The look-ahead over likely loads, against the plan's single forecast."""

    second: BatteryMode
    """The next best mode."""
    more_eur: float
    """What that is expected to cost more."""


@dataclass(frozen=True, slots=True)
class AtReserve:
    """What people have reserved: the battery is there and must not go on."""

    reserve_soc_pct: float


@dataclass(frozen=True, slots=True)
class KeptFromCars:
    """What people want: the battery is not to feed cars, and one takes more than the sun gives."""


@dataclass(frozen=True, slots=True)
class OnWish:
    """What people wish of these hours."""


@dataclass(frozen=True, slots=True)
class BatteryDecision:
    """The mode from now on, and its cause."""

    mode: BatteryMode
    cause: AsPlanned | Weighed | AtReserve | KeptFromCars | OnWish

    @property
    def held(self) -> bool:
        """Whether it is held because people want that, whatever else would pay."""
        on_wish = isinstance(self.cause, OnWish) and self.mode is BatteryMode.HOLD
        return on_wish or isinstance(self.cause, AtReserve | KeptFromCars)
