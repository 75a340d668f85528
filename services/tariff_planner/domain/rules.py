"""What people set about their house: the planner's rules for battery, cars and connection."""

from datetime import time
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from ems.contract.site import BatteryMode
from ems.contract.units import Euros, EurosPerKwh, Percent

Kilowatts = Annotated[float, Field(ge=0, le=1000, json_schema_extra={"unit": "kW"})]
Power = Annotated[float, Field(gt=0, le=1000, json_schema_extra={"unit": "kW"})]
Capacity = Annotated[float, Field(gt=0, le=1000, json_schema_extra={"unit": "kWh"})]
Efficiency = Annotated[float, Field(gt=0, le=1)]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
EVERY_DAY: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class _Rules(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, allow_inf_nan=False)


class BatteryRules(_Rules):
    """The home battery: what evcc does not know of it."""

    capacity_kwh: Capacity | None = Field(default=None, description="usable; absent: as evcc says")
    charge_kw: Kilowatts = Field(default=5, description="the most that it takes, on the AC side")
    discharge_kw: Kilowatts = Field(default=5, description="the most that it gives, on the AC side")
    charge_efficiency: Efficiency = 0.95
    discharge_efficiency: Efficiency = 0.95
    reserve_soc_pct: Percent = Field(default=5, description="not planned below; can be changed on the bus")
    max_soc_pct: Percent = Field(default=100, gt=0, description="not planned above")
    wear_eur_per_kwh: EurosPerKwh = Field(default=0, ge=0, description="price of ageing per kWh discharged")
    modes: frozenset[BatteryMode] = Field(
        default=frozenset(BatteryMode), description="what it can do; a Varta: [normal, hold]"
    )


class GoalRules(_Rules):
    """A goal that comes again every week, while nobody sets another one."""

    soc_pct: Percent
    by: time = Field(description="the site's local time, as 07:00")
    days: tuple[Weekday, ...] = Field(default=EVERY_DAY, min_length=1)


class VehicleRules(_Rules):
    """A car, by evcc's name of it."""

    capacity_kwh: Capacity | None = Field(default=None, description="usable; absent: as evcc says")
    max_kw: Power = Field(default=11, description="what its charger takes at most")
    charge_efficiency: Efficiency = 0.9
    taper_from_pct: Percent = Field(default=80, description="from here on it charges slower")
    goals: tuple[GoalRules, ...] = ()
    opportunistic_eur_per_kwh: EurosPerKwh | None = Field(
        default=None, description="what a kWh in the car is worth without a goal; absent: only the sun is used"
    )
    opportunistic_soc_pct: Percent = Field(default=80, description="up to here")


class GridRules(_Rules):
    """The connection and what its power costs."""

    import_limit_kw: Kilowatts | None = Field(default=None, description="3 x 20 A is 13.8 kW")
    export_limit_kw: Kilowatts | None = None
    capacity_eur_per_kw: Euros = Field(default=0, ge=0, description="price of the highest quarter-hour's import")
    capacity_peak_kw: Kilowatts = Field(default=0, description="the peak that is paid for already")
