"""EVCC-Smartload's drivers.yaml, as it is, in our words."""

from pathlib import Path
from typing import Any

from pydantic import SecretStr

from ems.contract.validation import nearest
from ems.runtime import redact, smartload
from ems.runtime.notation.coercion import as_written
from ems.runtime.settings import SettingsError, validated
from notifier.settings import DriverSettings

_KEYS = ("name", "vehicles", "telegram_chat_id", "language", "title")
_TOKEN = "telegram_bot_token"  # noqa: S105  the name of a key


def read(path: Path) -> tuple[dict[str, DriverSettings], SecretStr | None, list[str]]:
    """The drivers in the file by name, the bot's token, and what of it is understood otherwise here, a line each.

    Raises:
        SettingsError: the file cannot be read, is open to others, or is not such a file; the text says how to mend it.
    """
    file = smartload.read(path)
    if not isinstance(file.content, dict):
        raise SettingsError(f"{path}: must hold `{_TOKEN}` and a list of `drivers`")
    token = str(as_written(file.content.get(_TOKEN) or ""))
    if token:
        redact.register(token)
        if file.readable_by_others:
            raise SettingsError(f"{path} holds the bot's token and can be read by others; `chmod 600 {path}`")
    known = (_TOKEN, "drivers")
    notes = [f"{path}: {_unknown(key, known)}" for key in file.content if key not in known]
    drivers: dict[str, DriverSettings] = {}
    for entry in file.entries("drivers") if "drivers" in file.content else []:
        try:
            name, driver, more = _driver(entry)
        except (ValueError, SettingsError) as why:
            raise SettingsError(f"{path}: driver {why}") from None
        if name in drivers:
            raise SettingsError(f"{path}: two drivers are named {name!r}, whatever their capitals and blanks")
        drivers[name] = driver
        notes += [f"{path}: {name}: {note}" for note in more]
    return drivers, SecretStr(token) if token else None, notes


def _driver(entry: dict[str, Any]) -> tuple[str, DriverSettings, list[str]]:
    title, name = smartload.title_and_key(entry.get("name"))
    notes = [_unknown(key, _KEYS) for key in entry if key not in _KEYS]
    if name != title.lower():
        notes.append(f"{title!r} has this name on the bus")
    vehicles = []
    for written in smartload.words(entry.get("vehicles")):
        _, vehicle = smartload.title_and_key(written)
        if vehicle != written:
            notes.append(f"the vehicle {written!r} is called {vehicle} here; evcc-poller's vehicle_names may say so")
        vehicles.append(vehicle)
    driver = {"title": entry.get("title") or title, "vehicles": list(dict.fromkeys(vehicles))}
    driver["language"] = entry.get("language")
    if chat := str(as_written(entry.get("telegram_chat_id") or "")).strip():
        if not chat.removeprefix("-").isdecimal():
            raise ValueError(f"{title}: telegram_chat_id must be the number of a private chat")
        driver["telegram_chat_id"] = int(chat)
    return name, validated(DriverSettings, driver, where=title), notes


def _unknown(key: object, known: tuple[str, ...]) -> str:
    return f"{key} is not known here{nearest(str(key), known)}"
