"""The settings of control."""

from pydantic import BaseModel, ConfigDict, Field

from ems.contract.site import BatteryMode
from ems.contract.units import Percent, Seconds, Watts

FORCED = frozenset({BatteryMode.HOLD, BatteryMode.CHARGE, BatteryMode.HOLDCHARGE})
"""Every mode that evcc must be made to leave again."""


class ControlSettings(BaseModel):
    """How evcc-poller carries out plans. Every field has a default that is safe at any site."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    enabled: bool = Field(default=True, description="false: evcc-poller only reads, and never writes to evcc")
    battery_modes: frozenset[BatteryMode] = Field(
        default=FORCED, description="what the home battery can do besides normal; a Varta can only `hold`"
    )
    override_hours: float = Field(default=6, gt=0, le=168, description="how long a person's mode is left alone")
    boost_holds_battery: bool = Field(
        default=False, description="hold the home battery during a boost, so that the grid feeds the car"
    )
    take_over_limits: bool = Field(
        default=False, description="clear evcc's own price limits while the suite plans, and put them back afterwards"
    )
    decision_interval_s: Seconds = Field(default=900, description="proposals older than two of these are stale")
    offline_grace_s: Seconds = Field(default=60, description="how long a planner may be away before it counts as gone")
    startup_grace_s: Seconds = Field(default=15, description="how long first proposals are waited for after a start")
    refresh_s: Seconds = Field(default=20, gt=0, le=30, description="how often the battery's mode is asked for again")
    dwell_s: Seconds = Field(default=120, description="a plan's mode stays at least this long")
    stale_s: Seconds = Field(default=60, description="evcc's state older than this is not acted upon")
    power_tolerance_w: Watts = Field(default=100, ge=0, description="battery power up to this counts as none")
    full_soc_pct: Percent = Field(default=95, description="from here on a battery need not charge to be believed")
    empty_soc_pct: Percent = Field(default=15, description="up to here a battery need not discharge to be believed")
    tries: int = Field(default=3, ge=1, le=10, description="repairs of a battery that does not follow before giving up")
    retry_s: Seconds = Field(
        default=60, gt=0, description="first pause after giving up; it doubles up to `retry_max_s`"
    )
    retry_max_s: Seconds = Field(default=1800, gt=0, description="the longest such pause")
    tick_s: Seconds = Field(default=5, gt=0, le=10, description="how often time alone is acted upon")
