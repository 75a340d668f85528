"""evcc-poller: polls evcc, records the history and controls the devices, one task each."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from functools import partial

from ems.bus.api import Bus
from ems.i18n.health import troubles
from ems.i18n.health.renderer import words
from ems.metrics.settings import InfluxSettings
from ems.metrics.sink import Metrics, make_metrics, server_of
from ems.runtime import credentials
from ems.runtime.errors import PermanentError, TransientError
from ems.service.check import Probe
from evcc_poller.adapters.control_store import ControlStore
from evcc_poller.adapters.evcc import Evcc
from evcc_poller.adapters.evcc_socket import EvccSocket
from evcc_poller.adapters.evcc_tree import EvccTree
from evcc_poller.adapters.history_db import HistoryDb
from evcc_poller.control.loop import DATABASE, control
from evcc_poller.domain.observation import Observation
from evcc_poller.domain.parsing.state import erased, read_state, unreadable, unusable
from evcc_poller.domain.parsing.vehicle_names import VehicleNames
from evcc_poller.domain.recording import influx_fields
from evcc_poller.domain.wording.renderer import GatewayWording
from evcc_poller.polling.observation_channel import ObservationChannel
from evcc_poller.polling.state_poller import StatePoller
from evcc_poller.polling.tariff_poller import TariffPoller
from evcc_poller.recording.energy_meter import EnergyMeter
from evcc_poller.recording.history_recorder import HistoryRecorder
from evcc_poller.settings import Settings

HOLD_INTERVALS = 3
"""Poll intervals for which a measurement counts at most; what comes after is a gap in the history."""


async def run(bus: Bus, settings: Settings) -> None:
    """The service, until cancelled.

    Raises:
        SettingsError: a credential cannot be read.
        PermanentError: control's file cannot be used.
    """
    names, wording = VehicleNames(settings.vehicle_names), GatewayWording(settings.zone)
    async with AsyncExitStack() as stack:
        evcc = await stack.enter_async_context(evcc_of(settings))
        said = partial(bus.health.file_set_aside, "control")
        store = stack.enter_context(ControlStore.open(settings.state_dir / DATABASE, said))
        metrics = make_metrics(settings.influx, bus.clock, bus.health) if settings.influx else None
        tariffs, observations = TariffPoller(bus, evcc), ObservationChannel()
        listeners: list[Callable[[Observation], Awaitable[None]]] = []
        async with asyncio.TaskGroup() as tasks:
            if history := _history(bus, settings, tariffs, stack):
                recorder, meter = history
                listeners += [recorder.observe, meter.observe]
                tasks.create_task(recorder.run(evcc))
            if metrics and settings.influx:
                listeners.append(_recorder(metrics, settings.influx.measurement))
                tasks.create_task(metrics.run())
            poller = StatePoller(bus, evcc, names, tariffs, observations, wording, listeners, settings.mqtt.prefix)
            tasks.create_task(tariffs.run(settings.tariff_interval_s))
            tasks.create_task(poller.run(settings.poll_interval_s))
            socket = EvccSocket(evcc.url, poller.hear, poller.suspect_restart)
            tasks.create_task(socket.run())
            if root := settings.evcc.mqtt_root:
                tree = EvccTree(root, poller.hear, poller.suspect_restart)
                for whole_filter in tree.filters:
                    bus.on_raw(whole_filter, tree.receive)
            tasks.create_task(control(bus, settings.control, evcc, observations, store, wording))


def evcc_of(settings: Settings) -> Evcc:
    """The evcc that ``settings`` name.

    Raises:
        SettingsError: its credential cannot be read.
    """
    ref = settings.evcc.password_credential
    password = credentials.read(ref, "evcc.password_credential").get_secret_value() if ref else None
    return Evcc(
        str(settings.evcc.url),
        password=password,
        timeout_s=settings.evcc.timeout_s,
        names=VehicleNames(settings.vehicle_names),
    )


def describe(settings: Settings) -> Iterable[str]:
    """What the service would do, for ``--check``. Reads the credentials, to see whether they are there."""
    evcc_of(settings)
    login = "with a password" if settings.evcc.password_credential else "without a login"
    yield f"reads evcc at {settings.evcc.url} every {settings.poll_interval_s:g} s, {login}"
    yield f"reads rates every {settings.tariff_interval_s:g} s and at every slot change"
    for evccs, ours in settings.vehicle_names.items():
        yield f"calls evcc's vehicle {evccs!r} {ours}"
    kept = "taking over evcc's own" if settings.history.backfill else "without evcc's own"
    yield f"keeps 15-minute means for {settings.history.retention_days} days, {kept}"
    if influx := settings.influx:
        for ref, key in ((influx.password_credential, "password"), (influx.token_credential, "token")):
            if ref:
                credentials.read(ref, f"influx.{key}_credential")
        yield f"records into {influx.place()}"
    else:
        yield "records into no InfluxDB"
    if not settings.control.enabled:
        yield "only reads: it never writes to evcc"
        return
    modes = ", ".join(sorted(settings.control.battery_modes)) or "nothing"
    yield f"writes to evcc: the battery's mode ({modes}), the loadpoints' modes and limits"
    yield f"leaves alone for {settings.control.override_hours:g} h what a person sets"


def probes(settings: Settings) -> list[Probe]:
    """Whether evcc is there and lets itself be read and steered, and InfluxDB takes points, for ``--check``."""
    found = [Probe("evcc", lambda: _ask_evcc(settings))]
    if influx := settings.influx:
        found.append(Probe(f"InfluxDB {influx.url}", lambda: _ask_influx(influx)))
    return found


async def _ask_evcc(settings: Settings) -> str:
    names = VehicleNames(settings.vehicle_names)
    async with evcc_of(settings) as evcc:
        state = await evcc.state()
        await evcc.check_password()
    found = read_state(state, datetime.now(UTC), names)
    wrong = [found.fatal, unreadable(found.problems), unusable(found.unusable_names)]
    problems = [words(trouble).en for trouble in wrong if trouble is not None]
    places = ", ".join(lp.title or str(lp.id) for lp in found.loadpoints) or "none"
    there = f"evcc {found.site.evcc.version or 'of unknown version'} answers; its loadpoints: {places}"
    if problems:
        raise PermanentError(f"{there}; but {'; but '.join(problems)}")
    # Whether evcc's broker is the suite's nobody can tell from here: it is said, and is no failure.
    root = erased(found.site.evcc.mqtt_root, settings.mqtt.prefix)
    return f"{there}; but {words(root).en}" if root else there


async def _ask_influx(influx: InfluxSettings) -> str:
    async with server_of(influx) as server:
        return f"{await server.check()} takes points"


def _history(
    bus: Bus, settings: Settings, tariffs: TariffPoller, stack: AsyncExitStack
) -> tuple[HistoryRecorder, EnergyMeter] | None:
    """The parts that use the history's file; None when it cannot be used, since polling and control matter more."""
    hold = timedelta(seconds=HOLD_INTERVALS * settings.poll_interval_s)
    try:
        said = partial(bus.health.file_set_aside, "history")
        db = stack.enter_context(HistoryDb.open(settings.state_dir / "history.db", said))
        recorder, meter = (
            HistoryRecorder(bus, db, tariffs, settings.history, hold=hold),
            EnergyMeter(bus, db, hold=hold),
        )
    except TransientError as error:
        bus.health.degraded("history", troubles.HistoryUnusable(str(error)))
        return None
    stack.callback(meter.close)
    return recorder, meter


def _recorder(metrics: Metrics, measurement: str) -> Callable[[Observation], Awaitable[None]]:
    async def record(seen: Observation) -> None:
        metrics.record(measurement, influx_fields.fields(seen), seen.at)

    return record
