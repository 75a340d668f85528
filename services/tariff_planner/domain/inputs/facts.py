"""What a decision starts from: the bus's facts, and what people have set about their home."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from ems.contract.control import Control
from ems.contract.people import Goal
from ems.contract.plan import BatteryGoal
from ems.contract.site import Loadpoint, Rate, Site
from ems.contract.vehicle import Vehicle
from ems.contract.wishes import Wish
from tariff_planner.domain.inputs.late_goals import LateGoal
from tariff_planner.domain.inputs.rules import BatteryRules, GridRules, VehicleRules


@dataclass(frozen=True, slots=True)
class Facts:
    """The newest good facts, whatever their age, which is the reader's to check."""

    now: datetime
    site: Site
    loadpoints: Mapping[str, Loadpoint]
    vehicles: Mapping[str, Vehicle] = field(default_factory=dict)
    goals: Mapping[str, Goal] = field(default_factory=dict)
    controls: Mapping[str, Control] = field(default_factory=dict)
    feedin: Sequence[Rate] = ()
    late: Mapping[str, LateGoal] = field(default_factory=dict)
    """By vehicle: what a car that is still plugged in is late for, as remembered from before."""


@dataclass(frozen=True, slots=True)
class HomeRules:
    """What people set about their home."""

    battery: BatteryRules
    vehicles: Mapping[str, VehicleRules]
    grid: GridRules
    zone: ZoneInfo
    export_eur_per_kwh: float
    reserve_soc_pct: float
    vehicle_stale: timedelta
    """A SoC measured longer ago is none."""
    battery_goal: BatteryGoal | None = None
    """Set on the bus; counts beside the weekly ones until its moment."""
    wishes: tuple[Wish, ...] = ()
    """Those that are obeyed."""
    min_on_minutes: int = 0
    """A car charges or pauses for whole blocks of this length."""
    swap_hours: tuple[time, time] = (time(6), time(22))
    """Local times between which somebody can change cars at a loadpoint."""
    loadpoint_stale: timedelta = timedelta(minutes=2)
    """A loadpoint that evcc-poller has not reported for longer is not there any more."""

    def feedin_now(self, site: Site) -> float:
        """What a kWh fed in earns now, in EUR/kWh: as evcc says, else as set."""
        return self.export_eur_per_kwh if site.export_eur_per_kwh is None else site.export_eur_per_kwh
