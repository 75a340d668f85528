"""The program of a service: command line, exit status, signals, systemd."""

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import structlog

from ems.bus.api import Bus
from ems.bus.broker_check import BrokerCheck
from ems.bus.session import MqttBus
from ems.bus.timeouts import Timeouts
from ems.contract.service import Health, Service
from ems.homeassistant.discovery.announce import announce
from ems.runtime import credentials, logs, redact, state_dir
from ems.runtime.clock import Clock, clock_from_environment
from ems.runtime.errors import PermanentError, TransientError, causes
from ems.runtime.settings import ServiceSettings, SettingsError
from ems.runtime.signals import until_signal
from ems.runtime.systemd import Systemd, watched
from ems.service import memory
from ems.service.check import Probe, found_by, hangs

EXIT_FAILED = 1
EXIT_SETTINGS = 78
"""EX_CONFIG: systemd does not restart it, because only a person can help."""
STOP_WITHIN_S = 4.5
"""Longest shutdown, in real seconds; then the process is ended without mercy."""
_PASSWORD = "mqtt.password_credential"  # noqa: S105  the name of a setting
_GIVE_BACK_S = 60.0
"""Time between two times that free memory is given back, in real seconds."""
_MQTT_PROGRESS_S = 60
"""Longest time between two signs of life of the MQTT session, in real seconds."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Subcommand:
    """A subcommand of a service's program: ``SERVICE [--config FILE] NAME ...``.

    ``run`` returns the exit status; ``args.config`` is the settings file, or None when it was not given.
    """

    name: str
    help: str
    configure: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int]


def main[S: ServiceSettings](
    service: Service,
    settings_class: type[S],
    run: Callable[[Bus, S], Awaitable[None]],
    *,
    describe: Callable[[S], Iterable[str]],
    probes: Callable[[S], Sequence[Probe]] = lambda _: (),
    evcc_root: Callable[[S], str | None] = lambda _: None,
    evcc_url: Callable[[S], str | None] = lambda _: None,
    commands: Callable[[], Sequence[Subcommand]] = tuple,
    argv: Sequence[str] | None = None,
) -> int:
    """The whole program of a service.

    Args:
        service: its name.
        settings_class: what its file is read into.
        run: the service itself; it ends by being cancelled.
        describe: says in words what the service would do, a line each, for ``--check``.
        probes: what the service needs besides the broker and its state directory, for ``--check``.
        evcc_root: evcc's own root on the broker, where the service reads below it.
        evcc_url: where the service reaches evcc.
        commands: gives further subcommands; not called where the service itself is to run, which need not import them.
        argv: instead of the process's own arguments.

    Returns:
        The exit status: 0, 1 after an unexpected error or when a check finds a problem, 78 when the settings are wrong.
    """
    words = sys.argv[1:] if argv is None else argv
    offered = () if _runs_service(words) else commands()
    args = _parser(service, offered).parse_args(words)
    logs.configure(str(service))
    try:
        if args.command:
            chosen = next(c for c in offered if c.name == args.command)
            return chosen.run(args)
        if args.config is None:
            raise SettingsError("--config FILE is missing")  # noqa: TRY301  one place says all that is wrong
        settings = settings_class.load(args.config)
        if args.check:
            within = [] if args.offline else _probes(service, settings, probes, evcc_root)
            return _check(args.config, settings, describe, within)
        logs.configure(str(service), settings.log_level)
        _run(serve(service, settings, run, clock_from_environment(), evcc_url=evcc_url(settings)))
    except Exception as error:  # noqa: BLE001  the one place where everything ends
        return _report_failure(service, error)
    return 0


async def serve[S: ServiceSettings](
    service: Service,
    settings: S,
    run: Callable[[Bus, S], Awaitable[None]],
    clock: Clock,
    *,
    systemd: Systemd | None = None,
    timeouts: Timeouts | None = None,
    evcc_url: str | None = None,
) -> None:
    """Runs a service on the bus until it ends or is cancelled; its status is ``offline`` after both.

    Raises:
        SettingsError: a credential cannot be read.
        ExceptionGroup: whatever ``run`` raised, among what else failed at the same time.
    """
    systemd = systemd or Systemd.from_environment()

    def show_status(health: Health) -> None:
        systemd.status(f"{health.state}: {'; '.join(health.reasons)}" if health.reasons else str(health.state))

    ref = settings.mqtt.password_credential
    password = credentials.read(ref, _PASSWORD) if ref else None
    state_dir.prepare(settings.state_dir)
    async with watched(systemd) as progress:
        bus = MqttBus(
            service,
            settings.mqtt,
            clock,
            version=our_version(),
            password=password,
            timeouts=timeouts,
            on_tick=lambda: progress.report("mqtt", _MQTT_PROGRESS_S),
            on_health=show_status,
        )
        async with bus.session():
            _log.info("started", version=our_version())
            show_status(bus.health.snapshot())
            systemd.ready()
            async with asyncio.TaskGroup() as tasks:
                if settings.homeassistant.enabled:
                    announcing = announce(
                        bus,
                        settings.homeassistant,
                        service,
                        our_version(),
                        settings.language,
                        evcc_url=evcc_url,
                    )
                    beside = [tasks.create_task(announcing)]
                else:
                    beside = []
                beside.append(tasks.create_task(_give_back_memory()))
                try:
                    await run(bus, settings)
                finally:
                    systemd.stopping()
                    for task in beside:
                        task.cancel()


async def _give_back_memory() -> None:
    # What the start has needed first, which is most.
    while True:
        await asyncio.sleep(_GIVE_BACK_S)
        memory.give_back()


def our_version() -> str:
    """The version of the distribution that all services are in."""
    try:
        return version("evcc-ems")
    except PackageNotFoundError:
        return "unknown"


def _runs_service(words: Sequence[str]) -> bool:
    # As a unit starts it.
    return len(words) == 2 and words[0] == "--config"


def _parser(service: Service, commands: Sequence[Subcommand]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=str(service))
    _take_config(parser, None)
    parser.add_argument(
        "--check",
        action="store_true",
        help="validate the settings, say what would be done, ask broker, evcc, clouds whether it would work, and end",
    )
    parser.add_argument("--offline", action="store_true", help="with --check: only the settings, nobody is asked")
    parser.add_argument("--version", action="version", version=f"{service} {our_version()}")
    parser.set_defaults(command=None)
    if commands:
        choice = parser.add_subparsers(dest="command", metavar="COMMAND")
        for command in commands:
            further = choice.add_parser(command.name, help=command.help)
            # SUPPRESS keeps an absent second --config from undoing the first.
            _take_config(further, argparse.SUPPRESS)
            command.configure(further)
    return parser


def _take_config(parser: argparse.ArgumentParser, default: str | None) -> None:
    parser.add_argument("--config", type=Path, metavar="FILE", default=default, help="settings, YAML or JSON")


def _probes[S: ServiceSettings](
    service: Service,
    settings: S,
    more: Callable[[S], Sequence[Probe]],
    evcc_root: Callable[[S], str | None],
) -> Iterator[Probe]:
    """What every service needs, and what this one needs besides; made after the credentials were looked at."""

    async def state() -> str:
        return state_dir.look(settings.state_dir)

    mqtt = settings.mqtt
    password = credentials.read(mqtt.password_credential, _PASSWORD) if mqtt.password_credential else None
    broker = BrokerCheck(service, mqtt, settings.homeassistant, password, evcc_root(settings))
    yield Probe("state directory", state)
    yield Probe(f"broker {mqtt.host}:{mqtt.port}", broker.run)
    yield from more(settings)


def _check[S: ServiceSettings](
    path: Path, settings: S, describe: Callable[[S], Iterable[str]], probes: Iterable[Probe]
) -> int:
    mqtt = settings.mqtt
    try:
        if mqtt.password_credential:
            credentials.read(mqtt.password_credential, _PASSWORD)
        described = list(describe(settings))
        within = list(probes)
    except SettingsError as error:
        raise SettingsError(f"{path}: {error}") from None
    who = f"as {mqtt.username}" if mqtt.username else "without a name"
    how = "encrypted" if mqtt.tls else "NOT encrypted"
    lines = [
        f"{path} is good. With it this service",
        f"talks to the broker at {mqtt.host}:{mqtt.port} {who}, {how}, below {mqtt.prefix}/",
        f"keeps its state in {settings.state_dir}, lives in {settings.timezone}, speaks {settings.language}",
        *described,
    ]
    for line in lines:
        _print(line)
    found = found_by(within)
    for finding in found:
        _print(finding.line)
    status = 0 if all(finding.fine for finding in found) else EXIT_FAILED
    if hangs():
        sys.stdout.flush()
        os._exit(status)  # a thread cannot be cancelled, and Python would wait for it
    return status


def _run(work: Coroutine[Any, Any, None]) -> None:
    with suppress(asyncio.CancelledError):
        asyncio.run(until_signal(work, signal.SIGTERM, signal.SIGINT, stop_within_s=STOP_WITHIN_S))


def _report_failure(service: Service, error: Exception) -> int:
    """Prints what went wrong in words; returns the exit status."""
    found = list(causes(error))
    wrong = [cause for cause in found if isinstance(cause, SettingsError)]
    for cause in wrong or found[:1]:
        named = isinstance(cause, SettingsError | TransientError | PermanentError)
        why = str(cause) if named else f"{type(cause).__name__}: {cause}"
        clean = redact.registered if isinstance(cause, SettingsError) else redact.text
        sys.stderr.write(f"{service}: {clean(' '.join(why.split()))}\n")
    if wrong:
        return EXIT_SETTINGS
    if not isinstance(found[0], TransientError | PermanentError):
        _log.error("failed", exc_info=error)
    return EXIT_FAILED


def _print(line: str) -> None:
    sys.stdout.write(redact.text(line) + "\n")
