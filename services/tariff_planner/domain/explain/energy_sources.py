"""From where a car is charged: the sun, the battery, or the grid at which price."""

from collections.abc import Sequence
from dataclasses import dataclass

from ems.contract.message import Text
from tariff_planner.domain.explain.phrases import joined, say
from tariff_planner.domain.explain.segments import NOTHING_KWH, Case
from tariff_planner.domain.problem.storage import Car

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


def charged_from(case: Case, car: Car, here: Sequence[int]) -> Text:
    """From where it is charged in these steps: sun, battery, or bought at which mean price."""
    found = [sources(case, car, t) for t in here]
    bought = [s.bought for s in found]
    sun, stored = sum(s.sun for s in found), sum(s.stored for s in found)
    least, told = MOSTLY * (sun + stored + sum(bought)), []
    if sun >= least:
        told.append(say("from the sun", "mit Sonne"))
    if stored >= least:
        told.append(say("from the battery", "aus der Batterie"))
    if sum(bought) >= least:
        told.append(_price(case, here, bought))
    if len(told) == 1:
        return told[0]
    return joined([say("partly {one}", "teils {one}", one=one) for one in told], say(", ", ", "))


def _price(case: Case, here: Sequence[int], bought: Sequence[float]) -> Text:
    # Of many small energies none may be worth a word, but their sum is.
    most = max(bought)
    steps = [case.problem.steps[t] for t, kwh in zip(here, bought, strict=True) if kwh > min(NOTHING_KWH, most / 2)]
    prices = [s.import_eur_per_kwh for s in steps]
    words = {"ct": case.price(case.buys_at(here, bought))}
    about = not all(s.price_known for s in steps)
    if max(prices) - min(prices) > case.same_per_kwh:
        if about:
            return say("at about {ct} on average", "für durchschnittlich etwa {ct}", **words)
        return say("at {ct} on average", "für durchschnittlich {ct}", **words)
    return say("at about {ct}", "für etwa {ct}", **words) if about else say("at {ct}", "für {ct}", **words)
