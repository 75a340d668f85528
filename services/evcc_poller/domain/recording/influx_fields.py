"""Fields for InfluxDB, under the predecessor's names, so that existing dashboards go on working.

``battery_power`` has evcc's sign (positive = discharging), which is what the predecessor wrote down, too.
"""

from collections.abc import Mapping

from ems.contract.site import BatteryFact, BatteryMode, LoadpointKind, LoadpointMode
from evcc_poller.domain.observation import Observation

BATTERY_ACTIONS = {BatteryMode.HOLD: 0.0, BatteryMode.CHARGE: 4.0, BatteryMode.HOLDCHARGE: 6.0}
"""Nearest of the predecessor's numbers: 0 hold, 4 charge up to the maximum price, 5 PV only, 6 discharge."""
EV_ACTIONS = {LoadpointMode.OFF: 0.0, LoadpointMode.NOW: 3.0, LoadpointMode.PV: 4.0, LoadpointMode.MINPV: 4.0}
"""Likewise: 0 none, 3 charge up to the maximum price, 4 PV only."""


def fields(seen: Observation) -> Mapping[str, float | None]:
    """The fields of an observation; unmeasured ones are None. Of several cars the one at the first loadpoint counts."""
    site, battery = seen.site, seen.site.battery
    car = next((lp for lp in seen.loadpoints if lp.connected and lp.kind is LoadpointKind.CAR), None)
    return {
        "battery_soc": battery.soc_pct if battery else None,
        "battery_power": battery.power_w if battery else None,
        "pv_power": site.pv_w,
        "home_power": site.home_w,
        "grid_power": site.grid_w,
        "price_ct": None if site.import_eur_per_kwh is None else round(site.import_eur_per_kwh * 100, 4),
        "ev_soc": car.soc_pct if car else None,
        "battery_action": _battery_action(battery),
        "ev_action": EV_ACTIONS[car.mode] if car else None,
    }


def _battery_action(battery: BatteryFact | None) -> float | None:
    """The predecessor's number of what the battery does; left to evcc it discharges or takes PV energy."""
    if battery is None or battery.mode is None:
        return None
    alone = 6.0 if (battery.power_w or 0) > 0 else 5.0
    return BATTERY_ACTIONS.get(battery.mode, alone)
