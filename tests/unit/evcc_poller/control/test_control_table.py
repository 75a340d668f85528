"""Every owner against every event: who owns a loadpoint and a battery afterwards, and what evcc shall have."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from ems.contract.control import Action, BatteryAction, Choice, ControllerName, LoadpointAction, Owner, Phase
from ems.contract.message import Text
from ems.contract.site import BatteryFact, BatteryMode, EvccFact, Loadpoint, LoadpointKind, LoadpointMode, Site
from evcc_poller.domain.control.battery import machine as battery_machine
from evcc_poller.domain.control.battery import writes as battery_writes
from evcc_poller.domain.control.battery.state import BatteryState
from evcc_poller.domain.control.effects import (
    DesiredAction,
    Effect,
    Outcome,
    RecordDecision,
    ReleaseBattery,
    WriteBatteryMode,
    WriteMode,
    Written,
)
from evcc_poller.domain.control.loadpoint import commands as loadpoint_commands
from evcc_poller.domain.control.loadpoint import machine as loadpoint_machine
from evcc_poller.domain.control.loadpoint import writes as loadpoint_writes
from evcc_poller.domain.control.loadpoint.state import LoadpointState
from evcc_poller.domain.control.settings import ControlSettings
from evcc_poller.domain.control.transition import StepResult
from evcc_poller.domain.observation import Observation
from evcc_poller.domain.wording.control import HeldForBoost, Left, LeftToEvcc, Proposed
from evcc_poller.domain.wording.troubles import ModeNotShown, OptimizerInCharge

RULES = ControlSettings(dwell_s=0)
T0 = datetime(2026, 1, 15, 18, tzinfo=UTC)
OFF, PV, MINPV, NOW = LoadpointMode.OFF, LoadpointMode.PV, LoadpointMode.MINPV, LoadpointMode.NOW
WHY = Proposed(ControllerName.LP, Text(en="So.", de="So.", nl="Zo."))
NOBODY = DesiredAction(WHY)


class World:
    """evcc as far as a loadpoint and a battery see it; writes are carried out at once, each step 10 s later."""

    def __init__(self) -> None:
        self.now = T0
        self.lp = Loadpoint(at=T0, id=1, mode=PV, connected=True, charging=False, vehicle="limo")
        self.bat = BatteryFact(power_w=-3000, soc_pct=50, mode=BatteryMode.NORMAL, controllable=True)
        self.desired, self.battery_desired = NOBODY, NOBODY
        self.state, self.battery = LoadpointState(1), BatteryState()
        self.restarted = self.untouched = False
        self.reachable = True
        self.records: list[RecordDecision] = []
        self.advance()

    def advance(self, seconds: float = 10) -> None:
        self.now += timedelta(seconds=seconds)
        evcc = EvccFact(reachable=self.reachable, interval_s=10)
        site = Site(at=self.now, evcc=evcc, grid_w=5000, battery=self.bat if self.reachable else None)
        lps = (self.lp,) if self.reachable else ()
        seen = Observation(self.now, site, lps, restarted=self.restarted, external_untouched=self.untouched)
        self.restarted = False
        self.step(lambda s: loadpoint_machine.step(s, seen, lps[0] if lps else None, self.desired, self.now, RULES))
        self.battery_step(lambda s: battery_machine.step(s, seen, self.battery_desired, self.now, RULES))

    def step(self, change: Callable[[LoadpointState], StepResult[LoadpointState]]) -> None:
        self.state, effects = change(self.state)
        for effect in self.noted(effects):
            if isinstance(effect, WriteMode):
                self.lp = self.lp.model_copy(update={"mode": effect.mode})
                self.state, more = loadpoint_writes.written(self.state, Written(effect, Outcome.DONE, self.now))
                self.noted(more)

    def battery_step(self, change: Callable[[BatteryState], StepResult[BatteryState]]) -> None:
        self.battery, effects = change(self.battery)
        for effect in self.noted(effects):
            if isinstance(effect, WriteBatteryMode):
                self.untouched = False
                self.bat = self.bat.model_copy(update={"mode": effect.mode, "mode_external": effect.mode})
                self.battery, more = battery_writes.written(
                    self.battery, Written(effect, Outcome.DONE, self.now), RULES
                )
                self.noted(more)
            if isinstance(effect, ReleaseBattery):
                self.bat = self.bat.model_copy(update={"mode_external": None})

    def noted(self, effects: tuple[Effect, ...]) -> tuple[Effect, ...]:
        self.records += [e for e in effects if isinstance(e, RecordDecision)]
        return effects

    def plans(self, mode: LoadpointMode, battery_mode: BatteryMode) -> None:
        def desired(action: Action) -> DesiredAction:
            return DesiredAction(WHY, action, ControllerName.LP)

        self.desired = desired(LoadpointAction(mode=mode))
        self.battery_desired = desired(BatteryAction(mode=battery_mode))


def user(w: World) -> None:
    w.step(lambda s: loadpoint_commands.set_mode(s, OFF, w.now, RULES))
    w.battery_step(lambda s: battery_machine.set_mode(s, BatteryMode.HOLD, w.now, RULES))


def boost(w: World) -> None:
    w.step(lambda s: loadpoint_commands.boost(s, 90, w.now))
    w.battery_desired = DesiredAction(HeldForBoost(), BatteryAction(mode=BatteryMode.HOLD), owner=Owner.BOOST)


def plan(w: World) -> None:
    w.plans(MINPV, BatteryMode.CHARGE)


def none(w: World) -> None:
    w.desired = w.battery_desired = NOBODY


def foreign_mode(w: World) -> None:
    w.lp = w.lp.model_copy(update={"mode": PV if w.lp.mode is not PV else OFF})
    w.bat = w.bat.model_copy(update={"mode_external": BatteryMode.HOLDCHARGE})


def release(w: World) -> None:
    w.step(lambda s: loadpoint_commands.release(s, w.now))
    w.battery_step(battery_machine.release)


def choose_off(w: World) -> None:
    w.step(lambda s: loadpoint_commands.choose(s, Choice.OFF, w.now))
    w.battery_step(lambda s: battery_machine.choose(s, Choice.OFF))


def car_leaves(w: World) -> None:
    w.lp = w.lp.model_copy(update={"connected": False, "mode": PV, "vehicle": None})


def time_ends(w: World) -> None:
    w.now += timedelta(hours=7)


def evcc_restarts(w: World) -> None:
    w.restarted = w.untouched = True
    w.lp = w.lp.model_copy(update={"mode": NOW if w.lp.mode is PV else PV})
    w.bat = w.bat.model_copy(update={"mode": None, "mode_external": None})


def evcc_away(w: World) -> None:
    w.reachable = False


def evcc_refuses(w: World) -> None:
    conflict = Written(WriteMode(1, NOW), Outcome.CONFLICT, w.now, OptimizerInCharge())
    w.step(lambda s: loadpoint_writes.written(s, conflict))
    refused = Written(WriteBatteryMode(BatteryMode.HOLD), Outcome.CONFLICT, w.now, OptimizerInCharge())
    w.battery_step(lambda s: battery_writes.written(s, refused, RULES))


def we_stop(w: World) -> None:
    w.step(lambda s: loadpoint_machine.stop(s, w.now, LeftToEvcc(Left.STOPPING)))
    w.battery_step(lambda s: battery_machine.stop(s, w.now, LeftToEvcc(Left.STOPPING)))


def we_die(w: World) -> None:
    w.state = LoadpointState(1, w.state.kept)
    w.battery = BatteryState(w.battery.kept)


U, B, P, N = Owner.USER, Owner.BOOST, Owner.PLAN, Owner.NONE
OWNERS: dict[Owner, Callable[[World], None]] = {U: user, B: boost, P: plan, N: none}

LOADPOINT: dict[str, dict[Owner, tuple[Owner, LoadpointMode]]] = {
    # event:        from user       from boost      from plan       from none
    "nothing": {U: (U, OFF), B: (B, NOW), P: (P, MINPV), N: (N, PV)},
    "user": {U: (U, OFF), B: (U, OFF), P: (U, OFF), N: (U, OFF)},
    "boost": {U: (B, NOW), B: (B, NOW), P: (B, NOW), N: (B, NOW)},
    "plan": {U: (U, OFF), B: (B, NOW), P: (P, MINPV), N: (P, MINPV)},
    "none": {U: (U, OFF), B: (B, NOW), P: (N, PV), N: (N, PV)},
    "foreign_mode": {U: (U, PV), B: (U, PV), P: (U, PV), N: (U, OFF)},
    "release": {U: (N, PV), B: (N, PV), P: (P, MINPV), N: (N, PV)},
    "choose_off": {U: (N, OFF), B: (N, PV), P: (N, PV), N: (N, PV)},
    "car_leaves": {U: (N, PV), B: (N, PV), P: (N, PV), N: (N, PV)},
    "time_ends": {U: (N, OFF), B: (N, PV), P: (P, MINPV), N: (N, PV)},
    "evcc_restarts": {U: (U, OFF), B: (B, NOW), P: (P, MINPV), N: (N, NOW)},
    "evcc_away": {U: (U, OFF), B: (B, NOW), P: (P, MINPV), N: (N, PV)},
    "evcc_refuses": {U: (U, OFF), B: (B, NOW), P: (N, PV), N: (N, PV)},
    "we_stop": {U: (U, OFF), B: (N, PV), P: (N, PV), N: (N, PV)},
    "we_die": {U: (U, OFF), B: (B, NOW), P: (P, MINPV), N: (N, PV)},
}
M = BatteryMode
BATTERY: dict[str, dict[Owner, tuple[Owner, BatteryMode]]] = {
    "nothing": {U: (U, M.HOLD), B: (B, M.HOLD), P: (P, M.CHARGE), N: (N, M.NORMAL)},
    "user": {U: (U, M.HOLD), B: (U, M.HOLD), P: (U, M.HOLD), N: (U, M.HOLD)},
    "boost": {U: (U, M.HOLD), B: (B, M.HOLD), P: (B, M.HOLD), N: (B, M.HOLD)},
    "plan": {U: (U, M.HOLD), B: (P, M.CHARGE), P: (P, M.CHARGE), N: (P, M.CHARGE)},
    "none": {U: (U, M.HOLD), B: (N, M.NORMAL), P: (N, M.NORMAL), N: (N, M.NORMAL)},
    "foreign_mode": {U: (U, M.HOLD), B: (U, M.HOLD), P: (U, M.CHARGE), N: (U, M.NORMAL)},
    "release": {U: (N, M.NORMAL), B: (B, M.HOLD), P: (P, M.CHARGE), N: (N, M.NORMAL)},
    "choose_off": {U: (N, M.NORMAL), B: (N, M.NORMAL), P: (N, M.NORMAL), N: (N, M.NORMAL)},
    "car_leaves": {U: (U, M.HOLD), B: (B, M.HOLD), P: (P, M.CHARGE), N: (N, M.NORMAL)},
    "time_ends": {U: (N, M.NORMAL), B: (B, M.HOLD), P: (P, M.CHARGE), N: (N, M.NORMAL)},
    "evcc_restarts": {U: (U, M.HOLD), B: (B, M.HOLD), P: (P, M.CHARGE), N: (N, M.NORMAL)},
    "evcc_away": {U: (U, M.HOLD), B: (B, M.HOLD), P: (P, M.CHARGE), N: (N, M.NORMAL)},
    "evcc_refuses": {U: (U, M.HOLD), B: (N, M.NORMAL), P: (N, M.NORMAL), N: (N, M.NORMAL)},
    "we_stop": {U: (N, M.NORMAL), B: (N, M.NORMAL), P: (N, M.NORMAL), N: (N, M.NORMAL)},
    "we_die": {U: (U, M.HOLD), B: (B, M.HOLD), P: (P, M.CHARGE), N: (N, M.NORMAL)},
}
EVENTS: dict[str, Callable[[World], None]] = {
    "nothing": lambda _: None,
    **{f.__name__: f for f in (user, boost, plan, none, foreign_mode, release, choose_off, car_leaves, time_ends)},
    **{f.__name__: f for f in (evcc_restarts, evcc_away, evcc_refuses, we_stop, we_die)},
}
SETTLES = 6
"""Steps until everything has settled."""


def after(owner: Owner, event: str) -> World:
    world = World()
    OWNERS[owner](world)
    for _ in range(SETTLES):
        world.advance()
    world.records.clear()
    EVENTS[event](world)
    for _ in range(SETTLES):
        world.advance()
    return world


def test_the_tables_are_complete() -> None:
    assert set(LOADPOINT) == set(BATTERY) == set(EVENTS)
    assert all(row.keys() == set(Owner) for row in LOADPOINT.values())
    assert all(row.keys() == set(Owner) for row in BATTERY.values())


@pytest.mark.parametrize(("event", "owner"), list(product(EVENTS, Owner)))
def test_a_loadpoint_goes_to_its_owner_and_evcc_has_what_they_want(event: str, owner: Owner) -> None:
    world = after(owner, event)
    assert (world.state.kept.owner, world.lp.mode) == LOADPOINT[event][owner]


@pytest.mark.parametrize(("event", "owner"), list(product(EVENTS, Owner)))
def test_a_battery_goes_to_its_owner_and_evcc_has_what_they_want(event: str, owner: Owner) -> None:
    world = after(owner, event)
    assert (world.battery.kept.owner, world.bat.mode) == BATTERY[event][owner]


@pytest.mark.parametrize(("event", "owner"), list(product(EVENTS, Owner)))
def test_a_change_of_owner_stands_in_the_audit_with_its_reason(event: str, owner: Owner) -> None:
    world = after(owner, event)
    for device, now_owner in (("loadpoint-1", world.state.kept.owner), ("battery", world.battery.kept.owner)):
        told = [r for r in world.records if r.device == device]
        assert now_owner is owner or told, f"{device} went from {owner} to {now_owner} without a word"


def test_a_persons_limit_alone_does_not_take_the_loadpoint_from_the_plan() -> None:
    world = World()
    plan(world)
    world.advance()
    world.lp = world.lp.model_copy(update={"limit_soc_pct": 70.0})
    world.advance()
    assert world.state.kept.owner is Owner.PLAN
    assert world.state.kept.limit_soc_pct == 70


def test_a_mode_that_evcc_leaves_behind_when_the_car_goes_is_put_back() -> None:
    world = World()
    plan(world)
    world.advance()
    world.lp = world.lp.model_copy(update={"connected": False, "vehicle": None})
    for _ in range(SETTLES):
        world.advance()
    assert (world.state.kept.owner, world.lp.mode, world.state.kept.found) == (Owner.NONE, PV, None)


def test_what_a_person_set_for_a_stay_is_not_what_the_next_car_finds() -> None:
    world = World()
    plan(world)
    world.advance()
    world.step(lambda s: loadpoint_commands.set_mode(s, NOW, world.now, RULES))
    world.advance()
    assert (world.state.kept.owner, world.lp.mode) == (Owner.USER, NOW)
    world.lp = world.lp.model_copy(update={"connected": False, "vehicle": None})
    for _ in range(SETTLES):
        world.advance()
    assert (world.state.kept.owner, world.lp.mode, world.state.kept.found) == (Owner.NONE, PV, None)


def test_a_planned_vehicle_is_named_only_where_evcc_knows_nobody() -> None:
    named = []
    for known in ("limo", None):
        world = World()
        world.lp = world.lp.model_copy(update={"vehicle": known})
        world.advance()
        world.desired = DesiredAction(WHY, LoadpointAction(mode=MINPV, vehicle="mini"), ControllerName.LP)
        world.advance()
        named.append(world.state.named_vehicle)
    assert named == [None, "mini"]


def test_a_mode_that_evcc_takes_and_does_not_show_is_said() -> None:
    world = World()
    plan(world)
    world.advance()
    for _ in range(4):
        world.bat = world.bat.model_copy(update={"mode": BatteryMode.NORMAL})
        world.advance()
    assert world.battery.error == ModeNotShown(BatteryMode.CHARGE, BatteryMode.NORMAL)


def test_a_heaters_limit_is_none_of_ours() -> None:
    world = World()
    world.lp = world.lp.model_copy(update={"kind": LoadpointKind.HEATER, "limit_soc_pct": 55.0})
    world.state = LoadpointState(1)
    world.advance()
    world.desired = DesiredAction(WHY, LoadpointAction(mode=MINPV, limit_soc_pct=80), ControllerName.LP)
    world.advance()
    world.advance()
    assert world.lp.mode is MINPV
    assert world.state.phase is Phase.VERIFIED


def test_states_are_values_that_no_step_changes() -> None:
    before = LoadpointState(1)
    world = World()
    seen = Observation(world.now, Site(at=world.now, evcc=EvccFact(reachable=True)), (world.lp,))
    loadpoint_machine.step(before, seen, world.lp, NOBODY, world.now, RULES)
    assert before == replace(before) == LoadpointState(1)
