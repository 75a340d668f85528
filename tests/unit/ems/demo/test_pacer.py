"""The demo's clock never outruns the services."""

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import pytest

from ems.contract.control import BatteryAction, ControllerName, Proposal
from ems.contract.message import Text
from ems.contract.plan import Plan, PlanStatus
from ems.contract.site import BatteryMode, EvccFact, Site
from ems.demo.pace import Pace
from ems.demo.pacer import Pacer, is_behind
from ems.demo.terminal.bus_snapshot import BusSnapshot, BusWatcher
from ems.runtime.paced_clock import PacedClock

SLOT = datetime(2024, 6, 2, 15, tzinfo=UTC)
PACE = Pace(288)


def snapshot(seen: datetime | None, planned: datetime | None) -> BusSnapshot:
    site = Site(at=SLOT, evcc=EvccFact(reachable=True, last_contact=seen)) if seen else None
    plan = None
    if planned is not None:
        plan = Plan(id="p", at=planned, valid_until=SLOT, status=PlanStatus.OPTIMAL, summary=Text(en="", de=""))
    return BusSnapshot(site=site, plan=plan)


@pytest.mark.parametrize("missing", [{"seen": None}, {"planned": None}])
def test_until_the_first_facts_and_the_first_plan_it_waits(missing: dict[str, None]) -> None:
    known = {"seen": SLOT, "planned": SLOT, **missing}
    assert is_behind(snapshot(**known), SLOT, PACE)


def test_a_plan_of_this_slot_and_facts_of_now_are_what_services_make_by_themselves() -> None:
    now = SLOT + timedelta(minutes=14)
    assert not is_behind(snapshot(now, SLOT), now, PACE)


def test_the_last_slots_plan_may_be_carried_on_for_a_moment_only() -> None:
    last = SLOT - timedelta(seconds=30)
    assert not is_behind(snapshot(SLOT, last), SLOT + timedelta(minutes=1), PACE)
    now = SLOT + timedelta(minutes=5)
    assert is_behind(snapshot(now, last), now, PACE)


def test_what_the_learner_wants_is_waited_for_too_but_not_a_learner_that_wants_nothing() -> None:
    last, now = SLOT - timedelta(seconds=30), SLOT + timedelta(minutes=5)
    assert not is_behind(snapshot(now, SLOT), now, PACE)
    wants = Proposal(
        device="battery",
        controller=ControllerName.RL,
        at=last,
        valid_until=now,
        action=BatteryAction(mode=BatteryMode.HOLD),
        reason=Text(en="", de=""),
    )
    assert is_behind(replace(snapshot(now, SLOT), learner_proposals=(wants,)), now, PACE)


def test_facts_are_waited_for_long_before_they_are_too_old_to_act_upon() -> None:
    seen = SLOT - timedelta(seconds=PACE.stale_s * 0.6)
    assert is_behind(snapshot(seen, SLOT), SLOT, PACE)


@dataclass
class Bus:
    """What a watcher would see."""

    newest: BusSnapshot

    def snapshot(self) -> BusSnapshot:
        return self.newest


async def speed(clock: PacedClock) -> float:
    """Seconds of the clock in a real second, roughly."""
    before = clock.monotonic()
    await asyncio.sleep(0.1)
    return (clock.monotonic() - before) / 0.1


async def test_the_clock_runs_fast_from_the_first_plan_on_and_slowly_while_someone_is_behind(tmp_path: Path) -> None:
    clock = PacedClock.create(tmp_path / "clock", SLOT, 300)
    bus = Bus(snapshot(SLOT, None))
    pacer = Pacer(clock, Pace(300), cast("BusWatcher", bus))
    running = asyncio.create_task(pacer.run())
    try:
        assert await speed(clock) < 50
        bus.newest = snapshot(SLOT, SLOT)
        await asyncio.sleep(0.2)
        assert clock.now() > SLOT + timedelta(seconds=30)
        await asyncio.sleep(1.2)  # no facts come any more
        assert await speed(clock) < 50
        assert pacer.notice() is None, "a moment is not worth a word"
        await asyncio.sleep(2)
        notice = pacer.notice()
        assert notice is not None
        assert "slowly" in notice.en
        bus.newest = snapshot(clock.now(), clock.now())
        await asyncio.sleep(0.1)
        assert await speed(clock) > 100
    finally:
        running.cancel()
