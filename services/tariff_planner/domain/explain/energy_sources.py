"""From where a car is charged: the sun, the battery, or the grid at which price."""

from collections.abc import Sequence
from dataclasses import dataclass

from tariff_planner.domain.explain.segments import NOTHING_KWH, Case
from tariff_planner.domain.problem.storage import Car
from tariff_planner.domain.wording.parts import EnergyMix

MOSTLY = 0.2
"""A source of less than this share is not worth a word."""


@dataclass(frozen=True, slots=True)
class EnergySources:
    """What a car takes in a step, in kWh."""

    sun: float
    stored: float
    bought: float


def sources(case: Case, car: Car, t: int) -> EnergySources:
    """Each car has its share of what all cars take; the house comes first to the sun."""
    cars = sum(c.charge_kwh[t] for c in case.solution.cars.values())
    step = case.problem.steps[t]
    bought = min(cars, case.solution.import_kwh[t])
    sun = min(cars - bought, max(0.0, step.pv_kwh - step.load_kwh))
    share = case.solution.cars[car.name].charge_kwh[t] / cars if cars else 0.0
    return EnergySources(sun * share, (cars - bought - sun) * share, bought * share)


def energy_mix(case: Case, car: Car, here: Sequence[int]) -> EnergyMix:
    """From where it is charged in these steps: sun, battery, or bought at which mean price."""
    found = [sources(case, car, t) for t in here]
    bought = [s.bought for s in found]
    sun, stored = sum(s.sun for s in found), sum(s.stored for s in found)
    least = MOSTLY * (sun + stored + sum(bought))
    from_sun, from_battery = sun >= least, stored >= least
    if sum(bought) < least:
        return EnergyMix(from_sun, from_battery)
    # Of many small energies none may be worth a word, but their sum is.
    most = max(bought)
    steps = [case.problem.steps[t] for t, kwh in zip(here, bought, strict=True) if kwh > min(NOTHING_KWH, most / 2)]
    prices = [s.import_eur_per_kwh for s in steps]
    return EnergyMix(
        from_sun,
        from_battery,
        case.buys_at(here, bought),
        average=max(prices) - min(prices) > case.same_per_kwh,
        foreseen=not all(s.price_known for s in steps),
    )
