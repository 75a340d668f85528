"""From the settings and the predecessor's drivers.yaml to people and the bot's token."""

import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, assert_never
from zoneinfo import ZoneInfo

import yaml
from pydantic import SecretStr, ValidationError

from ems.contract.message import in_words, nearest
from ems.house.calendar import DailyHours
from ems.runtime import credentials, redact, yaml12
from ems.runtime.settings import SettingsError
from notifier.domain.goal_rules import WeeklySchedules
from notifier.domain.people import People, Person
from notifier.domain.weekly_goals import WeeklyEntry
from notifier.settings import DriverSettings, QuietHours, Settings

_KEYS = ("name", "vehicles", "telegram_chat_id", "language", "title")
_NAME = re.compile(r"[a-z0-9_-]{1,64}")


@dataclass(frozen=True, slots=True)
class NotifierConfig:
    """Drivers, weekly goals and the bot's token. ``token`` None: no Telegram."""

    people: People
    week: WeeklySchedules
    token: SecretStr | None


def load(settings: Settings) -> NotifierConfig:
    """The settings and the predecessor's file, checked and put together.

    Raises:
        SettingsError: names the driver, the key, what is wrong and what is allowed; never a secret.
    """
    drivers = dict(settings.drivers)
    token: SecretStr | None = None
    if settings.drivers_file is not None:
        theirs, token = _predecessors(settings.drivers_file)
        for name, driver in theirs.items():
            if name in drivers:
                raise SettingsError(f"drivers.{name}: is in {settings.drivers_file} as well; keep one of them")
            drivers[name] = driver
    if settings.telegram is not None:
        token = credentials.read(settings.telegram.token_credential, "telegram.token_credential")
    chats = [d.telegram_chat_id for d in drivers.values() if d.telegram_chat_id is not None]
    if len(chats) != len(set(chats)):
        raise SettingsError("drivers: two of them have the same telegram_chat_id")
    people = People(
        tuple(_person(name, driver, settings) for name, driver in drivers.items()),
        _quiet(settings.quiet_hours, settings.zone),
    )
    entries = {
        vehicle: tuple(WeeklyEntry(g.soc_pct, g.by, g.days) for g in goals)
        for vehicle, goals in settings.weekly_goals.items()
    }
    return NotifierConfig(people, WeeklySchedules(entries, settings.zone), token)


def _person(name: str, driver: DriverSettings, settings: Settings) -> Person:
    match driver.quiet_hours:
        case "house":
            quiet = settings.quiet_hours
        case QuietHours() | None as own:
            quiet = own
        case never:
            assert_never(never)
    return Person(
        name=name,
        title=driver.title or name,
        vehicles=driver.vehicles,
        language=driver.language or ("de" if settings.language == "de" else "en"),
        chat_id=driver.telegram_chat_id,
        quiet=_quiet(quiet, settings.zone),
    )


def _quiet(hours: QuietHours | None, zone: ZoneInfo) -> DailyHours | None:
    return DailyHours(hours.start, hours.end, zone) if hours else None


def _predecessors(path: Path) -> tuple[dict[str, DriverSettings], SecretStr | None]:
    try:
        found = yaml12.load(path.read_text("utf-8"))
        mode = stat.S_IMODE(path.stat().st_mode)
    except OSError as why:
        raise SettingsError(f"{path}: {(why.strerror or 'cannot be read').lower()}") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{path}: not UTF-8 text") from None
    except yaml.YAMLError:
        raise SettingsError(f"{path}: not YAML") from None
    if not isinstance(found, dict) or not isinstance(found.get("drivers", []), list):
        raise SettingsError(f"{path}: must hold `telegram_bot_token` and a list of `drivers`")
    token = str(found.get("telegram_bot_token") or "")
    if token:
        redact.register(token)
        if mode & 0o077:
            raise SettingsError(f"{path} holds the bot's token and can be read by others; `chmod 600 {path}`")
    drivers = dict(_driver(entry, path) for entry in found.get("drivers") or [])
    return drivers, SecretStr(token) if token else None


def _driver(entry: object, path: Path) -> tuple[str, DriverSettings]:
    if not isinstance(entry, Mapping) or not isinstance(entry.get("name"), str):
        raise SettingsError(f"{path}: each driver needs a name")
    title = entry["name"]
    for key in entry:
        if key not in _KEYS:
            raise SettingsError(f"{path}: {title}: {key}: unknown{nearest(str(key), _KEYS)}")
    # The name becomes a topic; people go on reading it as they wrote it.
    name = title.lower()
    if not _NAME.fullmatch(name):
        raise SettingsError(f"{path}: driver {title!r}: a name may have letters a-z, digits, _ and - only")
    vehicles = entry.get("vehicles") or ()
    for vehicle in vehicles:
        if not isinstance(vehicle, str) or not _NAME.fullmatch(vehicle):
            raise SettingsError(
                f"{path}: {title}: vehicle {vehicle!r}: a name may have a-z, 0-9, _ and - only, as in evcc-poller's "
                "vehicle_names"
            )
    driver: dict[str, Any] = {"title": title, "vehicles": tuple(vehicles), "language": entry.get("language")}
    chat = str(entry.get("telegram_chat_id") or "")
    if chat:
        if not chat.isdecimal():
            raise SettingsError(f"{path}: {title}: telegram_chat_id must be the number of a private chat")
        driver["telegram_chat_id"] = int(chat)
    try:
        return name, DriverSettings.model_validate(driver)
    except ValidationError as error:
        raise SettingsError(f"{path}: {title}: {in_words(error, DriverSettings)}") from None
