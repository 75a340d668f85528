"""The same hours under evcc alone: cars take the sun and then their stay's cheapest slots, the battery the rest."""

from collections.abc import Sequence
from dataclasses import dataclass

from ems.contract.site import BatteryMode
from ems.house.battery import BatterySpec, step
from tariff_planner.domain.savings.measured_day import CarStay, MeasuredSlot, car_stays

MIN_CAR_KW = 1.38
"""The smallest surplus that a car can take: 6 A at one phase. Where a charger needs more, evcc alone is flattered."""


@dataclass(frozen=True, slots=True)
class Alone:
    """What evcc alone would have paid, and what its battery would hold afterwards."""

    cost_eur: float
    battery_kwh: float | None


@dataclass(frozen=True, slots=True)
class CarsAlone:
    """What evcc alone gives all cars, by slot, whatever the battery is."""

    kw: Sequence[float]
    from_grid: Sequence[bool]
    """Whether one of them charges from the grid."""


def alone(
    slots: Sequence[MeasuredSlot], cars: CarsAlone, battery: BatterySpec | None, battery_kwh: float | None
) -> Alone:
    """Lets evcc alone live through ``slots`` with ``cars``, which begin with ``battery_kwh`` in its battery."""
    cost_eur = 0.0
    for t, slot in enumerate(slots):
        need_kw = cars.kw[t] - slot.surplus_kw
        if battery is not None and battery_kwh is not None:
            # evcc keeps the battery out of a car that charges from the grid, and out of the house for as long.
            mode = BatteryMode.HOLD if cars.from_grid[t] else BatteryMode.NORMAL
            flow = step(battery, battery_kwh, mode, need_kw, slot.hours)
            battery_kwh = flow.energy_kwh
            need_kw -= flow.power_kw
        cost_eur += slot.priced(need_kw)
    return Alone(cost_eur, battery_kwh)


def cars_alone(slots: Sequence[MeasuredSlot]) -> CarsAlone:
    """Each car gets what it really got, within the same stay.

    That is more than evcc can know: it has the whole stay's prices and sun before it, so that what the suite saves is
    rather told too small than too large.
    """
    power_kw, fast = [0.0] * len(slots), [False] * len(slots)
    for stay in car_stays(slots):
        surplus = {t: slots[t].surplus_kw - power_kw[t] for t in stay.slots}
        for t, kw in _charged(stay, slots, surplus).items():
            power_kw[t] += kw
            fast[t] |= kw > max(0.0, surplus[t]) + 1e-9
    return CarsAlone(power_kw, fast)


def _charged(stay: CarStay, slots: Sequence[MeasuredSlot], surplus_kw: dict[int, float]) -> dict[int, float]:
    """By slot what the car takes, in kW: the sun as it comes, and the rest in the cheapest slots at full power."""
    left_kwh, given = stay.energy_kwh, dict.fromkeys(stay.slots, 0.0)
    for t in stay.slots:
        if surplus_kw[t] >= MIN_CAR_KW:
            given[t] = min(surplus_kw[t], stay.max_kw, left_kwh / slots[t].hours)
            left_kwh -= given[t] * slots[t].hours
    for t in sorted(stay.slots, key=lambda t: (slots[t].import_eur_per_kwh, t)):
        more_kw = min(stay.max_kw - given[t], left_kwh / slots[t].hours)
        given[t] += more_kw
        left_kwh -= more_kw * slots[t].hours
    return given
