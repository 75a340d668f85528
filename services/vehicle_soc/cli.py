"""What a person sees on the command line: what the settings mean, whether the sources answer, a login with a code."""

import argparse
import asyncio
import getpass
import sys
from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from typing import Any

from pydantic import SecretStr

from ems.runtime import redact
from ems.runtime.clock import SystemClock, clock_from_environment
from ems.runtime.errors import PermanentError, TransientError
from ems.runtime.settings import SettingsError
from vehicle_soc.adapters.provider import Polled, Pushed, TwoFactor
from vehicle_soc.config_loader import VehicleConfig, load
from vehicle_soc.domain.readings import Reading
from vehicle_soc.provider_factory import open_provider_factory
from vehicle_soc.settings import Settings

LISTEN_TIMEOUT_S = 5.0
"""Longest wait of ``--check`` for a source that speaks by itself, in seconds."""


def describe(settings: Settings) -> Iterable[str]:
    """What would be asked, and how often."""
    fleet = load(settings)
    hours = settings.quiet_hours
    budget = settings.budget
    yield f"asks each account at most {budget.per_hour} times an hour and {budget.per_day} times a day"
    yield f"asks nothing by itself from {hours.start:%H:%M} to {hours.end:%H:%M}" if hours else "asks at night as well"
    for car in fleet.cars:
        common = car.common
        often = "never asked (disabled)" if common.disabled else f"every {common.interval_minutes:g} min"
        forced = common.forced_refreshes_per_day
        woken = f", woken at most {forced} times a day" if forced else ", never woken"
        cloud = f"{often}{woken}" if car.account else "nothing to ask"
        yield f"{car.name}: {common.provider}, {cloud}"
    yield from (f"passed over: {warning}" for warning in fleet.warnings)
    if not fleet.cars:
        yield "knows no vehicle; add one under `vehicles`"


async def probe(settings: Settings) -> Iterable[str]:
    """Asks each source once, one after the other."""
    return [line async for line in _probe(settings)]


async def _probe(settings: Settings) -> AsyncIterator[str]:
    async with open_provider_factory(settings, SystemClock()) as factory:
        for config in load(settings).cars:
            source = factory.source(config)
            try:
                if isinstance(source, Polled):
                    yield f"{config.name}: {_in_words(await source.read(force=False))}"
                elif isinstance(source, Pushed):
                    yield f"{config.name}: {await _first_reading(source)}"
                else:
                    yield f"{config.name}: nothing to ask; evcc or a person tells"
            except (TransientError, PermanentError) as why:
                yield f"{config.name}: {why}"


def configure_login(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``vehicle-soc login``."""
    parser.add_argument("vehicle", metavar="NAME", help="the vehicle whose cloud wants a login")


def login(args: argparse.Namespace) -> int:
    """Logs in to a car's cloud with a person at the keyboard; the running service notices by itself."""
    if args.config is None:
        raise SettingsError("--config FILE is missing")
    settings = Settings.load(args.config)
    cars = {car.name: car for car in load(settings).cars}
    if args.vehicle not in cars:
        raise SettingsError(f"no such vehicle; known are {', '.join(cars) or 'none'}")
    return asyncio.run(_login(settings, cars[args.vehicle]))


async def _login(settings: Settings, config: VehicleConfig) -> int:
    if getattr(config.options, "password", "") is None:
        # Given now it is used now, and kept nowhere.
        password = SecretStr(await _ask("Password: "))
        config = replace(config, options=config.options.model_copy(update={"password": password}))
    async with open_provider_factory(settings, clock_from_environment()) as factory:
        source = factory.source(config)
        if not isinstance(source, TwoFactor):
            raise PermanentError(f"provider {config.common.provider!r} knows no login with a code")
        where = await source.send_code()
        if where is not None:
            _print(f"A code was sent to {where}.")
            code = await _ask("Code: ")
            await source.complete(code)
        _print("Logged in; this is kept.")
        if isinstance(source, Polled):
            _print(f"{config.name}: {_in_words(await source.read(force=False))}")
    return 0


async def _ask(prompt: str) -> str:
    """A secret from the keyboard, unseen, or from a pipe."""
    if sys.stdin.isatty():
        secret = await asyncio.to_thread(getpass.getpass, prompt)
    else:
        secret = await asyncio.to_thread(sys.stdin.readline)
    redact.register(secret.strip())
    return secret.strip()


async def _first_reading(source: Pushed) -> str:
    heard: asyncio.Queue[Reading] = asyncio.Queue()
    first, listening = asyncio.create_task(heard.get()), asyncio.create_task(source.listen(heard.put_nowait))
    both: set[asyncio.Task[Any]] = {first, listening}
    try:
        await asyncio.wait(both, timeout=LISTEN_TIMEOUT_S, return_when=asyncio.FIRST_COMPLETED)
        if first.done():
            return _in_words(first.result())
        if listening.done():
            listening.result()  # raises what is wrong
        return f"connected, but nothing came within {LISTEN_TIMEOUT_S:g} s"
    finally:
        for task in both:
            task.cancel()
        await asyncio.wait(both)


def _in_words(reading: Reading) -> str:
    soc = "no state of charge" if reading.soc_pct is None else f"{reading.soc_pct:g} %"
    if reading.measured_at and not reading.pushed:
        when = f"measured at {reading.measured_at:%Y-%m-%d %H:%M} UTC"
    else:
        when = "it says a time without a zone; give `zone`" if reading.zoneless else "it says not when"
    return f"{soc}, {when}"


def _print(line: str) -> None:
    sys.stdout.write(redact.text(line) + "\n")
    sys.stdout.flush()
