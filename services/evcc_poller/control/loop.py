"""The control half's shell: hears proposals and people, looks at evcc, and lets each device take its steps.

The reading half starts :func:`control` beside itself and hands it every look at evcc.
"""

import asyncio
from contextlib import suppress
from typing import Protocol

from ems.bus.api import Bus
from ems.contract.topics import CONTROLLER, GOAL, PROPOSAL, STATUS
from evcc_poller.adapters.control_store import ControlStore
from evcc_poller.adapters.evcc import Evcc
from evcc_poller.control.command_handlers import answer_commands
from evcc_poller.control.device_registry import DeviceRegistry
from evcc_poller.domain.control import reasons
from evcc_poller.domain.control.settings import ControlSettings
from evcc_poller.domain.observation import Observation

DATABASE = "control.db"
"""The store's file in the state directory."""
GOODBYE_S = 3.5
"""So long (real seconds) the handover of a stop may take."""


class Observations(Protocol):
    """What the reading half hands over."""

    @property
    def latest(self) -> Observation | None:
        """The newest look at evcc."""

    async def next(self) -> Observation:
        """Waits for the next one."""


async def control(
    bus: Bus, settings: ControlSettings, evcc: Evcc, observations: Observations, store: ControlStore
) -> None:
    """Reconciles evcc with what the controllers in charge and people want, until cancelled; then hands over."""
    if not settings.enabled:
        return
    devices = DeviceRegistry(bus, settings, evcc, store)
    answer_commands(bus, devices)
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(_look(devices, observations, group))
            group.create_task(_listen(bus, devices))
            group.create_task(_keep_plans(devices))
    finally:
        with suppress(TimeoutError):
            async with asyncio.timeout(GOODBYE_S):
                await devices.hand_over(reasons.STOPPED)


async def _look(devices: DeviceRegistry, observations: Observations, group: asyncio.TaskGroup) -> None:
    """Takes every look at evcc; a device that is seen for the first time gets a task of its own."""
    started: set[str] = set()
    seen = observations.latest
    while True:
        if seen is not None:
            devices.see(seen)
        for name, device in devices.all():
            if name not in started:
                started.add(name)
                group.create_task(devices.keep(device))
        seen = await observations.next()


async def _listen(bus: Bus, devices: DeviceRegistry) -> None:
    """Wakes the devices when something that they heed changes."""
    async for changes in bus.changes(PROPOSAL, CONTROLLER, STATUS, GOAL):
        if any(topic is GOAL for topic, _ in changes):
            devices.keeping.remember_goals()
        devices.wake()


async def _keep_plans(devices: DeviceRegistry) -> None:
    """Gives evcc the open goals while the suite cannot plan, and takes them back; so with evcc's own limits."""
    while True:
        await devices.keep_plans()
        await devices.clock.sleep(devices.rules.tick_s)
