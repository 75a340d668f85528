"""Runs one device: remembers on disk, then acts, then publishes. Decisions are made in ``domain.control``."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from ems.bus.api import Bus
from ems.contract.control import Control, Decisions
from ems.contract.people import EventKind
from ems.contract.topics import CONTROL, DECISIONS, EVENT
from ems.i18n.health import troubles
from evcc_poller.adapters.control_store import ControlStore
from evcc_poller.adapters.evcc import Evcc
from evcc_poller.control.evcc_writer import execute
from evcc_poller.domain.control.battery.state import BatteryMemory
from evcc_poller.domain.control.effects import (
    Effect,
    Outcome,
    PublishEvent,
    RecordDecision,
    Write,
    Written,
)
from evcc_poller.domain.control.loadpoint.state import LoadpointMemory
from evcc_poller.domain.control.messages import MessageMaker
from evcc_poller.domain.control.timing import shifted
from evcc_poller.domain.control.transition import StepResult
from evcc_poller.domain.events import decision_event
from evcc_poller.domain.republish import REPUBLISH_AFTER
from evcc_poller.domain.wording.control import ControlReason
from evcc_poller.domain.wording.renderer import GatewayWording

type MachineStep[S] = Callable[[S], StepResult[S]]
"""A step of a state machine, its inputs already filled in."""


class DeviceState(Protocol):
    """What the states of all devices have."""

    @property
    def device(self) -> str:
        """The device's name on the bus."""

    @property
    def kept(self) -> BatteryMemory | LoadpointMemory:
        """What must be on disk."""


class Looks(Protocol):
    """How a device gets newer observations than the poll's."""

    async def again(self) -> bool:
        """Has evcc polled, unless it just was; whether that brought a new observation."""

    def after_write(self) -> None:
        """Has evcc polled when it shows what was just written."""


@dataclass(frozen=True, slots=True)
class Machine[S]:
    """The functions of one kind of device."""

    written: Callable[[S, Written], StepResult[S]]
    published: Callable[[S, datetime, MessageMaker], Control]
    problem: Callable[[S], ControlReason | None]


class DeviceRunner[S: DeviceState]:
    """Owns one device's state. Steps are taken one at a time, each executed completely before the next."""

    def __init__(
        self,
        state: S,
        machine: Machine[S],
        bus: Bus,
        evcc: Evcc,
        store: ControlStore,
        looks: Looks,
        wording: GatewayWording,
    ) -> None:
        self.state: S = state
        self.woken = asyncio.Event()
        self.restarted = False
        """Whether evcc was restarted since the device's last step."""
        self.restart_considered = False
        """Whether the step that was just made up has been told of it."""
        self.gone = False
        """Whether evcc no longer has it: then nothing is published about it."""
        self._machine, self._bus, self._evcc, self._store = machine, bus, evcc, store
        self._looks, self._wording = looks, wording
        self._lock = asyncio.Lock()
        self._published: Control | None = None

    @property
    def name(self) -> str:
        """The device's name on the bus."""
        return self.state.device

    async def step(self, *steps: MachineStep[S]) -> tuple[Written, ...]:
        """Takes the steps one after the other; returns the outcomes of their writes."""
        async with self._lock:
            results: list[Written] = []
            try:
                for step in steps:
                    results += await self._take(step)
            finally:
                self._publish()
            return tuple(results)

    async def _take(self, step: MachineStep[S]) -> list[Written]:
        state, effects = step(self.state)
        if any(isinstance(effect, Write) for effect in effects) and await self._looks.again():
            # A person may have changed evcc a moment ago: what is written is decided on what it shows now.
            state, effects = step(self.state)
        if self.restart_considered:
            self.restarted = self.restart_considered = False
        queue = deque(self._remember(state, effects))
        results: list[Written] = []
        accepted: list[RecordDecision] = []
        said: set[str] = set()
        while queue:
            match queue.popleft():
                case RecordDecision(outcome="accepted") as decided:
                    accepted.append(decided)  # Said once evcc has answered what is written for it.
                case RecordDecision() as decided:
                    said.add(decided.outcome)
                    self._record(decided)
                case PublishEvent() as happened:
                    self._bus.publish(EVENT, self._messages().event(happened), event=happened.event_type)
                case write:
                    result = await execute(write, self._evcc, self._bus.clock)
                    results.append(result)
                    self._looks.after_write()
                    queue.extend(self._remember(*self._machine.written(self.state, result)))
        refused = next((r.trouble for r in results if r.trouble and r.outcome is not Outcome.LOST), None)
        for decided in accepted:
            if refused is None:
                self._record(decided)
            elif "refused" not in said:
                self._record(replace(decided, outcome="refused", reason=refused))
        return results

    def _record(self, decided: RecordDecision) -> None:
        """Puts a decision on disk and on the bus."""
        told = self._messages().decision(decided)
        self._store.append(told)
        self._bus.publish(DECISIONS, Decisions(at=self._bus.clock.now(), decisions=self._store.decisions()))
        self._bus.publish(EVENT, decision_event(told), event=EventKind.DECISION)

    def _messages(self) -> MessageMaker:
        """Says what the machine says at this moment."""
        return MessageMaker(self._wording, self._bus.clock.now(), self._ahead())

    def _ahead(self) -> timedelta:
        """How far the wall clock, which people and the disk are told, has been set ahead of the machines' time."""
        ahead = self._bus.clock.now() - self._bus.clock.steady()
        # Both are read one after the other: less than a second is no setting.
        return ahead if abs(ahead) >= timedelta(seconds=1) else timedelta()

    def _remember(self, state: S, effects: Iterable[Effect]) -> Iterable[Effect]:
        """Takes over the new state, on disk first: a start after a crash then knows what may have been done."""
        if state.kept != self.state.kept:
            self._store.remember(self.name, shifted(state.kept, self._ahead()))
        self.state = state
        return effects

    def _publish(self) -> None:
        """Publishes the control fact when it changed or is old; problems go to health."""
        if self.gone:
            self._published = None
            self._bus.health.ok(f"control:{self.name}")
            return
        now, state, ahead = self._bus.clock.now(), self.state, self._ahead()
        control, last = self._machine.published(state, now - ahead, self._messages()), self._published
        ends = control.until + ahead if control.until else None
        control = control.model_copy(update={"at": now, "since": control.since + ahead, "until": ends})
        if last is None or now - last.at > REPUBLISH_AFTER or control != last.model_copy(update={"at": now}):
            self._bus.publish(CONTROL, control, device=self.name)
            self._published = control
        problem = self._machine.problem(state)
        if problem is None:
            self._bus.health.ok(f"control:{self.name}")
        else:
            self._bus.health.degraded(
                f"control:{self.name}", troubles.DeviceTrouble(self.name, problem.kind, self._messages().text(problem))
            )
