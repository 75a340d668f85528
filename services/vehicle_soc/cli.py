"""What a person sees on the command line: what the settings mean, whether the sources answer, a login with a code."""

import argparse
import asyncio
import getpass
import sys
from collections.abc import Iterable
from contextlib import AsyncExitStack
from dataclasses import replace
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import SecretStr

from ems.runtime import redact
from ems.runtime.clock import SystemClock, clock_from_environment
from ems.runtime.errors import PermanentError, TransientError
from ems.runtime.settings import SettingsError
from ems.service.check import Probe
from vehicle_soc.adapters.provider import Polled, Pushed, TwoFactor
from vehicle_soc.config_loader import VehicleConfig, load
from vehicle_soc.domain.readings import Reading
from vehicle_soc.provider_factory import ProviderFactory, open_provider_factory
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
    yield from (f"understood otherwise: {warning}" for warning in fleet.warnings)
    if not fleet.cars:
        yield "knows no vehicle; add one under `vehicles`"


def probes(settings: Settings) -> list[Probe]:
    """Each car's source, asked once; a disabled one is left alone."""
    cars = [car for car in load(settings).cars if not car.common.disabled]
    round_of_questions = _Round(settings, len(cars))
    return [Probe(f"car {car.name}", partial(round_of_questions.ask, car)) for car in cars]


class _Round:
    """One question to each car. They share a factory, so that cars of one account share its login, too."""

    def __init__(self, settings: Settings, cars: int) -> None:
        self._settings, self._left = settings, cars
        self._open = AsyncExitStack()
        self._opening = asyncio.Lock()
        self._factory: ProviderFactory | None = None

    async def ask(self, car: VehicleConfig) -> str:
        """What the car's source answers, in words."""
        try:
            source = (await self._shared_factory()).source(car)
            if isinstance(source, Polled):
                return _in_words(await source.read(force=False), self._settings.zone)
            if isinstance(source, Pushed):
                return await _first_reading(source, self._settings.zone)
            return "nothing to ask; evcc or a person tells"
        finally:
            self._left -= 1
            if not self._left:
                await self._open.aclose()

    async def _shared_factory(self) -> ProviderFactory:
        async with self._opening:
            if self._factory is None:
                opening = open_provider_factory(self._settings, SystemClock())
                self._factory = await self._open.enter_async_context(opening)
            return self._factory


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
        password = SecretStr(await _typed("Password: "))
        config = replace(config, options=config.options.model_copy(update={"password": password}))
    async with open_provider_factory(settings, clock_from_environment()) as factory:
        source = factory.source(config)
        if not isinstance(source, TwoFactor):
            raise PermanentError(f"provider {config.common.provider!r} knows no login with a code")
        where = await source.send_code()
        if where is not None:
            _print(f"A code was sent to {where}.")
            code = await _typed("Code: ")
            await source.complete(code)
        _print("Logged in; this is kept.")
        if isinstance(source, Polled):
            _print(f"{config.name}: {_in_words(await source.read(force=False), settings.zone)}")
    return 0


async def _typed(prompt: str) -> str:
    """A secret from the keyboard, unseen, or from a pipe."""
    if sys.stdin.isatty():
        secret = await asyncio.to_thread(getpass.getpass, prompt)
    else:
        secret = await asyncio.to_thread(sys.stdin.readline)
    redact.register(secret.strip())
    return secret.strip()


async def _first_reading(source: Pushed, zone: ZoneInfo) -> str:
    heard: asyncio.Queue[Reading] = asyncio.Queue()
    first, listening = asyncio.create_task(heard.get()), asyncio.create_task(source.listen(heard.put_nowait))
    both: set[asyncio.Task[Any]] = {first, listening}
    try:
        await asyncio.wait(both, timeout=LISTEN_TIMEOUT_S, return_when=asyncio.FIRST_COMPLETED)
        if first.done():
            return _in_words(first.result(), zone)
        if listening.done():
            listening.result()  # raises what is wrong
        return f"connected, but nothing came within {LISTEN_TIMEOUT_S:g} s"
    finally:
        for task in both:
            task.cancel()
        await asyncio.wait(both)


def _in_words(reading: Reading, zone: ZoneInfo) -> str:
    if reading.soc_pct is None:
        raise TransientError("answers, but without a state of charge")
    soc = f"{reading.soc_pct:g} %"
    if reading.measured_at and not reading.pushed:
        when = f"measured at {reading.measured_at.astimezone(zone):%Y-%m-%d %H:%M}"
    else:
        when = "it says a time without a zone; give `zone`" if reading.zoneless else "it says not when"
    return f"{soc}, {when}"


def _print(line: str) -> None:
    sys.stdout.write(redact.text(line) + "\n")
    sys.stdout.flush()
