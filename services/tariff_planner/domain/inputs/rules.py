"""What people set about their house: the planner's rules for battery, cars and connection."""

from collections.abc import Mapping
from datetime import time
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ems.contract.message import nearest
from ems.contract.site import BatteryMode
from ems.contract.units import Euros, EurosPerKwh, Percent
from ems.house.calendar import EVERY_DAY, Weekday

Kilowatts = Annotated[float, Field(ge=0, le=1000, json_schema_extra={"unit": "kW"})]
Power = Annotated[float, Field(gt=0, le=1000, json_schema_extra={"unit": "kW"})]
Capacity = Annotated[float, Field(gt=0, le=1000, json_schema_extra={"unit": "kWh"})]
Energy = Annotated[float, Field(ge=0, le=1000, json_schema_extra={"unit": "kWh"})]
Efficiency = Annotated[float, Field(gt=0, le=1)]
Share = Annotated[float, Field(ge=0, le=1)]
InverterName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
BatteryName = Annotated[str, Field(min_length=1, max_length=64)]


class _Rules(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, allow_inf_nan=False)


class GoalRules(_Rules):
    """A goal for the battery that comes again every week; a car's are the notifier's."""

    soc_pct: Percent
    by: time = Field(description="the site's local time, as 07:00")
    days: tuple[Weekday, ...] = Field(default=EVERY_DAY, min_length=1)


class InverterRules(_Rules):
    """A hybrid inverter, or a limit that batteries have in common."""

    ac_kw: Power = Field(description="the most that it gives the home, and takes from it")
    dc_sun_share: Share = Field(
        default=0,
        description="share of the site's sun that is made on its DC side: what ac_kw lets not through can "
        "still charge its batteries",
    )


class BatteryDeviceRules(_Rules):
    """One of several home batteries; what is absent is as for all of them."""

    capacity_kwh: Capacity | None = Field(default=None, description="usable; absent: as evcc says")
    charge_kw: Kilowatts | None = Field(default=None, description="absent: its share of all, by size")
    discharge_kw: Kilowatts | None = Field(default=None, description="absent: its share of all, by size")
    taper_from_pct: Percent | None = Field(default=None, description="absent: as for all")
    inverter: str | None = Field(default=None, description="on which it is; absent: the only one, if there is one")


class BatteryRules(_Rules):
    """The home battery, or all of them: what evcc does not know."""

    capacity_kwh: Capacity | None = Field(default=None, description="usable, of all; absent: as evcc says")
    charge_kw: Kilowatts = Field(default=5, description="the most that it takes, all together, on the AC side")
    discharge_kw: Kilowatts = Field(default=5, description="the most that it gives, all together, on the AC side")
    charge_efficiency: Efficiency = 0.95
    discharge_efficiency: Efficiency = 0.95
    reserve_soc_pct: Percent = Field(default=5, description="not planned below; can be changed on the bus")
    max_soc_pct: Percent = Field(default=100, gt=0, description="not planned above")
    wear_eur_per_kwh: EurosPerKwh = Field(default=0, ge=0, description="price of ageing per kWh discharged")
    modes: frozenset[BatteryMode] = Field(
        default=frozenset(BatteryMode), description="what it can do; a Varta: [normal, hold]"
    )
    goals: tuple[GoalRules, ...] = Field(default=(), description="how full, by when, every week")
    taper_from_pct: Percent = Field(
        default=100, description="from here on it takes less, down to a fifth of charge_kw when it is full"
    )
    into_cars: bool | None = Field(
        default=None,
        description="false: it is held while a car takes more than the sun gives; absent: as evcc's discharge "
        "control says",
    )
    inverters: Mapping[InverterName, InverterRules] = Field(
        default={}, description="by a name of yours: what batteries, and panels on their DC side, share"
    )
    devices: Mapping[BatteryName, BatteryDeviceRules] = Field(
        default={}, description="by evcc's name: where several batteries differ in more than evcc knows"
    )

    @model_validator(mode="after")
    def _inverters_are_there(self) -> Self:
        for name, rules in self.devices.items():
            if rules.inverter is not None and rules.inverter not in self.inverters:
                close = nearest(rules.inverter, self.inverters)
                raise ValueError(f"devices.{name}.inverter: no inverter {rules.inverter!r}{close}; add it to inverters")
        if sum(i.dc_sun_share for i in self.inverters.values()) > 1 + 1e-9:
            raise ValueError("inverters: their dc_sun_share add up to more than 1")
        return self


