"""What people set for rl-agent. What evcc tells (sizes, prices, modes) is taken from the bus."""

from datetime import time
from typing import Annotated, Self

from pydantic import Field, model_validator

from ems.contract.site import BatteryMode
from ems.contract.units import EurosPerKwh, Percent, Seconds, VehicleName
from ems.metrics.settings import InfluxSettings, known_fields
from ems.runtime.settings import Section, ServiceSettings

Power = Annotated[float, Field(gt=0, le=1000, json_schema_extra={"unit": "kW"})]
Capacity = Annotated[float, Field(gt=0, le=1000, json_schema_extra={"unit": "kWh"})]
Efficiency = Annotated[float, Field(gt=0, le=1)]
Level = Annotated[float, Field(gt=0, le=0.5)]


class BatterySettings(Section):
    """The home battery in the learner's model of the house; as in tariff-planner's settings."""

    capacity_kwh: Capacity | None = Field(default=None, description="usable; absent: as evcc says")
    charge_kw: Power = Field(default=5, description="the most that it takes, on the AC side")
    discharge_kw: Power = Field(default=5, description="the most that it gives, on the AC side")
    charge_efficiency: Efficiency = 0.95
    discharge_efficiency: Efficiency = 0.95
    reserve_soc_pct: Percent = Field(default=5, description="never emptied below")
    modes: frozenset[BatteryMode] = Field(
        default=frozenset(BatteryMode), min_length=1, description="what it can do; a Varta: [normal, hold]"
    )


class CarSettings(Section):
    """The car that is learnt from; absent: only the battery is."""

    vehicle: VehicleName = Field(description="evcc's name of it")
    loadpoint: int = Field(default=1, ge=1, description="where it is charged")
    capacity_kwh: Capacity | None = Field(default=None, description="usable; absent: as evcc says")
    max_kw: Power = Field(default=11, description="what its charger takes at most")
    charge_efficiency: Efficiency = 0.9
    goal_pct: Percent = Field(default=80, gt=0, description="wanted before every trip of the past")


class GateSettings(Section):
    """How much evidence is asked for before the learner steers, and against it once it does."""

    promote_alpha: Level = Field(default=0.05, description="how often a useless learner may ever be promoted")
    demote_alpha: Level = Field(default=0.05, description="how often one as good as the plan may be demoted by chance")
    decisions: int = Field(
        default=200, ge=10, le=100_000, description="on so many it must differ from the plan to win by money"
    )
    lost_days: int = Field(default=14, ge=7, le=60, description="over which lost skill is noticed")
    lost_ratio: float = Field(
        default=1.1, ge=1, le=10, description="lost when its squared errors are above the plan's by this factor"
    )


class Settings(ServiceSettings):
    """Everything; each part has a default."""

    battery: BatterySettings = BatterySettings()
    """The home battery."""
    car: CarSettings | None = None
    """The car."""
    gate: GateSettings = GateSettings()
    """How much evidence is asked for."""
    export_eur_per_kwh: EurosPerKwh = 0.0
    """What feeding in earns where evcc has no feed-in tariff."""
    decision_interval_s: Seconds = Field(default=900, ge=60, le=3600)
    """A new proposal so often, at the slot's start; as tariff-planner's."""
    train_at: time = time(3, 30)
    """When it learns every night, in the site's zone."""
    history_days: int = Field(default=400, ge=7, le=400)
    """How much of the past is learnt from."""
    influx: InfluxSettings | None = None
    """An InfluxDB that remembers what evcc-poller does not: the home's load, PV, price and charge are read from it."""
    first_training_days: int = Field(default=7, ge=7, le=60)
    """So many days must have been measured before it learns at all."""
    training_max_s: Seconds = Field(default=3600, ge=60, le=6 * 3600)
    """A training that takes longer is ended; the night after goes on from there."""
    site_stale_s: Seconds = 120
    """evcc's facts older than this are not decided with."""
    vehicle_stale_h: float = Field(default=24, gt=0)
    """A SoC measured longer ago than this is not decided with."""

    @model_validator(mode="after")
    def _enough_history(self) -> Self:
        if self.first_training_days > self.history_days:
            raise ValueError("first_training_days is above history_days: give fewer, or more history")
        known_fields(self.influx)
        return self
