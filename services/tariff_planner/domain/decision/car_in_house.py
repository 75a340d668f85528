"""A planned car and its loadpoint as the house's model has them."""

from ems.house.car import VOLTS, CarSpec, Charger
from ems.lookahead.car_schedule import ScheduledCar
from tariff_planner.domain.problem.problem import Loadpoint
from tariff_planner.domain.problem.storage import Car


def in_house(car: Car) -> CarSpec:
    """The car's size and limits."""
    taper_from = 1.0 if car.taper_from_kwh is None else min(1.0, car.taper_from_kwh / car.capacity_kwh)
    return CarSpec(car.capacity_kwh, car.max_kw, car.charge_efficiency, taper_from, car.taper_to)


def charger_in_house(loadpoint: Loadpoint) -> Charger:
    """The charger: any power from its least to its most."""
    amps_per_kw = 1000 / VOLTS
    return Charger(phases=1, min_a=loadpoint.min_kw * amps_per_kw, max_a=loadpoint.max_kw * amps_per_kw)


def scheduled(car: Car, loadpoint: Loadpoint) -> ScheduledCar:
    """Both, with the limit that charging stops at."""
    return ScheduledCar(in_house(car), charger_in_house(loadpoint), car.ceiling_kwh)
