"""The battery under control, on the simulated evcc: what the house does is what counts."""

from datetime import timedelta
from pathlib import Path

import pytest

from ems.contract.control import Choice, Owner, Phase, Release, SetBatteryMode, SetChoice
from ems.contract.message import Reason
from ems.contract.people import EventKind
from ems.contract.plan import Plan, PlanStatus
from ems.contract.service import Status
from ems.contract.site import BatteryMode, LoadpointMode
from ems.contract.topics import PLAN, PROPOSAL, RELEASE, SET_BATTERY_MODE, SET_CHOICE
from ems.simulator.home import BatteryFault
from evcc_poller.domain.control.settings import ControlSettings
from support.controlled import WHY, Controlled, a_home, controlled

NORMAL, HOLD, CHARGE, HOLDCHARGE = BatteryMode.NORMAL, BatteryMode.HOLD, BatteryMode.CHARGE, BatteryMode.HOLDCHARGE


async def test_a_proposal_reaches_the_house_and_is_verified_by_its_power(rig: Controlled) -> None:
    rig.plan_battery(CHARGE)
    await rig.pass_time(60)
    assert rig.house_battery is CHARGE
    control = rig.control("battery")
    assert (control.owner, control.phase) == (Owner.PLAN, Phase.VERIFIED)


async def test_each_decision_is_told_once_with_why_by_whom_and_at_which_price(rig: Controlled) -> None:
    rig.plan_battery(CHARGE)
    await rig.pass_time(60)
    told = rig.events(EventKind.DECISION)
    kept = rig.store.decisions()
    assert [(e.at, e.text) for e in told] == [(d.at, d.reason) for d in reversed(kept)]
    first = next(e for e in told if e.details.get("mode") == CHARGE)
    assert (first.device, first.details["owner"], first.details["controller"]) == ("battery", Owner.PLAN, "lp")
    assert "import_eur_per_kwh" in first.details


async def test_the_lease_is_on_disk_before_evcc_is_told(rig: Controlled) -> None:
    rig.plan_battery(HOLD)
    rig.sim.faults.lose_request("POST /api/batterymode/hold", times=100)
    await rig.pass_time(30)
    lease = rig.store.battery().lease
    assert lease is not None
    assert lease.mode is HOLD


async def test_the_mode_is_refreshed_and_does_not_lapse(rig: Controlled) -> None:
    rig.plan_battery(HOLD)
    await rig.pass_time(60)
    for _ in range(60):
        await rig.pass_time(5)
        assert rig.house_battery is HOLD
    assert 9 <= len(rig.writes("batterymode/hold")) <= 25


async def test_when_we_die_the_house_is_normal_within_a_minute_and_a_cycle(rig: Controlled) -> None:
    rig.plan_battery(CHARGE)
    await rig.pass_time(60)
    rig.kill()
    await rig.pass_time(75)
    assert rig.house_battery is NORMAL


async def test_when_the_plan_is_stale_the_battery_is_set_free(rig: Controlled) -> None:
    rig.plan_battery(HOLD, minutes=5)
    await rig.pass_time(120)
    assert rig.house_battery is HOLD
    await rig.pass_time(240)
    assert rig.house_battery is NORMAL
    assert rig.control("battery").owner is Owner.NONE
    assert rig.store.battery().lease is None


async def test_a_planner_that_is_offline_for_a_minute_counts_as_gone(rig: Controlled) -> None:
    rig.service("tariff-planner", Status.ONLINE)
    rig.plan_battery(HOLD)
    await rig.pass_time(60)
    rig.service("tariff-planner", Status.OFFLINE)
    await rig.pass_time(40)
    assert rig.house_battery is HOLD
    await rig.pass_time(60)
    assert rig.house_battery is NORMAL


async def test_a_stop_sets_the_battery_free(rig: Controlled) -> None:
    rig.plan_battery(CHARGE)
    await rig.pass_time(60)
    await rig.stop()
    await rig.pass_time(15)
    assert rig.house_battery is NORMAL


