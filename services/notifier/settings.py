"""What the notifier can be told."""

from datetime import time
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, HttpUrl, StringConstraints, field_validator, model_validator

from ems.contract.message import Language
from ems.contract.units import Percent, VehicleName
from ems.house.calendar import EVERY_DAY, Weekday
from ems.runtime.settings import CredentialRef, Section, ServiceSettings, Url

DriverName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_-]{1,64}$")]


class QuietHours(Section):
    """Hours, in the site's zone, in which nobody is spoken to."""

    start: time = time(21)
    end: time = time(6)


class DriverSettings(Section):
    """A driver."""

    vehicles: tuple[VehicleName, ...] = ()
    """evcc's names of the cars that this driver is asked about and may decide over."""
    title: str | None = Field(default=None, max_length=64)
    """The name for people; the key otherwise."""
    telegram_chat_id: int | None = None
    """Of the driver's private chat with the bot; /start tells it. Absent: no Telegram for this driver."""
    language: Language | None = None
    """The service's language if absent."""
    quiet_hours: QuietHours | Literal["house"] | None = "house"
    """``house``: as the house's; ``null``: none."""

    @field_validator("telegram_chat_id")
    @classmethod
    def _is_of_a_private_chat(cls, chat_id: int | None) -> int | None:
        if chat_id is not None and chat_id <= 0:
            raise ValueError(
                "must be the number of the driver's private chat with the bot, as /start there tells it; a number "
                "below 0 is a group's, which belongs into telegram.groups"
            )
        return chat_id


class WeeklyGoal(Section):
    """A goal that comes again every week."""

    soc_pct: Percent
    by: time
    """The site's local time, as 07:00."""
    days: tuple[Weekday, ...] = Field(default=EVERY_DAY, min_length=1)


class TelegramSettings(Section):
    """The bot. Without it the same questions and answers are on MQTT."""

    token_credential: CredentialRef
    """The bot's token, as BotFather gave it."""
    api_url: Url = HttpUrl("https://api.telegram.org")
    """Another address for a local Bot API server."""
    groups: tuple[Annotated[int, Field(lt=0)], ...] = ()
    """Group chats in which drivers may write to the bot, beside their own; /start@BOT there tells their number. Who
    speaks there is known by drivers.NAME.telegram_chat_id."""
    seconds_between_messages: float = Field(default=1, ge=0, le=60)
    """In one chat, unless they are replies; Telegram wants at most one a second."""


class AskingSettings(Section):
    """When a charge inquiry is worth it."""

    least_kwh: float = Field(default=2, ge=0, le=100)
    """The car must be able to take so much up to ``up_to_soc_pct``."""
    up_to_soc_pct: Percent = 80
    cooldown_minutes: float = Field(default=240, ge=0, le=7 * 24 * 60)
    """Between two inquiries about one car."""
    ahead_minutes: float = Field(default=720, ge=0, le=48 * 60)
    """A cheap window is worth a question so long before it begins."""


class Settings(ServiceSettings):
    """All of the notifier's settings."""

    drivers: dict[DriverName, DriverSettings] = Field(default_factory=dict)
    """Drivers by name."""
    drivers_file: Path | None = None
    """A drivers.yaml of EVCC-Smartload; mode 0600 when it holds the bot's token."""
    telegram: TelegramSettings | None = None
    """``null``: no Telegram, unless ``drivers_file`` holds a token."""
    quiet_hours: QuietHours | None = QuietHours()
    """Of the house: for cars without drivers, and drivers without their own."""
    weekly_goals: dict[VehicleName, tuple[WeeklyGoal, ...]] = Field(default_factory=dict)
    """Goals that come again every week, by vehicle."""
    asking: AskingSettings = AskingSettings()
    """When a charge inquiry is worth it."""
    rsvg_convert: Path | None = None
    """librsvg's ``rsvg-convert``: the chart becomes a photo. Absent: it is sent as an SVG file."""

    @model_validator(mode="after")
    def _paths(self) -> Self:
        for name in ("drivers_file", "rsvg_convert"):
            path = getattr(self, name)
            if path is not None and not path.is_absolute():
                raise ValueError(f"{name} must be an absolute path")
        return self
