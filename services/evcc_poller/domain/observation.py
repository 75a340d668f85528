"""One observation of evcc: what a poll found."""

from dataclasses import dataclass
from datetime import datetime

from ems.contract.site import Loadpoint, Site


@dataclass(frozen=True, slots=True)
class ToldChange:
    """A change of a setting as evcc told it by itself, in its own words."""

    at: datetime
    """When we heard it, on the time by which control measures what lasts."""
    source: str
    loadpoint: int | None
    """None: a setting of the site."""
    setting: str
    value: str


@dataclass(frozen=True, slots=True)
class Observation:
    """What evcc showed at one moment. While it does not answer, ``site.evcc.reachable`` is false and loadpoints absent.

    ``at`` is the moment *before* the request: what we wrote later cannot be in it.
    """

    at: datetime
    site: Site
    loadpoints: tuple[Loadpoint, ...] = ()
    loadpoint_count: int | None = None
    """Number of loadpoints that evcc has, including unreadable ones; None while that is not settled."""
    unasked: tuple[int, ...] = ()
    """Loadpoints that evcc, just started, has not asked yet."""
    leaving: tuple[int, ...] = ()
    """Loadpoints whose car has just left, which evcc is about to show: what it sets back now is nobody's wish."""
    steady_at: datetime | None = None
    """``at`` by the steady clock, on which control measures what lasts; None where both agree."""
    restarted: bool = False
    """Whether evcc was restarted since the observation before: refused connections or 404 everywhere, then back."""
    external_untouched: bool = False
    """``batteryModeExternal`` is null: nobody has set a battery mode from outside since evcc's start."""
    told: tuple[ToldChange, ...] = ()
    """What evcc told of changes in the last seconds, oldest first."""
    battery_grid_charge_limit: float | None = None
    """evcc's own price limit for charging the battery from the grid (EUR/kWh, or g/kWh with CO2), which evcc keeps."""

    @property
    def moment(self) -> datetime:
        """When evcc was observed, on the time by which control measures what lasts."""
        return self.steady_at or self.at
