"""Cars that are not there: when they are back, what they then need, and who should be plugged in."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from ems.contract.people import Goal
from ems.contract.site import Loadpoint
from ems.contract.vehicle import AgeClass, Vehicle
from support.evening import BERLIN, NIGHT, NOW, SEVEN, known, loadpoint, scheduled
from tariff_planner.domain.decision.decide import DecisionInputs, PlanningResult, decide
from tariff_planner.domain.decision.evcc_baseline import evcc_alone_eur
from tariff_planner.domain.inputs.rules import TripRules, VehicleRules
from tariff_planner.domain.inputs.trips import trips
from tariff_planner.domain.problem.storage import Trip

WORK = TripRules(leave=time(7, 30), back=time(17, 30), kwh=9, days=("mon", "tue", "wed", "thu", "fri"))
EVERY_MORNING = scheduled(80, SEVEN, SEVEN + timedelta(days=1), vehicle="mini")


def soc(name: str, soc_pct: float, hours_ago: float = 1) -> Vehicle:
    return Vehicle(
        name=name,
        at=NOW,
        soc_pct=soc_pct,
        measured_at=NOW - timedelta(hours=hours_ago),
        capacity_kwh=50,
        age=AgeClass.FRESH,
    )


def case(
    rules: dict[str, VehicleRules], *vehicles: Vehicle, lp: Loadpoint | None = None, goals: tuple[Goal, ...] = ()
) -> DecisionInputs:
    made = known(NIGHT, battery=False, lp=lp or loadpoint(connected=False, vehicle=None, soc_pct=None))
    return replace(
        made,
        home=replace(made.home, vehicles=rules),
        facts=replace(made.facts, vehicles={v.name: v for v in vehicles}, goals={g.vehicle: g for g in goals}),
    )


def car_slots(decision: PlanningResult, vehicle: str) -> list[datetime]:
    return [s.start for s in decision.plan.slots for d in s.devices.values() if d.vehicle == vehicle and d.power_w > 50]


def test_trips_of_a_week_are_in_local_time_on_both_sides_of_a_clock_change() -> None:
    friday = datetime(2026, 3, 27, 18, tzinfo=UTC)
    found = trips([WORK], BERLIN, friday, friday + timedelta(days=4), here=True)
    assert [t.leave for t in found] == [
        datetime(2026, 3, 30, 5, 30, tzinfo=UTC),
        datetime(2026, 3, 31, 5, 30, tzinfo=UTC),
    ]
    before = trips([WORK], BERLIN, friday - timedelta(days=1), friday, here=True)
    assert [t.leave for t in before] == [datetime(2026, 3, 27, 6, 30, tzinfo=UTC)]


def test_a_trip_over_the_night_and_one_over_a_weekend_come_back_when_they_should() -> None:
    shift = TripRules(leave=time(21), back=time(6), days=("mon",))
    weekend = TripRules(leave=time(16), back=time(20), nights=2, days=("fri",))
    monday = datetime(2026, 1, 12, tzinfo=UTC)
    found = trips([shift, weekend], BERLIN, monday, monday + timedelta(days=7), here=True)
    assert [t.back - t.leave for t in found] == [timedelta(hours=9), timedelta(hours=52)]


def test_of_a_running_trip_only_what_is_left_is_missing_and_a_plugged_car_is_on_none() -> None:
    noon = datetime(2026, 1, 14, 11, 30, tzinfo=UTC)  # 12:30 in Berlin: half of the trip is over
    until = noon + timedelta(hours=10)
    assert trips([WORK], BERLIN, noon, until, here=False) == (Trip(noon, noon + timedelta(hours=5), 9),)
    (read,) = trips([WORK], BERLIN, noon, until, here=False, measured_at=noon)
    assert read.kwh == pytest.approx(4.5)
    assert trips([WORK], BERLIN, noon, until, here=True) == ()


def test_back_before_leave_on_the_same_day_is_refused_with_what_to_give() -> None:
    with pytest.raises(ValueError, match="nights: 1"):
        TripRules(leave=time(8), back=time(7), nights=0)


def test_a_car_that_comes_home_in_the_night_is_charged_in_the_cheap_hours_that_are_left() -> None:
    late = TripRules(leave=time(12), back=time(23), kwh=10)  # 22:00 UTC, when the cheap hours begin
    rules = {"mini": VehicleRules(loadpoint=1, trips=(late,))}
    decision = decide(case(rules, soc("mini", 40), goals=(EVERY_MORNING,)))
    charged = car_slots(decision, "mini")
    assert charged
    assert min(charged) >= NOW + timedelta(hours=2)
    cheap = {s.start for s in decision.plan.slots if s.import_eur_per_kwh == pytest.approx(0.12)}
    assert set(charged) <= cheap
    assert decision.plan.shortfalls == ()
    assert "loadpoint-1" not in decision.proposals, "nothing is plugged in yet"


def test_a_car_at_home_that_nobody_plugged_in_is_not_planned_while_people_sleep() -> None:
    rules = {"mini": VehicleRules(loadpoint=1)}
    asleep = case(rules, soc("mini", 50), goals=(EVERY_MORNING,))
    asleep = replace(asleep, home=replace(asleep.home, swap_hours=(time(6), time(20))))
    decision = decide(asleep)
    assert min(car_slots(decision, "mini")).astimezone(BERLIN).hour == 6
    (short,) = decision.plan.shortfalls[:1]
    assert (short.what, short.vehicle) == ("goal", "mini")
    awake = case(rules, soc("mini", 70), goals=(EVERY_MORNING,))
    awake = replace(awake, home=replace(awake.home, swap_hours=(time(0), time(23, 59))))
    first = min(car_slots(decide(awake), "mini"))
    assert first >= NOW + timedelta(minutes=15), "nobody walks there at once"


def test_two_cars_at_one_loadpoint_are_planned_together_and_the_plan_says_whom_to_plug_in() -> None:
    rules = {"limo": VehicleRules(loadpoint=1), "mini": VehicleRules(loadpoint=1)}
    goals = tuple(scheduled(60, SEVEN, vehicle=name) for name in rules)
    both = case(rules, soc("mini", 40), lp=loadpoint(soc_pct=50.0), goals=goals)
    both = replace(both, home=replace(both.home, swap_hours=(time(0), time(23, 59))))
    decision = decide(both)
    assert decision.plan.shortfalls == ()
    who = [s.devices["loadpoint-1"].vehicle for s in decision.plan.slots if "loadpoint-1" in s.devices]
    assert who[0] == "limo", "now it is as it is"
    assert set(car_slots(decision, "limo")).isdisjoint(car_slots(decision, "mini"))
    assert car_slots(decision, "limo")
    assert car_slots(decision, "mini")
    assert decision.proposals["loadpoint-1"].action.vehicle == "limo"  # type: ignore[union-attr]


@pytest.mark.parametrize("slots", [1, 2, 3])
def test_cars_are_changed_in_whichever_slot_both_goals_need(slots: int) -> None:
    rules = {"limo": VehicleRules(loadpoint=1), "mini": VehicleRules(loadpoint=1)}
    leaves = NOW + slots * timedelta(minutes=15)
    wanted = 50 + slots * 11 / 4 * 0.9 / 60 * 100
    goals = (scheduled(wanted - 0.1, leaves, vehicle="limo"), scheduled(60, SEVEN, vehicle="mini"))
    both = case(rules, soc("mini", 40), lp=loadpoint(soc_pct=50.0), goals=goals)
    decision = decide(both)
    assert decision.plan.shortfalls == ()
    assert len(car_slots(decision, "limo")) >= slots
    there = {s.start: s.devices["loadpoint-1"].vehicle for s in decision.plan.slots if "loadpoint-1" in s.devices}
    first = min(start for start, vehicle in there.items() if vehicle == "mini")
    assert leaves <= first < NOW + timedelta(hours=1), "after that people sleep"


@pytest.mark.parametrize(
    ("vehicle", "rules"),
    [
        (soc("mini", 40, hours_ago=30), VehicleRules(loadpoint=1)),
        (soc("mini", 40), VehicleRules()),
        (soc("mini", 40), VehicleRules(loadpoint=7)),
        (soc("mini", 40).model_copy(update={"soc_pct": None}), VehicleRules(loadpoint=1)),
    ],
    ids=["an old reading", "no loadpoint in the settings", "a loadpoint that is not there", "no reading"],
)
def test_a_car_of_which_too_little_is_known_is_left_out(vehicle: Vehicle, rules: VehicleRules) -> None:
    assert decide(case({"mini": rules}, vehicle)).problem.cars == ()


def test_evcc_alone_charges_a_car_that_comes_home_and_none_that_is_not_plugged_in() -> None:
    def alone(**more: Any) -> float:
        rules = VehicleRules(loadpoint=1, **more)
        return evcc_alone_eur(decide(case({"mini": rules}, soc("mini", 40), goals=(EVERY_MORNING,))).problem)

    home = TripRules(leave=time(12), back=time(23))
    assert alone(trips=(home,)) > alone() + 0.8, "20 kWh at 12 ct, less what they are worth as sun"
