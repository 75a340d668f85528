"""The settings that evcc keeps on its disk."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ems.contract.site import LoadpointMode


@dataclass(slots=True)
class StoredPlan:
    """A plan of evcc's own: a SoC (%) or an energy (kWh) by a time."""

    value: float
    time: datetime


@dataclass(slots=True)
class LoadpointSettings:
    """A loadpoint's settings; 0 is evcc's word for "none" where it is a limit."""

    mode: LoadpointMode = LoadpointMode.PV
    limit_soc_pct: int = 0
    limit_energy_kwh: float = 0.0
    min_a: float = 6.0
    max_a: float = 16.0
    phases: int = 0
    priority: int = 0
    battery_boost: bool = False
    smart_cost_limit: float | None = None
    smart_feed_in_limit: float | None = None
    plan_energy: StoredPlan | None = None


@dataclass(slots=True)
class VehicleSettings:
    """A vehicle's settings."""

    min_soc_pct: int = 0
    limit_soc_pct: int = 0
    plan: StoredPlan | None = None
    repeating: list[dict[str, Any]] = field(default_factory=list)


@dataclass(slots=True)
class SiteSettings:
    """The site's settings."""

    buffer_soc_pct: float = 0.0
    buffer_start_soc_pct: float = 0.0
    priority_soc_pct: float = 0.0
    residual_w: float = 0.0
    discharge_control: bool = False
    grid_charge_limit: float | None = None


@dataclass(slots=True)
class SettingsStore:
    """All settings. Loadpoints by id, vehicles by name."""

    loadpoints: dict[str, LoadpointSettings]
    vehicles: dict[str, VehicleSettings]
    site: SiteSettings = field(default_factory=SiteSettings)
