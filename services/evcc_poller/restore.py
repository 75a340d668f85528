"""`evcc-poller restore`: leaves evcc to itself after evcc-poller has ended, however it ended.

It frees the battery, puts back the loadpoints' modes and gives open goals to evcc, from what is on disk alone.
"""

import argparse
import asyncio
import sys

from ems.bus.session import MqttBus
from ems.contract.service import Service
from ems.runtime.clock import Clock, clock_from_environment
from ems.runtime.errors import PermanentError, TransientError
from ems.runtime.settings import SettingsError
from ems.service.runner import EXIT_FAILED
from evcc_poller.adapters.control_store import ControlStore
from evcc_poller.adapters.evcc import Evcc
from evcc_poller.app import evcc_of
from evcc_poller.control.device_scheduler import DeviceScheduler
from evcc_poller.control.loop import DATABASE
from evcc_poller.domain.observation import Observation
from evcc_poller.domain.parsing.state import read_state
from evcc_poller.domain.parsing.vehicle_names import VehicleNames
from evcc_poller.domain.wording.control import Left, LeftToEvcc
from evcc_poller.domain.wording.renderer import GatewayWording
from evcc_poller.settings import Settings

TRIES = 3
"""Attempts to reach evcc, which may be just starting."""
PAUSE_S = 2
"""Pause between two attempts, in seconds."""


def run(args: argparse.Namespace) -> int:
    """The subcommand: 0 when nothing of ours is left in evcc, 1 when evcc could not be written to."""
    if args.config is None:
        raise SettingsError("--config FILE is missing")
    settings = Settings.load(args.config)
    if not settings.control.enabled or not (settings.state_dir / DATABASE).exists():
        return 0
    try:
        asyncio.run(restore(settings, clock_from_environment()))
    except (TransientError, PermanentError) as error:
        sys.stderr.write(f"evcc could not be left to itself: {error}; the next start of evcc-poller will do it\n")
        return EXIT_FAILED
    return 0


async def restore(settings: Settings, clock: Clock) -> None:
    """Leaves evcc to itself.

    Raises:
        TransientError: evcc does not answer.
        PermanentError: a person must act.
    """
    names = VehicleNames(settings.vehicle_names)
    # A bus that is never connected: nothing needs to be published, and no proposal may be followed.
    bus = MqttBus(Service.EVCC_POLLER, settings.mqtt, clock)
    with ControlStore.open(settings.state_dir / DATABASE, _tell) as store:
        async with evcc_of(settings) as evcc:
            scheduler = DeviceScheduler(bus, settings.control, evcc, store, GatewayWording(settings.zone))
            scheduler.update(await _observe(evcc, names, clock))
            await scheduler.detect_changes()
            await scheduler.hand_over(LeftToEvcc(Left.STOPPING))


def _tell(words: str) -> None:
    sys.stderr.write(f"{words}\n")


async def _observe(evcc: Evcc, names: VehicleNames, clock: Clock) -> Observation:
    for _ in range(TRIES - 1):
        try:
            return await _observe_once(evcc, names, clock)
        except TransientError:
            await clock.sleep(PAUSE_S)
    return await _observe_once(evcc, names, clock)


async def _observe_once(evcc: Evcc, names: VehicleNames, clock: Clock) -> Observation:
    at = clock.now()
    facts = read_state(await evcc.state(), at, names)
    return Observation(at, facts.site, facts.loadpoints, external_untouched=facts.external_untouched)
