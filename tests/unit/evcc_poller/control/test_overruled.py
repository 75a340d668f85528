"""What in evcc itself outranks a mode is told: such a mode is there, and not verified."""

from dataclasses import replace
from pathlib import Path

from ems.contract.control import Owner, Phase, SetLimitSoc
from ems.contract.message import Reason
from ems.contract.site import LoadpointKind, LoadpointMode, OverruledBy
from ems.contract.topics import SET_LIMIT_SOC
from evcc_poller.domain.control.settings import ControlSettings
from support.controlled import Controlled, a_home, controlled

LP = "loadpoint-1"


async def test_a_car_below_its_minimum_charges_in_pv_and_that_is_told_once(rig: Controlled) -> None:
    rig.head.settings.vehicles["limo"].min_soc_pct = 90
    rig.plan_car(LoadpointMode.PV)
    await rig.pass_time(180)
    control = rig.control(LP)
    assert rig.sim.home.cars["limo"].loadpoint == "1"
    assert (control.owner, control.phase, control.error) == (Owner.PLAN, Phase.PENDING, None)
    assert control.overruled is not None
    assert control.overruled_by is OverruledBy.MIN_SOC
    told = [d.cause for d in rig.store.decisions() if d.outcome == "overruled"]
    assert told == [Reason(kind="overruled", parameters={"by": "min_soc"})]
    rig.head.settings.vehicles["limo"].min_soc_pct = 0
    await rig.pass_time(180)
    assert (rig.control(LP).phase, rig.control(LP).overruled) == (Phase.VERIFIED, None)


async def test_what_outranks_a_mode_that_is_nobodys_is_evccs_own_business(rig: Controlled) -> None:
    rig.head.settings.vehicles["limo"].min_soc_pct = 90
    await rig.pass_time(180)
    assert (rig.control(LP).owner, rig.control(LP).phase, rig.control(LP).overruled) == (Owner.NONE, Phase.IDLE, None)


async def test_a_feed_in_limit_is_told_like_every_other_price_limit(rig: Controlled) -> None:
    await rig.evcc.set_feed_in_priority_limit(0.05, 1)
    rig.plan_car(LoadpointMode.PV)
    await rig.pass_time(60)
    assert any("(loadpoint 1 feed-in)" in reason for reason in rig.bus.health.snapshot().reasons)


async def test_a_feed_in_limit_is_cleared_and_put_back_like_every_other(tmp_path: Path) -> None:
    async with controlled(tmp_path / "control.db", rules=ControlSettings(take_over_limits=True)) as rig:
        await rig.evcc.set_feed_in_priority_limit(0.05, 1)
        await rig.evcc.set_smart_cost_limit(0.2, 1)
        rig.plan_car(LoadpointMode.PV, minutes=5)
        await rig.pass_time(60)
        settings = rig.head.settings.loadpoints["1"]
        assert (settings.smart_feed_in_limit, settings.smart_cost_limit) == (None, None)
        await rig.pass_time(600)
        assert (settings.smart_feed_in_limit, settings.smart_cost_limit) == (0.05, 0.2)


async def test_a_switch_socket_has_no_limit_that_could_be_set(tmp_path: Path) -> None:
    home = replace(a_home(), switches=frozenset({"1"}))
    async with controlled(tmp_path / "control.db", home=home) as rig:
        await rig.pass_time(60)
        assert rig.devices.seen is not None
        assert rig.devices.seen.loadpoints[0].kind is LoadpointKind.DEVICE
        answer = await rig.bus.answer(SET_LIMIT_SOC, SetLimitSoc(limit_soc_pct=80), id="1")
        assert (answer.kind, answer.parameters) == ("impossible", {"why": "device_limit"})
