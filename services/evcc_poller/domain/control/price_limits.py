"""evcc's own price limits, which contradict a plan: reported, or cleared while the suite plans and restored later."""

from dataclasses import dataclass

from ems.contract.site import Loadpoint
from ems.i18n.health.troubles import LimitsLeft
from evcc_poller.domain.observation import Observation

GRID_CHARGE = "battery-grid-charge"
"""The battery's limit on disk."""


@dataclass(frozen=True, slots=True)
class ClearedLimit:
    """A limit as it was; ``loadpoint`` is None for the battery's. EUR/kWh, or g/kWh where evcc counts CO2."""

    loadpoint: int | None
    limit: float
    feed_in: bool = False
    """Whether it is the price above which the sun is fed in, not the one below which is charged."""

    @property
    def name(self) -> str:
        """Its name on disk."""
        if self.loadpoint is None:
            return GRID_CHARGE
        return f"{'feed-in-priority' if self.feed_in else 'smart-cost'}-{self.loadpoint}"


def limits_in(seen: Observation) -> tuple[ClearedLimit, ...]:
    """The limits that are set in evcc now; its optimizer's own are not among them."""
    grid = seen.battery_grid_charge_limit
    battery = () if grid is None else (ClearedLimit(None, grid),)
    found = battery + tuple(limit for lp in seen.loadpoints for limit in _of(lp))
    return tuple(limit for limit in found if not managed_by_optimizer(limit, seen))


def managed_by_optimizer(limit: ClearedLimit, seen: Observation) -> bool:
    """Whether evcc's own optimizer steers what ``limit`` is for: evcc then answers 409."""
    evcc = seen.site.evcc
    return evcc.optimizer_has_battery if limit.loadpoint is None else evcc.optimizer_has_loadpoints


def warning(limits: tuple[ClearedLimit, ...]) -> LimitsLeft | None:
    """What people should know about limits that stay, or None."""
    if not limits:
        return None
    places = [(x.loadpoint, x.feed_in) for x in limits if x.loadpoint is not None]
    return LimitsLeft(
        any(x.loadpoint is None for x in limits),
        tuple(n for n, feed_in in places if not feed_in),
        tuple(n for n, feed_in in places if feed_in),
    )


def _of(loadpoint: Loadpoint) -> tuple[ClearedLimit, ...]:
    found = ((loadpoint.smart_cost_limit, False), (loadpoint.smart_feedin_priority_limit, True))
    return tuple(ClearedLimit(loadpoint.id, limit, feed_in) for limit, feed_in in found if limit is not None)
