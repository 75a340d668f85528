"""How full a car is counted on to be, when vehicle-soc is not sure."""

from dataclasses import replace
from datetime import time, timedelta
from typing import Any

import pytest

from ems.contract.message import Text
from ems.contract.vehicle import AgeClass, DoubtKind, Vehicle, VehicleDoubt
from support.evening import FLAT, NOW, known, loadpoint, scheduled
from tariff_planner.domain.decision.decide import decide
from tariff_planner.domain.inputs.counted_soc import counted_on, doubt, plugged_soc
from tariff_planner.domain.inputs.facts import Facts
from tariff_planner.domain.inputs.prices.reference_prices import ReferencePrices
from tariff_planner.domain.inputs.rules import TripRules, VehicleRules
from tariff_planner.domain.inputs.vehicles import VehicleContext, absent_cars

HOUR = timedelta(hours=1)
WORTHS = ReferencePrices(cheap_eur_per_kwh=0.2, sun_eur_per_kwh=0.08)
OUTDATED = VehicleDoubt(kind=DoubtKind.OUTDATED, since=NOW, text=Text(en="it was driven", de="es wurde gefahren"))


def told(**more: Any) -> Vehicle:
    return Vehicle.model_validate({"name": "limo", "at": NOW, "age": AgeClass.UNKNOWN} | more)


def soc(fact: Vehicle, *, evcc_pct: float | None = None, later: timedelta = timedelta()) -> float | None:
    case = known(vehicle=fact, lp=loadpoint(soc_pct=evcc_pct))
    facts: Facts = replace(case.facts, now=NOW + later)
    return plugged_soc(facts.loadpoints["1"], facts, case.home)


@pytest.mark.parametrize(
    ("fact", "expected"),
    [
        (told(), None),
        (told(soc_pct=80), 80),
        (told(soc_pct=80, uncertainty_pct=3), 74),
        (told(soc_pct=80, uncertainty_pct=60), 0),
        (told(soc_pct=80, uncertainty_pct=3, soc_at_least_pct=70), 70),
        (told(soc_at_least_pct=12), 12),
    ],
)
def test_no_more_is_counted_on_than_is_there_if_the_doubt_is_justified(fact: Vehicle, expected: float | None) -> None:
    assert counted_on(fact) == expected


def test_a_soc_without_a_time_is_planned_with() -> None:
    fact = told(soc_pct=60, uncertainty_pct=3, soc_at_least_pct=54, known_since=NOW - 40 * HOUR)
    assert soc(fact) == 54
    case = known(FLAT, battery=False, vehicle=fact, lp=loadpoint(soc_pct=None), goal=scheduled(80, NOW + 10 * HOUR))
    slots = decide(case).plan.slots
    assert slots[0].devices["loadpoint-1"].soc_pct == pytest.approx(54, abs=5)
    assert max(slot.devices["loadpoint-1"].soc_pct or 0 for slot in slots) >= 79


def test_a_car_that_came_back_is_planned_as_if_empty_and_that_is_said() -> None:
    fact = told(soc_at_least_pct=0, doubt=OUTDATED)
    case = known(FLAT, battery=False, vehicle=fact, lp=loadpoint(soc_pct=None), goal=scheduled(80, NOW + 10 * HOUR))
    plan = decide(case).plan
    bought = sum(
        s.devices["loadpoint-1"].power_w / 1000 * ((s.end - s.start) / HOUR)
        for s in plan.slots
        if s.start < NOW + 10 * HOUR
    )
    assert bought * 0.9 == pytest.approx(0.8 * 60, rel=0.05)
    (said,) = plan.problems
    assert said.en == "limo is planned as if at 0 %, because the last reading is from before its trip."
    assert said.de == "limo wird wie mit 0 % geplant, weil der letzte Messwert noch von vor der Fahrt stammt."
    assert said.nl == "limo wordt ingepland alsof er 0 % in zit, omdat de laatste meting nog van vóór de rit dateert."


def test_what_vehicle_soc_doubts_beats_what_evcc_repeats() -> None:
    assert soc(told(soc_at_least_pct=0, doubt=OUTDATED), evcc_pct=80) == 0


def test_a_doubt_whose_teller_is_silent_counts_no_more() -> None:
    silent = told(soc_at_least_pct=0, doubt=OUTDATED)
    assert soc(silent, later=HOUR) is None
    assert soc(silent, evcc_pct=35, later=HOUR) == 35
    undated = told(soc_pct=60, soc_at_least_pct=54, known_since=NOW - 30 * HOUR)
    assert soc(undated, later=HOUR) is None
    assert soc(undated.model_copy(update={"known_since": NOW}), later=HOUR) == 54


def test_a_small_doubt_is_not_worth_a_word() -> None:
    small = told(soc_pct=60, uncertainty_pct=3, soc_at_least_pct=54, doubt=OUTDATED)
    case = known(vehicle=small, lp=loadpoint(soc_pct=None))
    assert doubt(case.facts.loadpoints["1"], case.facts, case.home) is None


@pytest.mark.parametrize("trips", [(), (TripRules(leave=time(0), back=time(0, 30), kwh=0.0),)])
def test_an_absent_car_counts_on_the_least_unless_the_plan_itself_takes_off_its_trips(
    trips: tuple[TripRules, ...],
) -> None:
    fact = told(soc_pct=80, uncertainty_pct=20, soc_at_least_pct=40, measured_at=NOW - HOUR, age=AgeClass.AGING)
    case = known(FLAT, battery=False, vehicle=fact)
    rules = {"limo": VehicleRules(loadpoint=1, capacity_kwh=60, trips=trips)}
    view = VehicleContext(case.facts, replace(case.home, vehicles=rules), WORTHS, NOW + 24 * HOUR)
    (car,) = absent_cars(view, (), ("loadpoint-1",))
    assert car.energy_kwh == pytest.approx((0.8 if trips else 0.4) * 60)
