"""What vehicle-soc can be told."""

from datetime import time
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import Field, StringConstraints, model_validator

from ems.contract.units import VehicleName
from ems.runtime.settings import Section, ServiceSettings

ProviderName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_-]{1,64}$")]


MIN_INTERVAL_MINUTES = 10
"""Shortest time between two questions to a cloud, in minutes."""


class QuietHours(Section):
    """Hours, in the site's zone, in which no cloud is asked by itself; not while a car charges at home."""

    start: time = time(22)
    end: time = time(5)


class CarSettings(Section):
    """What every car has, whatever its provider; the provider's own keys stand beside these."""

    provider: ProviderName
    """``renault``, ``hyundai_kia``, ``http``, ``mqtt``, ``evcc``, ``manual``, or a plug-in's name."""
    title: str | None = None
    """For people; evcc's title otherwise."""
    capacity_kwh: float | None = Field(default=None, gt=0, le=500)
    """Usable capacity, to carry the SoC forward while charging; evcc's own if absent."""
    charge_efficiency: float = Field(default=0.9, gt=0.5, le=1)
    """How much of the energy from the wall arrives in the battery."""
    interval_minutes: float = Field(default=60, ge=MIN_INTERVAL_MINUTES, le=7 * 24 * 60)
    """How often the cloud is asked; below 30 minutes most clouds only repeat themselves."""
    disabled: bool = False
    """True: its source is never asked; evcc's and manual values still count."""
    forced_refreshes_per_day: int = Field(default=0, ge=0, le=6)
    """How often the car may be woken for a fresh reading. Each costs its 12 V battery; 0 is never."""
    forced_above_aux_battery_pct: float = Field(default=80, ge=50, le=100)
    """The car is woken only when its 12 V battery is known to be at least this full."""

    @classmethod
    def split(cls, given: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        """Our keys, and those that belong to the provider."""
        ours = {key: value for key, value in given.items() if key in cls.model_fields}
        return ours, {key: value for key, value in given.items() if key not in cls.model_fields}


class BudgetSettings(Section):
    """How often one account's cloud is asked at most, whoever asks; a fifth of the day's is kept for people."""

    per_day: int = Field(default=60, ge=1, le=1000)
    per_hour: int = Field(default=12, ge=1, le=100)


class Settings(ServiceSettings):
    """All of vehicle-soc's settings."""

    vehicles: dict[VehicleName, dict[str, Any]] = Field(default_factory=dict)
    """Cars by evcc's name: :class:`CarSettings` and the provider's own keys."""
    vehicles_file: Path | None = None
    """A vehicles.yaml of EVCC-Smartload; it must have mode 0600, because it holds passwords."""
    quiet_hours: QuietHours | None = QuietHours()
    """``null``: clouds are asked at night as well."""
    budget: BudgetSettings = BudgetSettings()
    """For each account."""

    @model_validator(mode="after")
    def _somewhere(self) -> Self:
        if self.vehicles_file is not None and not self.vehicles_file.is_absolute():
            raise ValueError("vehicles_file must be an absolute path")
        return self
