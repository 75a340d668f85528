"""A car's battery behind a loadpoint, and what the loadpoint gives it in each mode."""

from dataclasses import dataclass

from ems.contract.site import LoadpointMode

VOLTS = 230.0


@dataclass(frozen=True, slots=True)
class CarSpec:
    """A car's size and limits. ``max_kw`` is what its on-board charger takes from the wall; losses lie behind it."""

    capacity_kwh: float
    max_kw: float = 11.0
    charge_efficiency: float = 0.9
    taper_from: float = 0.8
    """Fraction of the capacity above which it charges slower, linearly down to ``taper_to`` of its power when full."""
    taper_to: float = 0.3

    def acceptable_kw(self, energy_kwh: float) -> float:
        """Most kW from the wall with ``energy_kwh`` in the car's battery."""
        soc = energy_kwh / self.capacity_kwh
        if soc >= 1:
            return 0.0
        beyond = max(0.0, soc - self.taper_from) / (1 - self.taper_from) if self.taper_from < 1 else 0.0
        return self.max_kw * (1 - (1 - self.taper_to) * beyond)


@dataclass(frozen=True, slots=True)
class Charger:
    """A loadpoint's limits: currents per phase and how many phases it uses."""

    phases: int = 3
    min_a: float = 6.0
    max_a: float = 16.0
    switchable: bool = False
    """Whether it may go down to one phase for a small surplus."""

    @property
    def min_kw(self) -> float:
        """The least power above zero, with as few phases as it can."""
        return (1 if self.switchable else self.phases) * self.min_a * VOLTS / 1000

    @property
    def max_kw(self) -> float:
        """The most power."""
        return self.phases * self.max_a * VOLTS / 1000


def offered_kw(charger: Charger, mode: LoadpointMode, surplus_kw: float) -> float:
    """What the charger offers a car: all in ``now``, the surplus in ``pv``, at least the minimum in ``minpv``."""
    if mode is LoadpointMode.OFF:
        return 0.0
    if mode is LoadpointMode.NOW:
        return charger.max_kw
    if surplus_kw < charger.min_kw:
        return charger.min_kw if mode is LoadpointMode.MINPV else 0.0
    # Between one phase's most and three phases' least no current fits: the smaller power it is.
    if charger.switchable and surplus_kw < charger.phases * charger.min_a * VOLTS / 1000:
        return min(surplus_kw, charger.max_a * VOLTS / 1000)
    return min(surplus_kw, charger.max_kw)


def charge(car: CarSpec, energy_kwh: float, offered: float, hours: float, limit_kwh: float | None = None) -> float:
    """Mean kW from the wall over ``hours``, so that the car ends at most at ``limit_kwh`` (its capacity if None)."""
    top = car.capacity_kwh if limit_kwh is None else min(limit_kwh, car.capacity_kwh)
    room_kw = max(0.0, top - energy_kwh) / car.charge_efficiency / hours
    return min(offered, car.acceptable_kw(energy_kwh), room_kw)
