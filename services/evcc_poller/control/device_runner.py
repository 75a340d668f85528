"""A device's shell: remembers on disk, then acts, then tells. The deciding is done in ``domain.control``."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from ems.bus.api import Bus
from ems.contract.control import Control, Decisions
from ems.contract.people import EventKind
from ems.contract.topics import CONTROL, DECISIONS, EVENT
from evcc_poller.adapters.control_store import ControlStore
from evcc_poller.adapters.evcc import Evcc
from evcc_poller.control.evcc_writer import carry_out
from evcc_poller.domain.control.battery_state import BatteryMemory
from evcc_poller.domain.control.effects import Effect, Emit, Record, Written
from evcc_poller.domain.control.loadpoint_state import LoadpointMemory
from evcc_poller.domain.events import decided

SAY_AGAIN = timedelta(seconds=60)
"""At least so often the control fact is published, so that its age means something."""

type Change[S] = Callable[[S], tuple[S, tuple[Effect, ...]]]
"""A step of a state machine, its inputs already filled in."""


class State(Protocol):
    """What the states of all devices have."""

    @property
    def device(self) -> str:
        """The device's name on the bus."""

    @property
    def kept(self) -> BatteryMemory | LoadpointMemory:
        """What must be on disk."""


@dataclass(frozen=True, slots=True)
class Machine[S]:
    """The functions of one kind of device."""

    written: Callable[[S, Written], tuple[S, tuple[Effect, ...]]]
    published: Callable[[S, datetime], Control]
    problem: Callable[[S], str | None]


class DeviceRunner[S: State]:
    """Owns one device's state. Steps are taken one at a time, each wholly carried out before the next."""

    def __init__(self, state: S, machine: Machine[S], bus: Bus, evcc: Evcc, store: ControlStore) -> None:
        self.state: S = state
        self.woken = asyncio.Event()
        self.restarted = False
        """Whether evcc was restarted since the device last looked."""
        self.gone = False
        """Whether evcc has it no longer: then nothing is told of it."""
        self._machine, self._bus, self._evcc, self._store = machine, bus, evcc, store
        self._lock = asyncio.Lock()
        self._said: Control | None = None

    @property
    def name(self) -> str:
        """The device's name on the bus."""
        return self.state.device

    async def step(self, *changes: Change[S]) -> tuple[Written, ...]:
        """Takes the steps one after the other; returns what became of their writes."""
        async with self._lock:
            results: list[Written] = []
            try:
                for change in changes:
                    results += await self._take(change)
            finally:
                self._tell()
            return tuple(results)

    async def _take(self, change: Change[S]) -> list[Written]:
        queue = deque(self._settle(*change(self.state)))
        results: list[Written] = []
        while queue:
            match queue.popleft():
                case Record(decision=decision):
                    self._store.append(decision)
                    self._bus.publish(DECISIONS, Decisions(at=self._bus.clock.now(), decisions=self._store.decisions()))
                    self._bus.publish(EVENT, decided(decision), event=EventKind.DECISION)
                case Emit(event=event):
                    self._bus.publish(EVENT, event, event=event.event_type)
                case write:
                    result = await carry_out(write, self._evcc, self._bus.clock)
                    results.append(result)
                    queue.extend(self._settle(*self._machine.written(self.state, result)))
        return results

    def _settle(self, state: S, effects: Iterable[Effect]) -> Iterable[Effect]:
        """Takes the new state, on disk first: whoever starts after our death knows what may have been done."""
        if state.kept != self.state.kept:
            self._store.remember(self.name, state.kept)
        self.state = state
        return effects

    def _tell(self) -> None:
        """Publishes the control fact on change and now and then; problems go to health."""
        if self.gone:
            self._said = None
            self._bus.health.ok(f"control:{self.name}")
            return
        now, state = self._bus.clock.now(), self.state
        control, said = self._machine.published(state, now), self._said
        if said is None or now - said.at > SAY_AGAIN or control != said.model_copy(update={"at": now}):
            self._bus.publish(CONTROL, control, device=self.name)
            self._said = control
        problem = self._machine.problem(state)
        if problem is None:
            self._bus.health.ok(f"control:{self.name}")
        else:
            self._bus.health.degraded(f"control:{self.name}", f"{self.name}: {problem}")
