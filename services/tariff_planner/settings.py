"""What people set for tariff-planner. A house with no settings at all is planned from evcc's facts alone."""

from collections.abc import Mapping
from datetime import time
from typing import Literal

from pydantic import Field

from ems.contract.units import Euros, EurosPerKwh, Seconds, VehicleName
from ems.runtime.settings import Section, ServiceSettings
from tariff_planner.domain.inputs.rules import BatteryRules, GridRules, VehicleRules


class SolverSettings(Section):
    """How hard to try."""

    seconds: Seconds = Field(default=10, gt=0, le=60)
    gap_eur: Euros = Field(default=0.01, gt=0, le=1, description="no plan is cheaper by more than this")


class SwapHours(Section):
    """Hours, in the site's zone, in which somebody can plug cars in and out."""

    start: time = time(6)
    end: time = time(22)


class WorkerSettings(Section):
    """Planners that share the work of many homes (docs/scale.md): they take a decision's inputs and answer with it."""

    topic: str = Field(
        default="evcc/planners/order",
        pattern=r"^[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*$",
        description="the whole topic on which they take orders",
    )
    group: str = Field(
        default="planners", pattern=r"^[A-Za-z0-9_-]{1,64}$", description="whose workers share the orders among them"
    )
    timeout_s: Seconds = Field(
        default=60, gt=0, le=300, description="an order that takes longer is given once more, then planned here"
    )


class Settings(ServiceSettings):
    """Everything; each part has a default."""

    battery: BatteryRules = BatteryRules()
    """The home battery."""
    vehicles: Mapping[VehicleName, VehicleRules] = {}
    """Cars by evcc's names."""
    grid: GridRules = GridRules()
    """The house connection."""
    min_on_minutes: Literal[0, 15, 20, 30, 60] = 0
    """A car charges, or pauses, for whole blocks of this length; 0: as it is cheapest."""
    swap_hours: SwapHours = SwapHours()
    """When cars that share a loadpoint can be changed."""
    solver: SolverSettings = SolverSettings()
    """How hard to try."""
    workers: WorkerSettings | None = None
    """Workers that plan for many homes; absent: this service plans by itself."""
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
