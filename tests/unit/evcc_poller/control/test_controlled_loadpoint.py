"""A loadpoint under control, on the simulated evcc: people are respected, restarts are nobody's wish."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ems.contract.control import (
    Choice,
    Controller,
    ControllerName,
    LoadpointAction,
    Owner,
    Phase,
    Release,
    SetChoice,
    SetLimitSoc,
    SetMode,
    SetVehicle,
)
from ems.contract.message import Reason
from ems.contract.people import EventKind, Goal
from ems.contract.service import Status
from ems.contract.site import BatteryMode, LoadpointMode
from ems.contract.topics import (
    CONTROL,
    CONTROLLER,
    DECISIONS,
    GOAL,
    RELEASE,
    SET_CHOICE,
    SET_LIMIT_SOC,
    SET_MODE,
    SET_VEHICLE,
)
from support.controlled import START, WHY, Controlled, plug, unplug

OFF, PV, MINPV, NOW = LoadpointMode.OFF, LoadpointMode.PV, LoadpointMode.MINPV, LoadpointMode.NOW
LP = "loadpoint-1"


async def test_the_plans_mode_and_limit_are_written_once_and_verified(rig: Controlled) -> None:
    rig.plan_car(NOW, 80)
    await rig.pass_time(120)
    assert (rig.mode, rig.limit) == (NOW, 80)
    assert rig.writes("loadpoints") == ["POST /api/loadpoints/1/limitsoc/80", "POST /api/loadpoints/1/mode/now"]
    control = rig.control(LP)
    assert (control.owner, control.phase, control.found) == (Owner.PLAN, Phase.VERIFIED, LoadpointAction(mode=PV))


async def test_a_person_in_evcc_is_respected_until_their_time_is_over(rig: Controlled) -> None:
    rig.plan_car(NOW)
    await rig.pass_time(60)
    rig.person_sets(OFF)
    for _ in range(12):
        await rig.pass_time(1750, step_s=50)
        rig.plan_car(NOW)
    await rig.pass_time(120)
    assert rig.mode is OFF
    assert rig.control(LP).owner is Owner.USER
    assert len(rig.events(EventKind.OVERRIDE)) == 1
    await rig.pass_time(700)
    assert rig.mode is NOW
    assert rig.control(LP).owner is Owner.PLAN


async def test_a_person_is_respected_until_the_car_leaves(rig: Controlled) -> None:
    rig.plan_car(NOW)
    await rig.pass_time(60)
    rig.person_sets(OFF)
    await rig.pass_time(60)
    await unplug(rig)
    await rig.pass_time(120)
    assert (rig.mode, rig.control(LP).owner) == (PV, Owner.NONE)
    await plug(rig)
    await rig.pass_time(60)
    assert (rig.mode, rig.control(LP).owner) == (NOW, Owner.PLAN)
    assert len(rig.events(EventKind.OVERRIDE)) == 1


async def test_what_evcc_sets_back_before_it_shows_that_the_car_has_left_is_nobodys_wish(rig: Controlled) -> None:
    rig.plan_car(NOW, 80)
    await rig.pass_time(60)
    rig.person_sets(PV, 0)
    rig.leaving = (1,)
    await rig.poll()
    await rig.step()
    await unplug(rig)
    rig.leaving = ()
    await rig.pass_time(60)
    assert not rig.events(EventKind.OVERRIDE)
    assert (rig.mode, rig.limit, rig.control(LP).owner) == (PV, 0, Owner.NONE)
    await plug(rig)
    await rig.pass_time(60)
    assert (rig.mode, rig.limit, rig.control(LP).owner) == (NOW, 80, Owner.PLAN)


async def test_a_person_is_respected_beside_an_evcc_that_has_no_battery_any_more(rig: Controlled) -> None:
    rig.plan_battery(BatteryMode.HOLD)
    rig.plan_car(NOW)
    await rig.pass_time(60)
    await rig.sim.terminate()
    rig.sim.home.battery = None
    await rig.sim.start()
    await rig.pass_time(180)
    assert (rig.mode, rig.control(LP).owner) == (NOW, Owner.PLAN)
    rig.person_sets(OFF)
    await rig.pass_time(60)
    assert (rig.mode, rig.control(LP).owner) == (OFF, Owner.USER)


async def test_a_person_is_respected_until_they_release(rig: Controlled) -> None:
    rig.plan_car(NOW)
    await rig.pass_time(60)
    rig.person_sets(OFF)
    await rig.pass_time(60)
    assert "released" in await rig.bus.command(RELEASE, Release(), device=LP)
    assert rig.mode is NOW
    assert rig.control(LP).owner is Owner.PLAN


async def test_a_persons_limit_is_kept_while_the_plan_goes_on(rig: Controlled) -> None:
    rig.plan_car(NOW, 80)
    await rig.pass_time(60)
    rig.person_sets(NOW, 95)
    await rig.pass_time(60)
    rig.plan_car(PV, 80)
    await rig.pass_time(180)
    assert (rig.mode, rig.limit, rig.control(LP).owner) == (PV, 95, Owner.PLAN)
    assert rig.control(LP).reason == WHY


async def test_a_persons_limit_that_keeps_the_car_below_the_plans_is_told(rig: Controlled) -> None:
    rig.plan_car(NOW, 80)
    await rig.pass_time(60)
    rig.person_sets(NOW, 60)
    await rig.pass_time(60)
    assert (rig.limit, rig.control(LP).owner) == (60, Owner.PLAN)
    assert rig.control(LP).cause == Reason(
        kind="limit_pinned",
        parameters={
            "limit_soc_pct": 60,
            "wanted_soc_pct": 80,
            "because": {"kind": "proposal", "controller": "lp"},
        },
    )
    await rig.bus.command(RELEASE, Release(), device=LP)
    await rig.pass_time(60)
    assert (rig.limit, rig.control(LP).reason) == (80, WHY)


async def test_a_mode_asked_of_us_is_written_at_once_and_is_the_persons(rig: Controlled) -> None:
    rig.plan_car(NOW)
    await rig.pass_time(60)
    answer = await rig.bus.answer(SET_MODE, SetMode(mode=MINPV), id="1")
    assert (answer.kind, answer.parameters) == ("mode_set", {"mode": "minpv", "lasts": 6 * 3600, "retried": False})
    assert rig.mode is MINPV
    await rig.pass_time(120)
    assert (rig.mode, rig.control(LP).owner) == (MINPV, Owner.USER)
    assert not rig.events(EventKind.OVERRIDE)


async def test_what_evcc_refuses_is_neither_said_to_be_accepted_nor_the_persons(rig: Controlled) -> None:
    rig.plan_car(MINPV)
    await rig.pass_time(60)
    rig.sim.faults.answer(400, "POST /api/loadpoints/1/mode/now", times=1)
    known = len(rig.store.decisions())
    answer = await rig.bus.answer(SET_MODE, SetMode(mode=NOW), id="1")
    assert answer.kind == "evcc_refused"
    told = [(d.outcome, d.cause.kind) for d in rig.store.decisions()[: len(rig.store.decisions()) - known] if d.cause]
    assert ("refused", "evcc_refused") in told
    assert ("accepted", "person_wants") not in told
    assert (rig.mode, rig.control(LP).owner, rig.control(LP).found) == (MINPV, Owner.PLAN, LoadpointAction(mode=PV))
    await rig.pass_time(60)
    assert (rig.mode, rig.control(LP).owner, rig.control(LP).phase) == (MINPV, Owner.PLAN, Phase.VERIFIED)


async def test_a_limit_is_accepted_although_evcc_refuses_the_plans_mode(rig: Controlled) -> None:
    rig.sim.faults.answer(400, "POST /api/loadpoints/1/mode/now", times=99)
    rig.plan_car(NOW)
    await rig.pass_time(60)
    answer = await rig.bus.answer(SET_LIMIT_SOC, SetLimitSoc(limit_soc_pct=70), id="1")
    assert answer.kind == "limit_set"
    await rig.pass_time(60)
    assert (rig.limit, rig.control(LP).owner) == (70, Owner.PLAN)


@pytest.mark.parametrize("mode", [None, MINPV], ids=["the plan's", "a person's"])
async def test_a_limit_is_what_was_decided_not_the_mode_that_stays(rig: Controlled, mode: LoadpointMode | None) -> None:
    rig.plan_car(NOW)
    await rig.pass_time(60)
    if mode is not None:
        await rig.bus.command(SET_MODE, SetMode(mode=mode), id="1")
        await rig.pass_time(60)
    for limit in (70, 0):
        await rig.bus.command(SET_LIMIT_SOC, SetLimitSoc(limit_soc_pct=limit), id="1")
        (said, *_) = [d.cause for d in rig.store.decisions() if d.outcome == "accepted"]
        assert said is not None
        assert (said.kind, said.parameters) == ("person_wants_limit", {"limit_soc_pct": limit} if limit else {})
        await rig.pass_time(60)
        assert rig.control(LP).owner is (Owner.PLAN if mode is None else Owner.USER)


async def test_a_release_is_one_although_evcc_refuses_what_follows(rig: Controlled) -> None:
    rig.plan_car(NOW)
    await rig.pass_time(60)
    await rig.bus.command(SET_MODE, SetMode(mode=MINPV), id="1")
    rig.sim.faults.answer(400, "POST /api/loadpoints/1/mode/now", times=1)
    answer = await rig.bus.answer(RELEASE, Release(), device=LP)
    assert answer.kind == "evcc_refused"
    await rig.pass_time(30)
    assert rig.control(LP).owner is Owner.PLAN


async def test_a_refusal_that_repeats_is_one_entry_of_the_audit(rig: Controlled) -> None:
    rig.sim.faults.answer(400, "POST /api/loadpoints/1/mode/now", times=99)
    rig.plan_car(NOW)
    await rig.pass_time(700)
    assert len(rig.writes("loadpoints/1/mode/now")) >= 2
    assert len([d for d in rig.store.decisions() if d.outcome == "refused" and d.device == LP]) == 1


async def test_a_limit_asked_of_us_is_written_at_once(rig: Controlled) -> None:
    await rig.pass_time(20)
    await rig.bus.command(SET_LIMIT_SOC, SetLimitSoc(limit_soc_pct=70), id="1")
    assert rig.limit == 70


async def test_a_vehicle_is_named_only_as_evcc_knows_it(rig: Controlled) -> None:
    await rig.pass_time(20)
    answer = await rig.bus.answer(SET_VEHICLE, SetVehicle(vehicle="tractor"), id="1")
    assert (answer.kind, answer.parameters) == ("no_such_vehicle", {"vehicle": "tractor", "known": "limo"})
    await rig.bus.command(SET_VEHICLE, SetVehicle(vehicle=None), id="1")
    assert rig.head.views["1"].vehicle is None
    await rig.bus.command(SET_VEHICLE, SetVehicle(vehicle="limo"), id="1")
    assert rig.head.views["1"].vehicle == "limo"


async def test_a_loadpoint_that_is_not_there_is_refused_with_those_that_are(rig: Controlled) -> None:
    await rig.pass_time(10)
    answer = await rig.bus.answer(SET_MODE, SetMode(mode=NOW), id="7")
    assert (answer.kind, answer.parameters["known"]) == ("no_such_device", "battery, loadpoint-1, loadpoint-2")


@pytest.mark.parametrize("planned", [True, False], ids=["plan", "no plan"])
@pytest.mark.parametrize("how", ["asked", "in evcc"])
async def test_a_release_brings_back_what_was_found_on_an_empty_loadpoint_too(
    rig: Controlled, how: str, *, planned: bool
) -> None:
    if planned:
        rig.plan_car(MINPV, 80)
        await rig.pass_time(60)
    await unplug(rig)
    await rig.pass_time(90)
    if how == "asked":
        await rig.bus.command(SET_MODE, SetMode(mode=NOW), id="1")
        await rig.bus.command(SET_LIMIT_SOC, SetLimitSoc(limit_soc_pct=70), id="1")
    else:
        rig.person_sets(NOW, 70)
        await rig.pass_time(20)
    assert (rig.mode, rig.limit, rig.control(LP).owner) == (NOW, 70, Owner.USER)
    await rig.bus.command(RELEASE, Release(), device=LP)
    await rig.pass_time(20)
    assert (rig.mode, rig.limit, rig.control(LP).owner) == (PV, 0, Owner.NONE)
    assert not rig.events(EventKind.OVERRIDE) or how == "in evcc"
    assert rig.control(LP).found is None


@pytest.mark.parametrize("vehicle", ["limo", None])
async def test_no_vehicle_is_named_where_nothing_is_plugged_in(rig: Controlled, vehicle: str | None) -> None:
    await unplug(rig)
    await rig.pass_time(20)
    answer = await rig.bus.answer(SET_VEHICLE, SetVehicle(vehicle=vehicle), id="1")
    assert (answer.kind, answer.parameters) == ("impossible", {"why": "no_car"})
    assert not rig.writes("vehicle")


async def test_a_stale_plan_hands_over_and_a_new_one_takes_back(rig: Controlled) -> None:
    goal = Goal(vehicle="limo", soc_pct=80, departure=START + timedelta(hours=12), asked_by="anna", asked_at=START)
    rig.bus.set(GOAL, goal, "limo")
    rig.scheduler.plans.remember_goals()
    rig.plan_car(OFF, minutes=5)
    await rig.pass_time(60)
    assert rig.mode is OFF
    await rig.pass_time(300)
    assert rig.mode is PV
    assert rig.head.settings.vehicles["limo"].plan is not None
    rig.plan_car(OFF)
    await rig.pass_time(60)
    assert rig.mode is OFF
    assert rig.head.settings.vehicles["limo"].plan is None


async def test_evccs_own_optimizer_makes_us_stand_down(rig: Controlled) -> None:
    rig.plan_car(NOW)
    rig.plan_battery(BatteryMode.HOLD)
    await rig.pass_time(60)
    rig.sim.faults.answer(409, "(POST|DELETE) /api", times=100)
    await rig.bus.command(RELEASE, Release(), device=LP)
    rig.plan_car(OFF)
    await rig.pass_time(150)
    assert rig.control(LP).owner is Owner.NONE
    assert rig.control(LP).cause == Reason(kind="left_to_evcc", parameters={"why": "optimizer"})


async def test_without_a_car_the_plan_writes_nothing(rig: Controlled) -> None:
    await unplug(rig)
    await rig.pass_time(60)
    rig.plan_car(NOW)
    await rig.pass_time(120)
    assert not rig.writes("loadpoints")
    assert rig.control(LP).owner is Owner.NONE


async def test_a_persons_off_on_an_empty_loadpoint_stays_when_the_car_comes(rig: Controlled) -> None:
    await unplug(rig)
    await rig.pass_time(120)
    rig.person_sets(OFF)
    rig.plan_car(NOW)
    await rig.pass_time(60)
    await plug(rig)
    await rig.pass_time(120)
    assert (rig.mode, rig.control(LP).owner) == (OFF, Owner.USER)


async def test_a_short_change_of_the_plans_mind_waits_out_the_dwell(rig: Controlled) -> None:
    rig.plan_car(NOW)
    await rig.pass_time(30)
    rig.plan_car(PV)
    await rig.pass_time(60)
    assert rig.mode is NOW
    await rig.pass_time(60)
    assert rig.mode is PV


async def test_the_learner_is_followed_where_it_is_in_charge_and_the_plan_while_it_is_away(rig: Controlled) -> None:
    now = rig.clock.now()
    in_charge = Controller(device=LP, at=now, since=now, controller=Choice.RL, chosen_by="automatic")
    rig.bus.set(CONTROLLER, in_charge, LP)
    rig.service("rl-agent", Status.ONLINE)
    rig.plan_car(NOW)
    rig.propose(LP, LoadpointAction(mode=MINPV), by=ControllerName.RL)
    await rig.pass_time(60)
    assert (rig.mode, rig.control(LP).controller) == (MINPV, ControllerName.RL)
    rig.service("rl-agent", Status.OFFLINE)
    await rig.pass_time(240)
    assert (rig.mode, rig.control(LP).controller) == (NOW, ControllerName.LP)


async def test_off_hands_the_loadpoint_to_evcc_and_people(rig: Controlled) -> None:
    rig.plan_car(NOW)
    await rig.pass_time(60)
    await rig.bus.command(SET_CHOICE, SetChoice(controller=Choice.OFF), device=LP)
    assert rig.mode is PV
    rig.person_sets(MINPV)
    await rig.pass_time(120)
    assert (rig.mode, rig.control(LP).owner) == (MINPV, Owner.NONE)
    assert not rig.events(EventKind.OVERRIDE)


async def test_every_transition_stands_in_the_audit_with_a_reason(rig: Controlled) -> None:
    rig.plan_car(NOW)
    await rig.pass_time(60)
    rig.person_sets(OFF)
    await rig.pass_time(60)
    decisions = rig.bus.last(DECISIONS)
    assert decisions is not None
    told = [(d.outcome, d.owner) for d in decisions.decisions if d.device == LP]
    assert ("override", Owner.USER) in told
    assert ("verified", Owner.PLAN) in told
    assert all(d.reason.en and d.reason.de and d.reason.nl and d.cause for d in decisions.decisions)
    assert all(d.import_eur_per_kwh is not None for d in decisions.decisions)


async def test_the_control_fact_of_a_loadpoint_that_evcc_no_longer_has_is_cleared(rig: Controlled) -> None:
    await rig.pass_time(20)
    for number in (1, 2, 3):
        ghost = rig.control(LP).model_copy(update={"device": f"loadpoint-{number}"})
        rig.bus.set(CONTROL, ghost, f"loadpoint-{number}")
    assert rig.devices.seen is not None
    rig.scheduler.update(replace(rig.devices.seen, loadpoint_count=None))
    assert None not in rig.bus.all(CONTROL)
    rig.scheduler.update(replace(rig.devices.seen, loadpoint_count=2))
    assert [names for topic, names, value in rig.bus.published if topic is CONTROL and value is None] == [
        {"device": "loadpoint-3"}
    ]


async def test_nothing_is_told_of_a_loadpoint_that_evcc_lost_until_it_is_back(rig: Controlled) -> None:
    await rig.pass_time(20)
    assert rig.devices.seen is not None
    device = rig.devices.loadpoints[2]
    rig.scheduler.update(replace(rig.devices.seen, loadpoint_count=1))
    told = len(rig.bus.all(CONTROL))
    rig.clock.advance(70)
    await rig.scheduler.step(device)
    assert len(rig.bus.all(CONTROL)) == told
    rig.scheduler.update(replace(rig.devices.seen, loadpoint_count=2))
    await rig.scheduler.step(device)
    assert len(rig.bus.all(CONTROL)) == told + 1
