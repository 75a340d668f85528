"""Lets each device take its steps: when it is woken, at every tick and at a handover."""

import asyncio
from dataclasses import replace
from datetime import timedelta

from ems.bus.api import Bus
from evcc_poller.adapters.control_store import ControlStore
from evcc_poller.adapters.evcc import Evcc
from evcc_poller.control.desired_actions import DesiredActions
from evcc_poller.control.device_registry import AnyRunner, DeviceRegistry
from evcc_poller.control.device_runner import DeviceRunner, MachineStep
from evcc_poller.control.limit_handover import LimitHandover
from evcc_poller.control.plan_handover import PlanHandover
from evcc_poller.domain.control.battery import machine as battery_machine
from evcc_poller.domain.control.battery.state import BatteryState
from evcc_poller.domain.control.loadpoint import machine as loadpoint_machine
from evcc_poller.domain.control.loadpoint.state import LoadpointState
from evcc_poller.domain.control.settings import ControlSettings
from evcc_poller.domain.control.timing import SETTLE
from evcc_poller.domain.control.transition import StepResult
from evcc_poller.domain.observation import Observation
from evcc_poller.domain.wording.control import ControlReason
from evcc_poller.domain.wording.renderer import GatewayWording
from evcc_poller.polling.observation_channel import ObservationChannel

FRESH_FOR_WRITE = timedelta(milliseconds=50)
"""Age of an observation up to which a write may be decided on it: a person may act between a look and a write."""
LOOKS_AFTER_WRITE_S = (0.15, SETTLE.total_seconds() + 0.05, 2.5)
"""When evcc is polled after a write, in seconds: as it usually shows it, as it surely does, and after a cycle of it."""


class DeviceScheduler:
    """Lets the devices of one evcc take their steps, each independent of the others."""

    def __init__(
        self,
        bus: Bus,
        rules: ControlSettings,
        evcc: Evcc,
        store: ControlStore,
        wording: GatewayWording,
        observations: ObservationChannel | None = None,
    ) -> None:
        self.rules, self.clock, self.wording = rules, bus.clock, wording
        self._observations = observations or ObservationChannel()
        self.devices = DeviceRegistry(bus, rules, evcc, store, self, wording)
        self.desired = DesiredActions(bus, rules, self.devices)
        self.plans = PlanHandover(bus, evcc, store)
        self._limits = LimitHandover(bus, evcc, store, rules)
        self._bus = bus

    def update(self, seen: Observation) -> None:
        """Takes over an observation and wakes every device."""
        self.devices.update(seen)
        self.wake()

    async def again(self) -> bool:
        """Has evcc polled, unless it just was; whether that brought a new observation."""
        seen, poll = self.devices.seen, self._observations.poll_unless_fresh
        if seen is None or poll is None or self.clock.steady() - seen.moment <= FRESH_FOR_WRITE:
            return False
        await poll(FRESH_FOR_WRITE)
        newest = self._observations.take()
        if newest is not None:
            self.update(newest)
        return self.devices.seen is not seen

    def after_write(self) -> None:
        """Has evcc polled when it shows what was just written, should it not tell so by itself."""
        if self._observations.poll_in is not None:
            for seconds in LOOKS_AFTER_WRITE_S:
                self._observations.poll_in(seconds)

    def wake(self) -> None:
        """Lets every device take a step soon."""
        for device in self.devices.all():
            device.woken.set()

    async def run(self, device: AnyRunner) -> None:
        """Lets a device take a step whenever it is woken, and at every tick, until cancelled."""
        while True:
            device.woken.clear()
            await self.step(device)
            try:
                async with self.clock.timeout(self.rules.tick_s):
                    await device.woken.wait()
            except TimeoutError:
                continue

    async def step(self, device: AnyRunner) -> None:
        """One step of a device with the inputs of now."""
        if device is self.devices.battery:
            await self.devices.battery.step(self.battery_step())
        else:
            lp = next(d for d in self.devices.loadpoints.values() if d is device)
            await lp.step(self.loadpoint_step(lp))

    def battery_step(self) -> MachineStep[BatteryState]:
        """The battery's next step; its inputs are read when it is taken."""

        def step(state: BatteryState) -> StepResult[BatteryState]:
            if self.devices.seen is None:
                return state, ()
            now, seen = self.clock.steady(), self._seen_by(self.devices.battery)
            return battery_machine.step(state, seen, self.desired.for_battery(state.kept.choice, now), now, self.rules)

        return step

    def loadpoint_step(self, device: DeviceRunner[LoadpointState]) -> MachineStep[LoadpointState]:
        """A loadpoint's next step; its inputs are read when it is taken."""

        def step(state: LoadpointState) -> StepResult[LoadpointState]:
            if self.devices.seen is None:
                return state, ()
            now, seen = self.clock.steady(), self._seen_by(device)
            lp = next((x for x in seen.loadpoints if x.id == state.id), None)
            return loadpoint_machine.step(state, seen, lp, self.desired.for_loadpoint(state, now), now, self.rules)

        return step

    async def step_handovers(self) -> None:
        """Hands open goals and evcc's own limits to evcc while the suite cannot plan; takes them back while it can."""
        seen = self.devices.seen
        if seen is None:
            return
        now = self.clock.steady()
        if self._bus.connected and now - self.desired.started_at > timedelta(seconds=self.rules.startup_grace_s):
            # Nobody reports a goal that was removed while the service was down.
            self.plans.remember_goals()
        desired = [self.desired.for_loadpoint(d.state, now) for d in self.devices.loadpoints.values()]
        desired.append(self.desired.planned_for_battery(self.devices.battery.state.kept.choice, now))
        planned = any(d.action is not None for d in desired)
        await self._step_handovers(seen, planless=not planned and any(d.planless for d in desired), planned=planned)

    async def detect_changes(self) -> None:
        """Takes in what people have changed and decides nothing: what a handover after a crash needs to know."""
        await self.devices.battery.step(lambda s: (replace(s, stopping=True), ()), self.battery_step())
        for device in self.devices.loadpoints.values():
            await device.step(lambda s: (replace(s, stopping=True), ()), self.loadpoint_step(device))

    async def hand_over(self, reason: ControlReason) -> None:
        """Leaves evcc to itself: battery free, modes as found, open goals as evcc's own plans."""
        now = self.clock.steady()
        async with asyncio.TaskGroup() as group:
            if self.devices.has_battery:
                group.create_task(self.devices.battery.step(lambda s: battery_machine.stop(s, now, reason)))
            for device in self.devices.loadpoints.values():
                group.create_task(device.step(lambda s: loadpoint_machine.stop(s, now, reason)))
            if self.devices.seen is not None:
                group.create_task(self._step_handovers(self.devices.seen, planless=True, planned=False))

    async def _step_handovers(self, seen: Observation, *, planless: bool, planned: bool) -> None:
        """``planless`` while the suite cannot plan, ``planned`` while it does; neither while that is not settled."""
        if not seen.site.evcc.reachable:
            return
        if planless:
            await self.plans.give(seen)
            await self._limits.restore(seen)
        elif planned:
            await self.plans.take_back(seen)
            await self._limits.clear(seen)

    def _seen_by(self, device: AnyRunner) -> Observation:
        """The newest observation; a restart of evcc is reported to each device once, when evcc can be read again."""
        seen = self.devices.seen
        if seen is None:
            raise RuntimeError("evcc has not been observed yet")
        device.restart_considered = device.restarted and seen.site.evcc.reachable
        return replace(seen, at=seen.moment, restarted=device.restart_considered)
