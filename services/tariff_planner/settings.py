"""What people set for tariff-planner. A house with no settings at all is planned from evcc's facts alone."""

from collections.abc import Mapping
from datetime import time
from typing import Annotated, Literal

from pydantic import Field

from ems.contract.site import BatteryMode
from ems.contract.units import Euros, EurosPerKwh, Percent, Seconds, VehicleName
from ems.runtime.settings import Section, ServiceSettings

Kilowatts = Annotated[float, Field(ge=0, le=1000, json_schema_extra={"unit": "kW"})]
Capacity = Annotated[float, Field(gt=0, le=1000, json_schema_extra={"unit": "kWh"})]
Efficiency = Annotated[float, Field(gt=0, le=1)]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
EVERY_DAY: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class BatterySettings(Section):
    """The home battery: what evcc does not know of it."""

    capacity_kwh: Capacity | None = Field(default=None, description="usable; absent: as evcc says")
    charge_kw: Kilowatts = Field(default=5, description="the most that it takes, on the AC side")
    discharge_kw: Kilowatts = Field(default=5, description="the most that it gives, on the AC side")
    charge_efficiency: Efficiency = 0.95
    discharge_efficiency: Efficiency = 0.95
    reserve_soc_pct: Percent = Field(default=5, description="not planned below; can be changed on the bus")
    max_soc_pct: Percent = Field(default=100, description="not planned above")
    wear_eur_per_kwh: EurosPerKwh = Field(default=0, ge=0, description="price of ageing per kWh discharged")
    modes: frozenset[BatteryMode] = Field(
        default=frozenset(BatteryMode), description="what it can do; a Varta: [normal, hold]"
    )


class GoalSettings(Section):
    """A goal that comes again every week, while nobody sets another one."""

    soc_pct: Percent
    by: time = Field(description="the site's local time, as 07:00")
    days: tuple[Weekday, ...] = Field(default=EVERY_DAY, min_length=1)


class VehicleSettings(Section):
    """A car, by evcc's name of it."""

    capacity_kwh: Capacity | None = Field(default=None, description="usable; absent: as evcc says")
    max_kw: Kilowatts = Field(default=11, description="what its charger takes at most")
    charge_efficiency: Efficiency = 0.9
    taper_from_pct: Percent = Field(default=80, description="from here on it charges slower")
    goals: tuple[GoalSettings, ...] = ()
    opportunistic_eur_per_kwh: EurosPerKwh | None = Field(
        default=None, description="what a kWh in the car is worth without a goal; absent: only the sun is used"
    )
    opportunistic_soc_pct: Percent = Field(default=80, description="up to here")


class GridSettings(Section):
    """The connection and what its power costs."""

    import_limit_kw: Kilowatts | None = Field(default=None, description="3 x 20 A is 13.8 kW")
    export_limit_kw: Kilowatts | None = None
    capacity_eur_per_kw: Euros = Field(default=0, ge=0, description="price of the highest quarter-hour's import")
    capacity_peak_kw: Kilowatts = Field(default=0, description="the peak that is paid for already")


class SolverSettings(Section):
    """How hard to try."""

    seconds: Seconds = Field(default=10, gt=0, le=60)
    gap_eur: Euros = Field(default=0.01, gt=0, le=1, description="no plan is cheaper by more than this")


class Settings(ServiceSettings):
    """Everything; each part has a default."""

    battery: BatterySettings = BatterySettings()
    """The home battery."""
    vehicles: Mapping[VehicleName, VehicleSettings] = {}
    """Cars by evcc's names."""
    grid: GridSettings = GridSettings()
    """The house connection."""
    solver: SolverSettings = SolverSettings()
    """How hard to try."""
    export_eur_per_kwh: EurosPerKwh = 0.0
    """What feeding in earns where evcc has no feed-in tariff."""
    decision_interval_s: Seconds = Field(default=900, ge=60, le=3600)
    """A new plan so often, at the slot's start, and a few seconds after an event that matters."""
    event_delay_s: Seconds = Field(default=5, le=60)
    """How long after such an event."""
    horizon_h: float = Field(default=36, ge=24, le=96)
    """At least so far, beyond the known prices with foreseen ones."""
    history_days: int = Field(default=120, ge=1, le=400)
    """How much of the past the forecasts learn from."""
    site_stale_s: Seconds = 120
    """evcc's facts older than this are not planned with."""
    vehicle_stale_h: float = Field(default=24, gt=0)
    """A SoC measured longer ago than this is not planned with."""