async def test_evcc_killed_while_forced_leaves_no_forced_battery_behind(rig: Controlled) -> None:
    rig.plan_battery(CHARGE, minutes=2)
    await rig.pass_time(60)
    await rig.sim.kill()
    await rig.pass_time(120)
    assert rig.house_battery is CHARGE
    await rig.sim.start()
    await rig.pass_time(65)
    assert rig.house_battery is NORMAL
    assert rig.store.battery().lease is None


async def test_evcc_and_we_killed_while_forced_leave_no_forced_battery_behind(rig: Controlled) -> None:
    rig.plan_battery(CHARGE, minutes=2)
    await rig.pass_time(60)
    rig.kill()
    await rig.sim.kill()
    await rig.pass_time(600)
    await rig.sim.start()
    rig.start()
    await rig.pass_time(65)
    assert rig.house_battery is NORMAL


async def test_after_evccs_crash_the_plan_goes_on_by_way_of_normal(rig: Controlled) -> None:
    rig.plan_battery(CHARGE)
    await rig.pass_time(60)
    await rig.sim.kill()
    await rig.pass_time(30)
    await rig.sim.start()
    await rig.pass_time(65)
    assert rig.house_battery is CHARGE
    modes = [mode for _, mode in rig.sim.home.battery_orders]
    assert modes[-2:] == [NORMAL, CHARGE]


@pytest.mark.parametrize("fault", list(BatteryFault))
@pytest.mark.parametrize("mode", [HOLD, CHARGE])
async def test_a_battery_that_does_not_follow_is_seen_said_and_repaired(
    rig: Controlled, fault: BatteryFault, mode: BatteryMode
) -> None:
    await rig.pass_time(60)
    rig.sim.home.battery_fault = fault
    rig.plan_battery(mode)
    await rig.pass_time(50)
    wrong = rig.control("battery").error_cause
    assert wrong is not None
    assert (wrong.kind, wrong.parameters["mode"]) == ("power_contradicts", mode)
    assert rig.bus.health.snapshot().reasons
    rig.sim.home.battery_fault = None
    await rig.pass_time(120)
    assert rig.house_battery is mode
    assert rig.control("battery").phase is Phase.VERIFIED
    assert not rig.bus.health.snapshot().reasons


async def test_a_battery_that_never_follows_is_given_up_loudly_and_comes_back(rig: Controlled) -> None:
    await rig.pass_time(60)
    rig.sim.home.battery_fault = BatteryFault.SWALLOW
    rig.plan_battery(CHARGE, minutes=300)
    await rig.pass_time(400)
    assert rig.control("battery").phase is Phase.REFUSED
    assert len(rig.events(EventKind.CONTROL_LOST)) == 1
    writes = len(rig.writes("batterymode"))
    await rig.pass_time(1200)
    assert len(rig.writes("batterymode")) - writes < 60
    rig.sim.home.battery_fault = None
    rig.plan_battery(CHARGE, minutes=300)
    await rig.pass_time(1500)
    assert rig.house_battery is CHARGE
    assert len(rig.events(EventKind.CONTROL_LOST)) == 1
    assert len(rig.events(EventKind.CONTROL_BACK)) == 1


async def test_a_release_that_was_swallowed_is_repaired(rig: Controlled) -> None:
    rig.plan_battery(HOLD, minutes=3)
    await rig.pass_time(170)
    rig.sim.home.battery_fault = BatteryFault.SWALLOW
    await rig.pass_time(30)
    rig.sim.home.battery_fault = None
    assert rig.house_battery is HOLD
    await rig.pass_time(90)
    assert rig.house_battery is NORMAL


async def test_an_old_evcc_without_holdcharge_gets_the_nearest_mode(tmp_path: Path) -> None:
    async with controlled(tmp_path / "control.db", dialect="0.207") as rig:
        rig.plan_battery(HOLDCHARGE)
        await rig.pass_time(120)
        assert len(rig.writes("holdcharge")) == 1
        control = rig.control("battery")
        assert control.phase is Phase.VERIFIED
        assert control.cause == Reason(
            kind="mode_replaced",
            parameters={
                "wanted": "holdcharge",
                "done": "normal",
                "because": {"kind": "proposal", "controller": "lp"},
            },
        )