class TripRules(_Rules):
    """A time in which a car is away every week."""

    leave: time = Field(description="the site's local time, as 07:30")
    back: time = Field(description="when it is plugged in again; of the next day where it is not after leave")
    nights: int | None = Field(default=None, ge=0, le=6, description="so many days after it left it is back")
    kwh: Energy = Field(default=0, description="what it comes back without")
    days: tuple[Weekday, ...] = Field(default=EVERY_DAY, min_length=1, description="on which it leaves")

    @model_validator(mode="after")
    def _comes_back_later(self) -> Self:
        if self.nights == 0 and self.back <= self.leave:
            raise ValueError("back must be after leave on the same day; give nights: 1 for the next one")
        return self


class VehicleRules(_Rules):
    """A car, by evcc's name of it."""

    capacity_kwh: Capacity | None = Field(default=None, description="usable; absent: as evcc says")
    max_kw: Power = Field(default=11, description="what its charger takes at most")
    charge_efficiency: Efficiency = 0.9
    taper_from_pct: Percent = Field(default=80, description="from here on it charges slower")
    opportunistic_eur_per_kwh: EurosPerKwh | None = Field(
        default=None, description="what a kWh in the car is worth without a goal; absent: only the sun is used"
    )
    opportunistic_soc_pct: Percent = Field(default=80, description="up to here")
    late_h: float | None = Field(
        default=None,
        ge=0,
        le=168,
        description="how many hours after its departure a car that is late goes on charging; "
        "absent: until it has what it should, or is unplugged",
    )
    loadpoint: int | None = Field(
        default=None, ge=1, description="where it is charged; it is then planned before it is plugged in, too"
    )
    trips: tuple[TripRules, ...] = Field(default=(), description="when it is away")

    @model_validator(mode="before")
    @classmethod
    def _goals_are_the_notifiers(cls, given: object) -> object:
        if isinstance(given, Mapping) and "goals" in given:
            raise ValueError("goals: unknown; set it in the notifier's weekly_goals")
        return given


class LimitRules(_Rules):
    """Limits of the connection that hold for some hours, as a grid operator's."""

    start: time = Field(description="the site's local time, as 17:00")
    end: time = Field(description="of the next day where it is not after start")
    import_limit_kw: Kilowatts | None = None
    export_limit_kw: Kilowatts | None = None
    devices_limit_kw: Kilowatts | None = Field(
        default=None, description="of each controllable device (car, battery) beside a free house"
    )
    days: tuple[Weekday, ...] = Field(default=EVERY_DAY, min_length=1)

    @model_validator(mode="after")
    def _limits_something(self) -> Self:
        if (self.import_limit_kw, self.export_limit_kw, self.devices_limit_kw) == (None, None, None):
            raise ValueError("give import_limit_kw, export_limit_kw or devices_limit_kw")
        return self


class GridRules(_Rules):
    """The connection and what its power costs."""

    import_limit_kw: Kilowatts | None = Field(default=None, description="3 x 20 A is 13.8 kW")
    export_limit_kw: Kilowatts | None = None
    limits: tuple[LimitRules, ...] = Field(default=(), description="tighter ones, for some hours")
    dimming: Literal["connection", "devices"] = Field(
        default="connection",
        description="what the grid operator's limit concerns, as evcc tells it: the whole connection, or each "
        "controllable device beside a free house (§14a EnWG, 4.2 kW; sun and battery come on top)",
    )
    curtailable: bool = Field(
        default=False,
        description="the site stops feeding in by itself when that costs money (negative feed-in prices); at an "
        "export limit every inverter does",
    )
    capacity_eur_per_kw: Euros = Field(default=0, ge=0, description="price of a month's highest quarter-hour import")
    capacity_peak_kw: Kilowatts = Field(
        default=0, description="a peak that is paid for anyway; the month's own is known from the history"
    )
