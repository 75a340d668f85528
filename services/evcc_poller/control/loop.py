"""Reconciles evcc with what controllers and people want, observation by observation, and hands over at the end."""

import asyncio
from contextlib import suppress

from ems.bus.api import Bus
from ems.contract.topics import CONTROLLER, GOAL, PROPOSAL, STATUS
from evcc_poller.adapters.control_store import ControlStore
from evcc_poller.adapters.evcc import Evcc
from evcc_poller.control.command_handlers import answer_commands
from evcc_poller.control.device_scheduler import DeviceScheduler
from evcc_poller.domain.control.settings import ControlSettings
from evcc_poller.domain.wording.control import Left, LeftToEvcc
from evcc_poller.domain.wording.renderer import GatewayWording
from evcc_poller.polling.observation_channel import ObservationChannel

DATABASE = "control.db"
"""The store's file in the state directory."""
HANDOVER_TIMEOUT_S = 3.5
"""Longest handover at shutdown, in real seconds."""


async def control(
    bus: Bus,
    settings: ControlSettings,
    evcc: Evcc,
    observations: ObservationChannel,
    store: ControlStore,
    wording: GatewayWording,
) -> None:
    """Reconciles evcc with what the controllers in charge and people want, until cancelled; then hands over."""
    if not settings.enabled:
        return
    scheduler = DeviceScheduler(bus, settings, evcc, store, wording, observations)
    answer_commands(bus, scheduler)
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(_follow_observations(scheduler, observations, group))
            group.create_task(_follow_bus(bus, scheduler))
            group.create_task(_follow_handovers(scheduler))
    finally:
        with suppress(TimeoutError):
            async with asyncio.timeout(HANDOVER_TIMEOUT_S):
                await scheduler.hand_over(LeftToEvcc(Left.STOPPING))


async def _follow_observations(
    scheduler: DeviceScheduler, observations: ObservationChannel, group: asyncio.TaskGroup
) -> None:
    """Passes on every observation; a device that is seen for the first time gets a task of its own."""
    started: set[str] = set()
    seen = observations.latest
    while True:
        if seen is not None:
            scheduler.update(seen)
        for device in scheduler.devices.all():
            if device.name not in started:
                started.add(device.name)
                group.create_task(scheduler.run(device))
        seen = await observations.next()


async def _follow_bus(bus: Bus, scheduler: DeviceScheduler) -> None:
    """Wakes the devices when an input of theirs changes."""
    async for changes in bus.changes(PROPOSAL, CONTROLLER, STATUS, GOAL):
        if any(topic is GOAL for topic, _ in changes):
            scheduler.plans.remember_goals()
        scheduler.wake()


async def _follow_handovers(scheduler: DeviceScheduler) -> None:
    """Steps the handover of goals and limits at every tick."""
    while True:
        await scheduler.step_handovers()
        await scheduler.clock.sleep(scheduler.rules.tick_s)