async def test_a_battery_that_can_only_hold_is_held_instead_of_charged(tmp_path: Path) -> None:
    can = frozenset({HOLD})
    rules = ControlSettings(battery_modes=can)
    async with controlled(tmp_path / "control.db", home=a_home(battery_modes=can | {NORMAL}), rules=rules) as rig:
        rig.plan_battery(CHARGE)
        await rig.pass_time(90)
        assert rig.house_battery is HOLD
        assert not rig.writes("batterymode/charge")
        answer = await rig.bus.answer(SET_BATTERY_MODE, SetBatteryMode(mode=CHARGE))
        assert (answer.kind, answer.parameters) == (
            "battery_cannot_mode",
            {"mode": "charge", "able": "normal, hold"},
        )


async def test_a_persons_mode_outranks_the_plan_until_released(rig: Controlled) -> None:
    rig.plan_battery(CHARGE)
    await rig.pass_time(60)
    await rig.bus.command(SET_BATTERY_MODE, SetBatteryMode(mode=HOLD))
    await rig.pass_time(60)
    assert rig.house_battery is HOLD
    assert rig.control("battery").owner is Owner.USER
    await rig.bus.command(RELEASE, Release(), device="battery")
    await rig.pass_time(60)
    assert rig.house_battery is CHARGE


async def test_somebody_elses_mode_in_evcc_is_left_alone_until_it_lapses(rig: Controlled) -> None:
    rig.plan_battery(CHARGE)
    await rig.pass_time(60)
    rig.head.set_external(HOLD)
    await rig.pass_time(40)
    assert rig.house_battery is HOLD
    assert len(rig.events(EventKind.OVERRIDE)) == 1
    await rig.pass_time(90)
    assert rig.house_battery is CHARGE


async def test_off_leaves_the_battery_to_evcc_and_survives_a_restart(rig: Controlled) -> None:
    rig.plan_battery(CHARGE)
    await rig.pass_time(60)
    await rig.bus.command(SET_CHOICE, SetChoice(controller=Choice.OFF), device="battery")
    await rig.pass_time(60)
    assert rig.house_battery is NORMAL
    rig.kill()
    rig.start()
    await rig.pass_time(120)
    assert rig.house_battery is NORMAL
    assert rig.control("battery").choice is Choice.OFF


async def test_a_learner_that_is_not_there_cannot_be_chosen(rig: Controlled) -> None:
    await rig.pass_time(10)
    answer = await rig.bus.answer(SET_CHOICE, SetChoice(controller=Choice.RL), device="battery")
    assert (answer.kind, answer.parameters) == ("impossible", {"why": "learner_offline"})


async def test_our_restart_in_the_middle_of_a_plan_changes_nothing_in_the_house(rig: Controlled) -> None:
    rig.plan_battery(HOLD)
    await rig.pass_time(60)
    orders = len(rig.sim.home.battery_orders)
    rig.kill()
    rig.start()
    await rig.pass_time(120)
    assert len(rig.sim.home.battery_orders) == orders
    assert rig.control("battery").owner is Owner.PLAN


async def test_a_battery_that_evcc_cannot_control_is_said_when_the_plan_wants_it_and_not_before(tmp_path: Path) -> None:
    home = a_home()
    home.battery_controllable = False
    async with controlled(tmp_path / "control.db", home=home) as rig:
        await rig.pass_time(60)
        assert not rig.bus.health.snapshot().reasons
        rig.plan_battery(HOLD)
        await rig.pass_time(60)
        assert rig.control("battery").error_cause == Reason(kind="nothing_controllable")
        assert rig.bus.health.snapshot().reasons
        assert len(rig.writes("batterymode")) <= 2


async def test_a_forced_battery_that_evcc_cannot_reach_after_its_crash_is_freed_when_it_can(rig: Controlled) -> None:
    rig.plan_battery(CHARGE, minutes=2)
    await rig.pass_time(60)
    await rig.sim.kill()
    rig.sim.home.battery_controllable = False
    await rig.pass_time(60)
    await rig.sim.start()
    await rig.pass_time(180)
    assert rig.house_battery is CHARGE
    assert rig.store.battery().lease is not None
    rig.sim.home.battery_controllable = True
    await rig.pass_time(65)
    assert rig.house_battery is NORMAL


