"""`evcc-poller restore`: what systemd runs after evcc-poller has ended, however it ended.

It sets the battery free, puts back the loadpoints' modes and gives open goals to evcc, from what is on disk alone.
"""

import argparse
import asyncio
import sys

from ems.bus.session import MqttBus
from ems.contract.service import Service
from ems.runtime.clock import Clock, clock_from_environment
from ems.runtime.errors import PermanentError, TransientError
from ems.runtime.settings import SettingsError
from ems.service.runner import EXIT_FAILED, Subcommand
from evcc_poller.adapters.control_store import ControlStore
from evcc_poller.adapters.evcc import Evcc
from evcc_poller.app import evcc_of
from evcc_poller.control.device_registry import DeviceRegistry
from evcc_poller.control.loop import DATABASE
from evcc_poller.domain.control import reasons
from evcc_poller.domain.observation import Observation
from evcc_poller.domain.parsing.state import read
from evcc_poller.domain.parsing.vehicle_names import VehicleNames
from evcc_poller.settings import Settings

TRIES = 3
"""evcc may be just starting beside us."""
PAUSE_S = 2


def run(args: argparse.Namespace) -> int:
    """The subcommand: 0 when nothing of ours is left in evcc, 1 when evcc could not be told."""
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
    # A bus that is never connected: nobody needs to hear of this, and no proposal may be heard.
    bus = MqttBus(Service.EVCC_POLLER, settings.mqtt, clock)
    with ControlStore(settings.state_dir / DATABASE) as store:
        async with evcc_of(settings) as evcc:
            devices = DeviceRegistry(bus, settings.control, evcc, store)
            devices.see(await _look(evcc, names, clock))
            await devices.notice()
            await devices.hand_over(reasons.STOPPED)


async def _look(evcc: Evcc, names: VehicleNames, clock: Clock) -> Observation:
    for _ in range(TRIES - 1):
        try:
            return await _once(evcc, names, clock)
        except TransientError:
            await clock.sleep(PAUSE_S)
    return await _once(evcc, names, clock)


async def _once(evcc: Evcc, names: VehicleNames, clock: Clock) -> Observation:
    at = clock.now()
    facts = read(await evcc.state(), at, names)
    return Observation(at, facts.site, facts.loadpoints, external_untouched=facts.external_untouched)


COMMAND = Subcommand(
    "restore", "leave evcc to itself: battery free, modes as found, goals as evcc's plans", lambda _: None, run
)
