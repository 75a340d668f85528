"""Open goals as plans of evcc's own: noted before they are given, and never left behind in evcc."""

from datetime import datetime, timedelta

from ems.contract.people import Goal
from ems.contract.service import Status
from ems.contract.site import LoadpointMode
from ems.contract.topics import GOAL
from support.controlled import START, Controlled

DEPARTURE = START + timedelta(hours=12)
GIVING, TAKING = "POST /api/vehicles/limo/plan", "DELETE /api/vehicles/limo/plan"


def wants(rig: Controlled, departure: datetime = DEPARTURE) -> None:
    """Anna wants the limousine at 80 %."""
    goal = Goal(vehicle="limo", soc_pct=80, departure=departure, asked_by="anna", asked_at=START)
    rig.bus.set(GOAL, goal, "limo")


def departure_in_evcc(rig: Controlled) -> datetime | None:
    plan = rig.head.settings.vehicles["limo"].plan
    return None if plan is None else plan.time


async def test_a_plan_whose_reply_was_lost_is_taken_back_when_the_planner_returns_before_the_retry(
    rig: Controlled,
) -> None:
    wants(rig)
    rig.sim.faults.lose_reply(GIVING, times=99)
    await rig.pass_time(60)
    assert departure_in_evcc(rig) == DEPARTURE
    rig.plan_car(LoadpointMode.PV)
    await rig.pass_time(30)
    assert departure_in_evcc(rig) is None
    assert rig.store.given() == {}
    assert not rig.bus.health.snapshot().reasons


async def test_a_plan_whose_reply_was_lost_before_our_death_is_taken_back_after_it(rig: Controlled) -> None:
    wants(rig)
    rig.sim.faults.lose_reply(GIVING, times=99)
    await rig.pass_time(60)
    rig.kill()
    rig.start()
    rig.plan_car(LoadpointMode.PV)
    await rig.pass_time(30)
    assert departure_in_evcc(rig) is None


async def test_a_plan_whose_request_was_lost_is_given_again(rig: Controlled) -> None:
    wants(rig)
    rig.sim.faults.lose_request(GIVING)
    await rig.pass_time(60)
    assert departure_in_evcc(rig) == DEPARTURE
    assert len(rig.writes("vehicles/limo/plan")) == 2


async def test_an_earlier_plan_of_ours_is_taken_back_although_the_change_of_it_was_lost(rig: Controlled) -> None:
    wants(rig)
    await rig.pass_time(60)
    rig.sim.faults.lose_request(GIVING, times=99)
    wants(rig, DEPARTURE + timedelta(hours=1))
    await rig.pass_time(30)
    assert departure_in_evcc(rig) == DEPARTURE
    rig.plan_car(LoadpointMode.PV)
    await rig.pass_time(30)
    assert departure_in_evcc(rig) is None


async def test_a_plan_that_evcc_refused_is_not_noted_as_ours(rig: Controlled) -> None:
    wants(rig)
    rig.sim.faults.answer(400, GIVING, times=99)
    await rig.pass_time(60)
    assert rig.store.given() == {}
    assert rig.bus.health.snapshot().reasons
    rig.plan_car(LoadpointMode.PV)
    await rig.pass_time(30)
    assert not rig.bus.health.snapshot().reasons


async def test_an_earlier_plan_of_ours_stays_noted_when_evcc_refuses_the_change_of_it(rig: Controlled) -> None:
    wants(rig)
    await rig.pass_time(60)
    rig.sim.faults.answer(400, GIVING, times=99)
    wants(rig, DEPARTURE + timedelta(hours=1))
    await rig.pass_time(30)
    rig.plan_car(LoadpointMode.PV)
    await rig.pass_time(30)
    assert departure_in_evcc(rig) is None


async def test_a_goal_that_is_withdrawn_while_nobody_plans_is_taken_back(rig: Controlled) -> None:
    rig.service("notifier", Status.ONLINE)
    wants(rig)
    await rig.pass_time(60)
    assert departure_in_evcc(rig) == DEPARTURE
    rig.bus.set(GOAL, None, "limo")
    await rig.pass_time(10)
    assert departure_in_evcc(rig) is None
    assert rig.store.given() == {}


async def test_a_goal_that_loses_its_departure_while_nobody_plans_is_taken_back(rig: Controlled) -> None:
    rig.service("notifier", Status.ONLINE)
    wants(rig)
    await rig.pass_time(60)
    rig.bus.set(GOAL, Goal(vehicle="limo", soc_pct=80, asked_by="anna", asked_at=START), "limo")
    await rig.pass_time(10)
    assert departure_in_evcc(rig) is None


async def test_a_plan_that_a_person_changed_stays_when_the_goal_is_withdrawn(rig: Controlled) -> None:
    rig.service("notifier", Status.ONLINE)
    wants(rig)
    await rig.pass_time(60)
    later = DEPARTURE + timedelta(hours=2)
    await rig.evcc.set_vehicle_plan("limo", 90, later)
    await rig.pass_time(20)
    rig.bus.set(GOAL, None, "limo")
    await rig.pass_time(20)
    assert departure_in_evcc(rig) == later
    assert rig.store.given() == {}


async def test_a_goal_that_the_broker_lost_while_the_notifier_is_away_stays_with_evcc(rig: Controlled) -> None:
    wants(rig)
    await rig.pass_time(60)
    rig.bus.set(GOAL, None, "limo")
    await rig.pass_time(60)
    assert departure_in_evcc(rig) == DEPARTURE
