"""evcc's own price limits, which contradict a plan: reported, or cleared while the suite plans and restored later."""

from dataclasses import dataclass

from ems.contract.site import Loadpoint
from evcc_poller.domain.observation import Observation

GRID_CHARGE = "battery-grid-charge"
"""The battery's limit on disk."""


@dataclass(frozen=True, slots=True)
class ClearedLimit:
    """A limit as it was; ``loadpoint`` is None for the battery's. EUR/kWh, or g/kWh where evcc counts CO2."""

    loadpoint: int | None
    limit: float

    @property
    def name(self) -> str:
        """Its name on disk."""
        return GRID_CHARGE if self.loadpoint is None else f"smart-cost-{self.loadpoint}"


def limits_in(seen: Observation) -> tuple[ClearedLimit, ...]:
    """The limits that are set in evcc now; its optimizer's own are not among them."""
    grid = None if seen.site.evcc.optimizer_has_battery else seen.battery_grid_charge_limit
    battery = () if grid is None else (ClearedLimit(None, grid),)
    return battery + tuple(_of(lp) for lp in seen.loadpoints if lp.smart_cost_limit is not None)


def warning(limits: tuple[ClearedLimit, ...]) -> str | None:
    """What people should know about limits that stay, or None."""
    if not limits:
        return None
    names = ", ".join("battery from the grid" if x.loadpoint is None else f"loadpoint {x.loadpoint}" for x in limits)
    return f"evcc has price limits of its own that act beside the plan ({names}): remove them, or set take_over_limits"


def _of(loadpoint: Loadpoint) -> ClearedLimit:
    return ClearedLimit(loadpoint.id, loadpoint.smart_cost_limit or 0.0)
