"""What a person sees on the command line: what the settings mean, and whether Telegram knows the bot."""

import os
from collections.abc import Iterable
from pathlib import Path

from pydantic import SecretStr

from ems.runtime.errors import PermanentError
from ems.service.check import Probe
from notifier.config_loader import load
from notifier.settings import Settings, TelegramSettings


def describe(settings: Settings) -> Iterable[str]:
    """What the service would do, a line each."""
    loaded = load(settings)
    for person in loaded.people.drivers:
        cars = ", ".join(person.vehicles) or "no car"
        how = "in Telegram" if person.chat_id and loaded.token else "on MQTT only"
        yield f"{person.title} drives {cars}, is asked {how}, reads {person.language}"
    if not loaded.people.drivers:
        yield "knows no drivers: questions are on MQTT only"
    for vehicle, entries in loaded.week.entries.items():
        for entry in entries:
            yield f"{vehicle} should have {entry.soc_pct:g} % by {entry.by:%H:%M} on {', '.join(entry.days)}"
    yield from (f"understood otherwise: {note}" for note in loaded.notes)
    yield "talks to Telegram" if loaded.token else "does not talk to Telegram: it has no token"


def probes(settings: Settings) -> list[Probe]:
    """Whether Telegram knows the bot, and the chart can be drawn as a picture, for ``--check``."""
    token = load(settings).token
    found = [] if token is None else [Probe("Telegram", lambda: _ask_telegram(settings, token))]
    if settings.rsvg_convert is not None:
        found.append(Probe("rsvg-convert", lambda: _look_for(settings.rsvg_convert)))
    return found


async def _ask_telegram(settings: Settings, token: SecretStr) -> str:
    import aiohttp  # noqa: PLC0415  the service itself needs it only where there is a bot

    from notifier.adapters.telegram_api import Telegram  # noqa: PLC0415

    api_url = (settings.telegram or TelegramSettings(token_credential="-")).api_url  # noqa: S106  a name that nobody reads
    async with aiohttp.ClientSession() as http:
        bot = await Telegram(http, token, str(api_url)).me()
        return f"knows the token, of @{bot.username or '?'}"


async def _look_for(program: Path | None) -> str:
    if program is None or not os.access(program, os.X_OK):
        raise PermanentError(f"{program} is no program that can be run")
    return f"{program} is there"
