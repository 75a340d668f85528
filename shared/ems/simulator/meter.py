"""What the home's meters counted: energies and money in all, and quarter by quarter as evcc keeps them."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ems.house.home import Flows
from ems.house.slots import floor_to
from ems.simulator.environment import Conditions

SLOT = timedelta(minutes=15)


@dataclass(slots=True)
class Counted:
    """Energy in kWh of one thing over one slot; for the battery ``energy`` went in and ``returned`` came out."""

    energy: float = 0.0
    returned: float = 0.0
    soc_pct: float | None = None
    """The battery's or the car's, as the slot began."""


@dataclass(slots=True)
class Meter:
    """Counts forward; never forgets."""

    cost_eur: float = 0.0
    import_kwh: float = 0.0
    export_kwh: float = 0.0
    charged_kwh: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    """By loadpoint."""
    slots: dict[datetime, dict[tuple[str, str], Counted]] = field(default_factory=dict)
    """By slot start, then by evcc's (group, loadpoint's id or name)."""

    def next_slot(self, moment: datetime) -> datetime:
        """When the slot that ``moment`` lies in ends."""
        return floor_to(moment, 15) + SLOT

    def count(
        self,
        start: datetime,
        hours: float,
        flows: Flows,
        conditions: Conditions,
        battery_soc_pct: float,
        cars_soc_pct: Mapping[str, float],
    ) -> None:
        """Adds ``hours`` of steady ``flows`` that began at ``start``, within one slot."""
        self.cost_eur += flows.cost_eur(hours, conditions.import_eur_per_kwh, conditions.export_eur_per_kwh)
        self.import_kwh += max(0.0, flows.grid_kw) * hours
        self.export_kwh += max(0.0, -flows.grid_kw) * hours
        slot = self.slots.setdefault(floor_to(start, 15), {})
        _add(slot, ("grid", "grid"), flows.grid_kw * hours)
        _add(slot, ("home", "home"), conditions.load_w / 1000 * hours)
        _add(slot, ("pv", "pv"), conditions.pv_w / 1000 * hours)
        _add(slot, ("forecast", "forecast"), max(0.0, conditions.pv_forecast_w) / 1000 * hours)
        _add(slot, ("battery", "battery"), -flows.battery_kw * hours, battery_soc_pct)
        for loadpoint, power_kw in flows.cars_kw.items():
            self.charged_kwh[loadpoint] += power_kw * hours
            _add(slot, ("loadpoint", loadpoint), power_kw * hours, cars_soc_pct.get(loadpoint))


def _add(slot: dict[tuple[str, str], Counted], key: tuple[str, str], kwh: float, soc_pct: float | None = None) -> None:
    counted = slot.setdefault(key, Counted(soc_pct=soc_pct))
    counted.energy += max(0.0, kwh)
    counted.returned += max(0.0, -kwh)
