"""What can be set for the demo, by options or in a file (``--config``)."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal, Self

import yaml
from pydantic import Field

from ems.contract.units import Percent, VehicleName
from ems.demo import day
from ems.runtime.notation import yaml12
from ems.runtime.settings import Section, SettingsError, validated
from ems.simulator.settings_store import StoredPlan


class GoalSettings(Section):
    """A car's goal, of every day."""

    soc_pct: Percent
    departure: str = Field(pattern=r"^[0-2][0-9]:[0-5][0-9]$", description="when the clock shows this")

    def goal(self) -> StoredPlan:
        """The first one."""
        hour, minute = map(int, self.departure.split(":"))
        start = day.START.astimezone(day.ZONE)
        at = start.replace(hour=hour, minute=minute)
        return StoredPlan(self.soc_pct, at if at > start else at + timedelta(days=1))


class DemoSettings(Section):
    """Everything about a demo."""

    speed: float = Field(default=288, gt=0, le=2000, description="how much faster time passes; 288 = a day in 5 min")
    hours: float = Field(default=24, gt=0, le=48, description="how much of the day is lived through")
    evcc: Literal["0.207", "0.300", "0.313", "0.316"] = Field(default="0.313", description="the evcc that is played")
    language: Literal["en", "de"] = "en"
    goals: dict[VehicleName, GoalSettings] = Field(default_factory=dict, description="instead of the cars' usual ones")

    @classmethod
    def load(cls, path: Path | None, **options: object) -> Self:
        """The settings in a YAML file, outranked by ``options`` that are not None.

        Raises:
            SettingsError: names the file, the key, what is wrong and what is allowed.
        """
        try:
            given = (yaml12.load(path.read_text("utf-8")) or {}) if path else {}
            if not isinstance(given, dict):
                raise SettingsError(f"{path}: must be a mapping of settings (key: value)")
        except (OSError, UnicodeDecodeError, yaml.YAMLError):
            raise SettingsError(f"{path}: cannot be read as YAML") from None
        try:
            return validated(cls, {**given, **{key: value for key, value in options.items() if value is not None}})
        except SettingsError as error:
            raise SettingsError(f"{path or 'options'}: {error}") from None

    @property
    def evcc_goals(self) -> dict[str, StoredPlan]:
        """The first goal of each car; they come again every day."""
        return {**day.GOALS, **{name: goal.goal() for name, goal in self.goals.items()}}

    @property
    def end(self) -> datetime:
        """When the demo's day is over."""
        return day.START + timedelta(hours=self.hours)