async def automation(rig: Controlled, mode: BatteryMode, seconds: float) -> None:
    """Sets a mode from outside every 20 s, as Home Assistant's automations do."""
    for _ in range(round(seconds / 20)):
        _ = rig.sim.home
        rig.head.set_external(mode)
        await rig.pass_time(20)


@pytest.mark.parametrize("mode", [NORMAL, CHARGE])
async def test_somebodys_mode_that_an_automation_repeats_is_one_override(rig: Controlled, mode: BatteryMode) -> None:
    rig.plan_battery(HOLD)
    await rig.pass_time(60)
    await automation(rig, mode, 300)
    assert (rig.house_battery, rig.control("battery").owner) == (mode, Owner.USER)
    assert len(rig.events(EventKind.OVERRIDE)) == 1
    await rig.pass_time(120)
    assert (rig.house_battery, rig.control("battery").owner) == (HOLD, Owner.PLAN)


async def test_somebodys_normal_is_respected_while_nothing_is_planned_yet(rig: Controlled) -> None:
    await rig.pass_time(120)
    await automation(rig, NORMAL, 20)
    rig.plan_battery(CHARGE)
    await rig.pass_time(20)
    assert (rig.house_battery, rig.control("battery").owner) == (NORMAL, Owner.USER)
    await rig.pass_time(120)
    assert rig.house_battery is CHARGE


async def test_release_ends_somebodys_mode_that_evcc_still_shows(rig: Controlled) -> None:
    rig.plan_battery(HOLD)
    await rig.pass_time(60)
    await automation(rig, CHARGE, 20)
    assert rig.control("battery").owner is Owner.USER
    await rig.bus.command(RELEASE, Release(), device="battery")
    await rig.pass_time(20)
    assert (rig.house_battery, rig.control("battery").owner) == (HOLD, Owner.PLAN)


@pytest.mark.parametrize("mode", [HOLD, CHARGE])
async def test_a_wiped_broker_orders_nothing_and_a_lasting_one_ends_like_a_planner_that_is_gone(
    rig: Controlled, mode: BatteryMode
) -> None:
    rig.plan_battery(mode)
    rig.plan_car(LoadpointMode.NOW)
    await rig.pass_time(60)
    for device in ("battery", "loadpoint-1"):
        rig.bus.set(PROPOSAL, None, f"lp/{device}")
    before = len(rig.writes("batterymode/normal"))
    await rig.pass_time(50)
    assert (rig.house_battery, len(rig.writes("batterymode/normal"))) == (mode, before)
    assert (rig.control("battery").owner, rig.control("loadpoint-1").owner) == (Owner.PLAN, Owner.PLAN)
    await rig.pass_time(30)
    assert (rig.house_battery, rig.control("battery").owner) == (NORMAL, Owner.NONE)
    assert rig.control("battery").cause == Reason(kind="no_proposal", parameters={"controller": "lp"})


async def test_a_proposal_that_a_newer_plan_withdraws_ends_at_once(rig: Controlled) -> None:
    rig.plan_battery(HOLD)
    await rig.pass_time(60)
    now = rig.clock.now()
    none = Plan(id="none", at=now, valid_until=now + timedelta(minutes=15), status=PlanStatus.NONE, summary=WHY)
    rig.bus.set(PLAN, none)
    rig.bus.set(PROPOSAL, None, "lp/battery")
    await rig.pass_time(15)
    assert (rig.house_battery, rig.control("battery").owner) == (NORMAL, Owner.NONE)


async def test_a_mode_that_evcc_refuses_does_not_become_the_persons(tmp_path: Path) -> None:
    async with controlled(tmp_path / "control.db", dialect="0.207") as rig:
        rig.plan_battery(HOLD)
        await rig.pass_time(60)
        answer = await rig.bus.answer(SET_BATTERY_MODE, SetBatteryMode(mode=HOLDCHARGE))
        assert answer.kind == "evcc_refused"
        await rig.pass_time(60)
        assert (rig.control("battery").owner, rig.house_battery) == (Owner.PLAN, HOLD)
