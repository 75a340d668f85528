"""From the settings and the predecessor's drivers.yaml to people and the bot's token."""

from dataclasses import dataclass
from typing import assert_never
from zoneinfo import ZoneInfo

from pydantic import SecretStr

from ems.house.calendar import DailyHours
from ems.runtime import credentials
from ems.runtime.settings import SettingsError
from notifier import smartload_import
from notifier.domain.goal_rules import WeeklySchedules
from notifier.domain.people import People, Person
from notifier.domain.weekly_goals import WeeklyEntry
from notifier.settings import DriverSettings, QuietHours, Settings


@dataclass(frozen=True, slots=True)
class NotifierConfig:
    """Drivers, weekly goals and the bot's token. ``token`` None: no Telegram.

    ``notes`` say what of the predecessor's file is understood otherwise here.
    """

    people: People
    week: WeeklySchedules
    token: SecretStr | None
    notes: tuple[str, ...] = ()


def load(settings: Settings) -> NotifierConfig:
    """The settings and the predecessor's file, checked and put together.

    Raises:
        SettingsError: names the driver, the key, what is wrong and what is allowed; never a secret.
    """
    drivers = dict(settings.drivers)
    token: SecretStr | None = None
    notes: list[str] = []
    if settings.drivers_file is not None:
        theirs, token, notes = smartload_import.read(settings.drivers_file)
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
        tuple(_group(chat_id, settings) for chat_id in settings.telegram.groups) if settings.telegram else (),
    )
    entries = {
        vehicle: tuple(WeeklyEntry(g.soc_pct, g.by, g.days) for g in goals)
        for vehicle, goals in settings.weekly_goals.items()
    }
    return NotifierConfig(people, WeeklySchedules(entries, settings.zone), token, tuple(notes))


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
        language=driver.language or settings.language,
        chat_id=driver.telegram_chat_id,
        quiet=_quiet(quiet, settings.zone),
    )


def _group(chat_id: int, settings: Settings) -> Person:
    return Person(f"group:{chat_id}", "", (), settings.language, chat_id)


def _quiet(hours: QuietHours | None, zone: ZoneInfo) -> DailyHours | None:
    return DailyHours(hours.start, hours.end, zone) if hours else None
