"""The house that is lived in once more: HOUSE.yaml as a closed model."""

from datetime import time
from typing import Annotated, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ems.contract.site import BatteryMode
from ems.house.battery import BatterySpec
from ems.house.car import CarSpec, Charger
from ems.lookahead.car_schedule import ScheduledCar

Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Efficiency = Annotated[float, Field(gt=0, le=1)]


class _Closed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def _starts_within(start_kwh: float | None, capacity_kwh: float) -> None:
    if start_kwh is not None and start_kwh > capacity_kwh:
        raise ValueError(f"start_kwh {start_kwh:g} is above capacity_kwh {capacity_kwh:g}: give at most that")


class VirtualBattery(_Closed):
    """The home battery."""

    capacity_kwh: Positive
    min_kwh: NotNegative = 0.0
    start_kwh: NotNegative | None = Field(default=None, description="absent = half of the capacity")
    charge_kw: Positive
    discharge_kw: Positive
    charge_efficiency: Efficiency = 0.95
    discharge_efficiency: Efficiency = 0.95
    modes: tuple[BatteryMode, ...] = tuple(BatteryMode)

    @model_validator(mode="after")
    def _holds_what_it_can(self) -> Self:
        if self.min_kwh > self.capacity_kwh:
            raise ValueError(f"min_kwh {self.min_kwh:g} is above capacity_kwh {self.capacity_kwh:g}: give less")
        _starts_within(self.start_kwh, self.capacity_kwh)
        return self

    def battery(self) -> BatterySpec:
        """The same for the house model."""
        return BatterySpec(
            self.capacity_kwh,
            self.charge_kw,
            self.discharge_kw,
            self.charge_efficiency,
            self.discharge_efficiency,
            self.min_kwh,
        )


class VirtualCar(_Closed):
    """A car at a charger of its own; its trips are in a file of their own."""

    capacity_kwh: Positive
    start_kwh: NotNegative | None = Field(default=None, description="absent = half of the capacity")
    max_kw: Positive = 11.0
    charge_efficiency: Efficiency = 0.9
    phases: Annotated[int, Field(ge=1, le=3)] = 3
    min_a: Positive = 6.0
    max_a: Positive = 16.0
    goal_pct: Annotated[float, Field(gt=0, le=100)] = Field(default=80.0, description="also never charged beyond")
    ready: time | None = Field(default=None, description="local; absent = when a trip begins")

    @model_validator(mode="after")
    def _holds_what_it_can(self) -> Self:
        _starts_within(self.start_kwh, self.capacity_kwh)
        if self.min_a > self.max_a:
            raise ValueError(f"min_a {self.min_a:g} is above max_a {self.max_a:g}: give less")
        return self

    @property
    def goal_kwh(self) -> float:
        """The energy wanted before every trip."""
        return self.capacity_kwh * self.goal_pct / 100

    def car(self) -> CarSpec:
        """The same for the house model."""
        return CarSpec(self.capacity_kwh, self.max_kw, self.charge_efficiency)

    def charger(self) -> Charger:
        """Its charger."""
        return Charger(self.phases, self.min_a, self.max_a)

    def scheduled(self) -> ScheduledCar:
        """The same for its schedule."""
        return ScheduledCar(self.car(), self.charger(), self.goal_kwh)


class PriceTerms(_Closed):
    """A household's price from the spot price: ``spot x factor + plus``."""

    spot_factor: NotNegative = 0.0
    plus_eur_per_kwh: float = 0.0


class VirtualHouse(_Closed):
    """Everything about a home that is not measured."""

    zone: str = "Europe/Berlin"
    import_price: PriceTerms
    export_price: PriceTerms
    prices_published: time = Field(default=time(13), description="local; then the next local day's prices are known")
    pv_factor: Positive = Field(default=1.0, description="multiplies PV and its forecast")
    battery: VirtualBattery | None = None
    car: VirtualCar | None = None

    def tz(self) -> ZoneInfo:
        """The site's zone.

        Raises:
            ZoneInfoNotFoundError: there is none of that name.
        """
        return ZoneInfo(self.zone)
