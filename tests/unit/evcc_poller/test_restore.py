"""What is left in evcc when we are gone, and evcc's own price limits."""

import argparse
from datetime import timedelta
from pathlib import Path

import pytest

from ems.contract.people import Goal
from ems.contract.site import BatteryMode, LoadpointMode
from ems.contract.topics import GOAL
from evcc_poller import restore
from evcc_poller.domain.control.settings import ControlSettings
from evcc_poller.settings import Settings
from support.controlled import START, Controlled, controlled

HOLD, NORMAL = BatteryMode.HOLD, BatteryMode.NORMAL
OFF, PV, NOW = LoadpointMode.OFF, LoadpointMode.PV, LoadpointMode.NOW


async def restored(rig: Controlled) -> None:
    settings = Settings.model_validate({"state_dir": rig.path.parent, "evcc": {"url": rig.sim.url}})
    await restore.restore(settings, rig.clock)


async def test_after_our_death_battery_mode_and_goal_are_evccs(rig: Controlled) -> None:
    goal = Goal(vehicle="limo", soc_pct=80, departure=START + timedelta(hours=12), asked_by="anna", asked_at=START)
    rig.bus.set(GOAL, goal, "limo")
    rig.scheduler.plans.remember_goals()
    rig.plan_battery(HOLD)
    rig.plan_car(NOW, 80)
    await rig.pass_time(60)
    rig.kill()
    await restored(rig)
    await rig.pass_time(15)
    assert rig.house_battery is NORMAL
    assert (rig.mode, rig.limit) == (PV, 0)
    plan = rig.head.settings.vehicles["limo"].plan
    assert plan is not None
    assert plan.value == 80
    rig.start()
    rig.plan_battery(HOLD)
    rig.plan_car(NOW, 80)
    await rig.pass_time(60)
    held = rig.house_battery
    assert (held, rig.mode, rig.control("loadpoint-1").owner) == (HOLD, NOW, "plan")
    assert rig.head.settings.vehicles["limo"].plan is None


async def test_a_person_who_acted_after_our_death_is_not_overruled(rig: Controlled) -> None:
    rig.plan_car(NOW)
    await rig.pass_time(60)
    rig.kill()
    rig.person_sets(OFF)
    await restored(rig)
    assert rig.mode is OFF


async def test_a_write_that_was_cut_off_half_way_is_undone(rig: Controlled) -> None:
    await rig.pass_time(60)
    rig.plan_car(NOW)
    rig.sim.faults.lose_reply("mode/now", times=9)
    await rig.pass_time(5)
    rig.kill()
    assert rig.mode is NOW
    await restored(rig)
    assert rig.mode is PV


async def test_where_nothing_was_ever_controlled_nothing_is_written(rig: Controlled) -> None:
    rig.kill()
    await restored(rig)
    assert not rig.writes("loadpoints")


def test_an_evcc_that_is_gone_makes_the_command_fail_in_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(restore, "PAUSE_S", 0)
    (tmp_path / "control.db").touch()
    config = tmp_path / "config.yaml"
    config.write_text(f'state_dir: {tmp_path}\nevcc: {{url: "http://127.0.0.1:9"}}\n')
    assert restore.run(argparse.Namespace(config=config)) == 1
    assert "the next start of evcc-poller will do it" in capsys.readouterr().err


async def test_evccs_own_limits_stay_and_are_told(rig: Controlled) -> None:
    rig.head.settings.loadpoints["1"].smart_cost_limit = 0.2
    rig.head.settings.site.grid_charge_limit = 0.1
    rig.plan_car(PV)
    await rig.pass_time(30)
    assert rig.head.settings.loadpoints["1"].smart_cost_limit == 0.2
    assert any("price limits of its own" in reason for reason in rig.bus.health.snapshot().reasons)


async def test_evccs_own_limits_are_taken_over_and_put_back_where_that_is_set(tmp_path: Path) -> None:
    async with controlled(tmp_path / "control.db", rules=ControlSettings(take_over_limits=True)) as rig:
        rig.head.settings.loadpoints["1"].smart_cost_limit = 0.2
        rig.head.settings.site.grid_charge_limit = 0.1
        rig.plan_car(PV)
        await rig.pass_time(30)
        assert rig.head.settings.loadpoints["1"].smart_cost_limit is None
        assert rig.head.settings.site.grid_charge_limit is None
        await rig.stop()
        assert rig.head.settings.loadpoints["1"].smart_cost_limit == 0.2
        assert rig.head.settings.site.grid_charge_limit == 0.1
