"""All devices together, and what is heard on the bus about each."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

from ems.bus.api import Bus
from ems.contract.control import BatteryAction, Choice, ControllerName, LoadpointAction, Owner
from ems.contract.message import Text
from ems.contract.service import Service, Status
from ems.contract.site import BatteryMode
from ems.contract.topics import CONTROL, CONTROLLER, PROPOSAL, STATUS
from evcc_poller.adapters.control_store import ControlStore
from evcc_poller.adapters.evcc import Evcc
from evcc_poller.control.device_runner import Change, DeviceRunner, Machine
from evcc_poller.control.plan_and_limit_handover import PlanAndLimitHandover
from evcc_poller.domain.control import (
    battery,
    battery_writes,
    loadpoint,
    loadpoint_writes,
    reasons,
)
from evcc_poller.domain.control.arbitration import ControllerInputs, wish
from evcc_poller.domain.control.battery_state import DEVICE, BatteryState
from evcc_poller.domain.control.effects import DesiredAction
from evcc_poller.domain.control.loadpoint_state import LoadpointState
from evcc_poller.domain.control.settings import ControlSettings
from evcc_poller.domain.observation import Observation

PROPOSERS = {ControllerName.LP: Service.TARIFF_PLANNER, ControllerName.RL: Service.RL_AGENT}
"""Whose proposals are whose."""

LOADPOINT: Machine[LoadpointState] = Machine(loadpoint_writes.written, loadpoint.published, loadpoint.problem)


class DeviceRegistry:
    """The battery and the loadpoints, each with a task of its own, and the open goals."""

    def __init__(self, bus: Bus, rules: ControlSettings, evcc: Evcc, store: ControlStore) -> None:
        self.bus, self.rules, self.clock = bus, rules, bus.clock
        self._evcc, self._store = evcc, store
        self._started_at = bus.clock.now()
        self.seen: Observation | None = None
        machine = Machine[BatteryState](
            lambda s, w: battery_writes.written(s, w, rules), battery.published, battery.problem
        )
        self.battery = DeviceRunner(BatteryState(store.battery()), machine, bus, evcc, store)
        self.loadpoints: dict[int, DeviceRunner[LoadpointState]] = {}
        self.keeping = PlanAndLimitHandover(bus, evcc, store, rules)
        self._proposals, self._controllers = bus.watch(PROPOSAL), bus.watch(CONTROLLER)
        self._statuses, self._controls = bus.watch(STATUS), bus.watch(CONTROL)

    def all(self) -> list[tuple[str, DeviceRunner[BatteryState] | DeviceRunner[LoadpointState]]]:
        """The devices that evcc has, by name."""
        has_battery = self.seen is not None and self.seen.site.battery is not None
        battery_ = [(DEVICE, self.battery)] if has_battery or self.battery.state.kept.lease is not None else []
        return [*battery_, *((d.name, d) for d in self.loadpoints.values())]

    def see(self, seen: Observation) -> None:
        """Takes a look at evcc in, and wakes everybody."""
        self.seen = seen
        for lp in seen.loadpoints:
            if lp.id not in self.loadpoints:
                kept = self._store.loadpoint(f"loadpoint-{lp.id}")
                state = LoadpointState(lp.id, kept)
                self.loadpoints[lp.id] = DeviceRunner(state, LOADPOINT, self.bus, self._evcc, self._store)
        if seen.loadpoint_count is not None:
            self._forget_loadpoints(seen.loadpoint_count)
        # We write no battery mode to an evcc that we have not seen: one that was touched is the run that we know.
        away_and_back = seen.restarted and seen.external_untouched
        if away_and_back or battery.evcc_restarted(self.battery.state, seen):
            for _, device in self.all():
                device.restarted = True
        self.wake()

    def _forget_loadpoints(self, count: int) -> None:
        """What evcc no longer has is not controlled; the fact of an earlier run of ours would say so for ever."""
        for number, device in self.loadpoints.items():
            device.gone = number > count
        there = {DEVICE, *(f"loadpoint-{number + 1}" for number in range(count))}
        for name in set(self._controls.items()) - there:
            self.bus.clear(CONTROL, device=name)

    def wake(self) -> None:
        """Lets every device look again."""
        for _, device in self.all():
            device.woken.set()

    async def keep(self, device: DeviceRunner[BatteryState] | DeviceRunner[LoadpointState]) -> None:
        """Lets a device look whenever it is woken, and at every tick."""
        while True:
            device.woken.clear()
            await self.look(device)
            try:
                async with self.clock.timeout(self.rules.tick_s):
                    await device.woken.wait()
            except TimeoutError:
                continue

    async def look(self, device: DeviceRunner[BatteryState] | DeviceRunner[LoadpointState]) -> None:
        """One look of one device at how things stand now."""
        if device is self.battery:
            await self.battery.step(self.battery_look())
        else:
            lp = next(d for d in self.loadpoints.values() if d is device)
            await lp.step(self.loadpoint_look(lp))

    def battery_look(self) -> Change[BatteryState]:
        """The battery's next look, its inputs read when it is taken."""

        def change(state: BatteryState) -> battery.Step:
            if self.seen is None:
                return state, ()
            now, seen = self.clock.now(), self._seen_by(self.battery)
            return battery.step(state, seen, self._battery_wish(state.kept.choice, now), now, self.rules)

        return change

    def loadpoint_look(self, device: DeviceRunner[LoadpointState]) -> Change[LoadpointState]:
        """A loadpoint's next look, its inputs read when it is taken."""

        def change(state: LoadpointState) -> loadpoint.Step:
            if self.seen is None:
                return state, ()
            now, seen = self.clock.now(), self._seen_by(device)
            lp = next((x for x in seen.loadpoints if x.id == state.id), None)
            wished = self._wish(LoadpointAction, state.device, state.kept.choice, now)
            return loadpoint.step(state, seen, lp, wished, now, self.rules)

        return change

    async def keep_plans(self) -> None:
        """Open goals and evcc's own limits: with evcc while the suite cannot plan, with us while it can."""
        if self.seen is None:
            return
        now, optimizer = self.clock.now(), self.seen.site.evcc.optimizer_active
        if self.bus.connected and now - self._started_at > timedelta(seconds=self.rules.startup_grace_s):
            # A goal that was removed while we were away is told by nobody.
            self.keeping.remember_goals()
        states = [d.state for d in self.loadpoints.values()]
        wishes = [self._wish(LoadpointAction, s.device, s.kept.choice, now) for s in states]
        wishes.append(self._wish(BatteryAction, DEVICE, self.battery.state.kept.choice, now))
        planned = not optimizer and any(w.action is not None for w in wishes)
        await self.keeping.look(self.seen, not planned and any(w.planless for w in wishes), planned)

    async def notice(self) -> None:
        """Takes in what people have changed, and decides nothing: the way to a handover after our death."""
        await self.battery.step(lambda s: (replace(s, stopping=True), ()), self.battery_look())
        for device in self.loadpoints.values():
            await device.step(lambda s: (replace(s, stopping=True), ()), self.loadpoint_look(device))

    async def hand_over(self, reason: Text) -> None:
        """Leaves evcc to itself: battery free, modes as found, open goals as evcc's own plans."""
        now = self.clock.now()
        async with asyncio.TaskGroup() as group:
            if any(name == DEVICE for name, _ in self.all()):
                group.create_task(self.battery.step(lambda s: battery.stop(s, now, reason)))
            for device in self.loadpoints.values():
                group.create_task(device.step(lambda s: loadpoint.stop(s, now, reason)))
            if self.seen is not None:
                group.create_task(self.keeping.look(self.seen, planless=True, planned=False))

    def rl_online(self) -> bool:
        """Whether a learner is there to be chosen."""
        return self._statuses.get(Service.RL_AGENT) is Status.ONLINE

    def _seen_by(self, device: DeviceRunner[BatteryState] | DeviceRunner[LoadpointState]) -> Observation:
        """The newest look; that evcc was restarted is told to each device once, when evcc can be read again."""
        if self.seen is None:
            raise RuntimeError("evcc has not been looked at yet")
        restarted, reachable = device.restarted, self.seen.site.evcc.reachable
        device.restarted = restarted and not reachable
        return replace(self.seen, restarted=restarted and reachable)

    def _battery_wish(self, choice: Choice, now: datetime) -> DesiredAction:
        boosting = any(d.state.kept.boost is not None for d in self.loadpoints.values())
        if boosting and self.rules.boost_holds_battery and choice is not Choice.OFF:
            return DesiredAction(reasons.BOOST_HOLD, BatteryAction(mode=BatteryMode.HOLD), owner=Owner.BOOST)
        return self._wish(BatteryAction, DEVICE, choice, now)

    def _wish(
        self, kind: type[BatteryAction | LoadpointAction], device: str, choice: Choice, now: datetime
    ) -> DesiredAction:
        if self.seen is not None and self.seen.site.evcc.optimizer_active:
            return DesiredAction(reasons.OPTIMIZER, planless=True)
        proposals = {c: p for c in ControllerName if (p := self._proposals.get(f"{c}/{device}")) is not None}
        silent = {
            c: self._statuses.received_at(s) or now
            for c, s in PROPOSERS.items()
            if self._statuses.get(s) is Status.OFFLINE
        }
        voices = ControllerInputs(proposals, self._controllers.get(device), silent)
        return wish(kind, voices, choice, now, self._started_at, self.rules)
