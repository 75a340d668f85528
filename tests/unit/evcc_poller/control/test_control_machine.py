"""Everything at once, in any order: people, plans, cars, crashes of evcc and of us, lost and refused replies.

Whatever happens: no battery stays forced beyond its lease, no person is overruled, and it always converges.
"""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal, override

from hypothesis import HealthCheck, settings
from hypothesis import Phase as Stage
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from ems.bus.api import Refused
from ems.contract.control import Boost, Choice, Owner, Phase, Release, SetBatteryMode, SetChoice, SetMode
from ems.contract.site import BatteryMode, LoadpointMode
from ems.contract.topics import BOOST, PROPOSAL, RELEASE, SET_BATTERY_MODE, SET_CHOICE, SET_MODE
from ems.simulator.home import BatteryFault
from evcc_poller.domain.control.settings import ControlSettings
from support.controlled import Controlled, controlled
from support.examples import DRAWN, few

LP = "loadpoint-1"
LEASE_S = 75
"""A lease and a control cycle of the simulated evcc, and a look."""
MODES = st.sampled_from(list(LoadpointMode))
BATTERY = st.sampled_from(list(BatteryMode))
FAULTS = st.sampled_from(["lose_reply", "lose_request", "404", "500", "409"])


class ControlMachine(RuleBasedStateMachine):
    """``person`` is what a person has set and we have had the chance to see; None while nobody has."""

    rig: Controlled

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.stack = AsyncExitStack()
        self.folder = TemporaryDirectory()
        self.person: LoadpointMode | None = None
        self.choices: dict[str, Choice] = {}
        self.both_up_s = self.evcc_up_s = self.unchanged_s = 0.0
        self.troubled = False

    def do(self, work: Any) -> Any:
        return self.loop.run_until_complete(work)

    @initialize()
    def begin(self) -> None:
        # The override outlasts every run: when its time ends is a table's business, not this machine's.
        rules = ControlSettings(override_hours=100)
        path = Path(self.folder.name) / "control.db"
        self.rig = self.do(self.stack.enter_async_context(controlled(path, rules=rules)))
        self.passes(60)

    def passes(self, seconds: float) -> None:
        self.do(self.rig.pass_time(seconds))
        self.evcc_up_s = self.evcc_up_s + seconds if self.evcc_up else 0.0
        self.both_up_s = self.both_up_s + seconds if self.evcc_up and not self.rig.dead else 0.0
        self.unchanged_s += seconds

    @property
    def evcc_up(self) -> bool:
        return self.rig.sim.evcc is not None and not self.rig.sim.faults.not_ready

    @property
    def calm(self) -> bool:
        """Whether nothing is in the way of a reply."""
        return self.evcc_up and not self.rig.dead and not self.troubled

    @property
    def left_to_evcc(self) -> bool:
        return self.choices.get(LP) is Choice.OFF

    # Plans.

    @rule(mode=BATTERY)
    def plan_battery(self, mode: BatteryMode) -> None:
        self.rig.plan_battery(mode, minutes=1000)
        self.unchanged_s = 0

    @rule(mode=MODES, limit=st.sampled_from([None, 60.0, 80.0]))
    def plan_car(self, mode: LoadpointMode, limit: float | None) -> None:
        self.rig.plan_car(mode, limit, minutes=1000)

    @rule()
    def tree_is_wiped(self) -> None:
        for device in ("battery", LP):
            self.rig.bus.set(PROPOSAL, None, f"lp/{device}")
        self.unchanged_s = 0

    # People.

    @precondition(lambda self: self.evcc_up)
    @rule(mode=MODES)
    def person_in_evcc(self, mode: LoadpointMode) -> None:
        if mode is self.rig.mode:
            return  # Nothing changed: nobody can see a wish in it.
        # What is set between evcc's return and our first look cannot be told from what its crash took back.
        known = self.calm and self.both_up_s > 15
        self.rig.person_sets(mode)
        self.passes(15)
        # A person whom we had no chance to hear before evcc forgot is nobody's promise.
        self.person = mode if known and not self.left_to_evcc else None
        if not known and not self.left_to_evcc:
            self.settle()
            self.person = self.rig.mode if self.rig.control(LP).owner is Owner.USER else None

    @precondition(lambda self: self.calm and self.both_up_s > 15)
    @rule(mode=MODES)
    def person_asks_us(self, mode: LoadpointMode) -> None:
        self.do(self.rig.bus.command(SET_MODE, SetMode(mode=mode), id="1"))
        self.person = None if self.left_to_evcc else mode
        assert self.rig.mode is mode

    @precondition(lambda self: self.calm and self.both_up_s > 15)
    @rule(minutes=st.sampled_from([0.0, 1.0, 3.0]))
    def boost(self, minutes: float) -> None:
        try:
            self.do(self.rig.bus.command(BOOST, Boost(minutes=minutes), id="1"))
        except Refused:
            assert self.left_to_evcc or self.rig.sim.home.cars["limo"].loadpoint is None
            return
        assert minutes == 0 or self.rig.mode is LoadpointMode.NOW
        self.passes(minutes * 60 + 15)
        assert self.rig.control(LP).owner is not Owner.BOOST

    @precondition(lambda self: self.calm and self.both_up_s > 15)
    @rule()
    def release(self) -> None:
        self.do(self.rig.bus.command(RELEASE, Release(), device=LP))
        self.do(self.rig.bus.command(RELEASE, Release(), device="battery"))
        self.unchanged_s = 0
        self.person = None

    @precondition(lambda self: self.calm and self.both_up_s > 15)
    @rule(choice=st.sampled_from([Choice.AUTO, Choice.LP, Choice.OFF]), device=st.sampled_from([LP, "battery"]))
    def choose(self, choice: Choice, device: str) -> None:
        self.do(self.rig.bus.command(SET_CHOICE, SetChoice(controller=choice), device=device))
        self.choices[device] = choice
        self.unchanged_s = 0
        if device == LP:
            self.person = None

    @precondition(lambda self: self.calm and self.both_up_s > 15)
    @rule(mode=BATTERY)
    def person_sets_battery(self, mode: BatteryMode) -> None:
        if self.choices.get("battery") is not Choice.OFF:
            self.do(self.rig.bus.command(SET_BATTERY_MODE, SetBatteryMode(mode=mode)))
        self.unchanged_s = 0

    # Cars.

    @precondition(lambda self: self.calm)
    @rule()
    def car_leaves_or_comes(self) -> None:
        limo = self.rig.sim.home.cars["limo"]
        here = limo.loadpoint is not None
        limo.loadpoint = None if here else "1"
        limo.energy_kwh = 20
        self.passes(90)
        if here:
            self.person = None

    # Crashes and faults.

    @precondition(lambda self: not self.rig.dead)
    @rule(how=st.sampled_from(["kill", "stop"]))
    def we_end(self, how: Literal["kill", "stop"]) -> None:
        if how == "stop":
            self.do(self.rig.stop())
        else:
            self.rig.kill()
        self.evcc_up_s = 0

    @precondition(lambda self: self.rig.dead)
    @rule()
    def we_start(self) -> None:
        self.rig.start()
        self.both_up_s = 0

    @precondition(lambda self: self.rig.sim.evcc is not None)
    @rule(how=st.sampled_from(["kill", "terminate"]))
    def evcc_ends(self, how: Literal["kill", "terminate"]) -> None:
        self.do(self.rig.sim.kill() if how == "kill" else self.rig.sim.terminate())
        self.evcc_up_s = self.both_up_s = 0
        self.passes(15)

    @precondition(lambda self: self.calm and self.both_up_s > 15 and self.rig.sim.home.battery_fault is None)
    @rule(mode=BATTERY)
    def evcc_dies_while_it_forces(self, mode: BatteryMode) -> None:
        self.plan_battery(BatteryMode.CHARGE)
        self.passes(60)
        self.evcc_ends("kill")
        self.plan_battery(mode)
        self.do(self.rig.sim.start())
        self.passes(LEASE_S)
        desired = self.rig.control("battery").desired
        assert self.rig.house_battery in {BatteryMode.NORMAL, *([desired.mode] if desired is not None else [])}

    @precondition(lambda self: self.rig.sim.evcc is None)
    @rule(starting_s=st.sampled_from([0, 30, 90]))
    def evcc_starts(self, starting_s: int) -> None:
        self.rig.sim.faults.not_ready = starting_s > 0
        self.do(self.rig.sim.start())
        self.passes(starting_s)
        self.rig.sim.faults.not_ready = False

    @rule(fault=FAULTS, pattern=st.sampled_from(["", "POST", "mode/", "batterymode"]), times=st.integers(1, 4))
    def replies_go_wrong(self, fault: str, pattern: str, times: int) -> None:
        faults = self.rig.sim.faults
        self.troubled = True
        match fault:
            case "lose_reply":
                faults.lose_reply(pattern, times)
            case "lose_request":
                faults.lose_request(pattern, times)
            case "409":
                faults.answer(409, "(POST|DELETE)", times)
            case status:
                faults.answer(int(status), pattern, times)

    @rule(fault=st.sampled_from([None, *BatteryFault]))
    def battery_goes_wrong(self, fault: BatteryFault | None) -> None:
        self.rig.sim.home.battery_fault = fault
        self.both_up_s = self.evcc_up_s = 0

    @rule(seconds=st.sampled_from([5, 20, 60, 180]))
    def time_passes(self, seconds: int) -> None:
        self.passes(seconds)

    @rule()
    def settle(self) -> None:
        """All obstacles gone, and enough time for a stand-down after a 409 and the pauses after giving up."""
        rig = self.rig
        rig.sim.faults.clear()
        rig.sim.home.battery_fault = None
        if rig.sim.evcc is None:
            self.do(rig.sim.start())
        if rig.dead:
            rig.start()
        self.passes(700)
        for proposal in list(rig.bus.watch(PROPOSAL).items().values()):
            rig.propose(proposal.device, proposal.action, minutes=1000)
        for _ in range(30):
            self.passes(120)
            if self.converged():
                break
        self.troubled = False
        assert self.converged(), (rig.control(LP), rig.control("battery"), rig.mode, rig.house_battery)

    def converged(self) -> bool:
        rig = self.rig
        lp, battery = rig.control(LP), rig.control("battery")
        wanted = battery.desired.mode if battery.desired is not None else BatteryMode.NORMAL
        return (
            lp.phase in {Phase.VERIFIED, Phase.IDLE}
            and (lp.desired is None or lp.desired.mode is rig.mode)
            and battery.phase in {Phase.VERIFIED, Phase.IDLE}
            and rig.house_battery is wanted
            and not rig.bus.health.snapshot().reasons
        )

    # What always holds.

    @invariant()
    def nothing_is_forced_beyond_its_lease(self) -> None:
        rig = getattr(self, "rig", None)
        if rig is None or rig.sim.home.battery_fault is not None or self.troubled:
            return
        evcc = rig.sim.evcc
        # What a killed evcc left forced only we can free; what lives lets go by itself.
        if rig.dead and evcc is not None and evcc.battery_mode is not None and self.evcc_up_s >= LEASE_S:
            assert rig.house_battery is BatteryMode.NORMAL
        if min(self.both_up_s, self.unchanged_s) >= 2 * LEASE_S:
            desired = rig.control("battery").desired
            assert rig.house_battery in {BatteryMode.NORMAL, *([desired.mode] if desired is not None else [])}

    @invariant()
    def no_person_is_overruled(self) -> None:
        rig = getattr(self, "rig", None)
        if rig is None or self.person is None or self.both_up_s < LEASE_S or self.troubled:
            return
        assert rig.mode is self.person
        assert rig.control(LP).owner is Owner.USER

    @override
    def teardown(self) -> None:
        try:
            if hasattr(self, "rig"):
                person = self.person
                self.settle()
                if person is not None:
                    assert self.rig.mode is person
        finally:
            self.do(self.stack.aclose())
            self.loop.close()
            self.folder.cleanup()


TestControlMachine = ControlMachine.TestCase
TestControlMachine.settings = settings(
    few(6),
    stateful_step_count=40 if DRAWN else 15,
    suppress_health_check=list(HealthCheck),
    # Without shrinking, which would take minutes: the steps that fail are told as they were.
    phases=[Stage.explicit, Stage.reuse, Stage.generate],
)
