"""Compares a battery's measured power with its mode, since evcc takes its own writes for granted."""

from ems.contract.site import BatteryFact, BatteryMode
from evcc_poller.domain.control.settings import ControlSettings


def follows(mode: BatteryMode, battery: BatteryFact, grid_w: float | None, rules: ControlSettings) -> bool | None:
    """Whether the measured power (W, positive = discharging) fits a forced ``mode``; None when it cannot tell.

    A battery on hold proves nothing while the home needs nothing; a full one need not charge.
    """
    power, tolerance, grid = battery.power_w, rules.power_tolerance_w, grid_w or 0.0
    if power is None:
        return None
    charges, discharges = power < -tolerance, power > tolerance
    match mode:
        case BatteryMode.CHARGE:
            full = battery.soc_pct is not None and battery.soc_pct >= rules.full_soc_pct
            return True if charges else None if full else False
        case BatteryMode.HOLD:
            return False if discharges else True if charges or grid > 2 * tolerance else None
        case BatteryMode.HOLDCHARGE:
            return False if charges else True if discharges or grid < -2 * tolerance else None
        case BatteryMode.NORMAL:
            return _follows_normal(battery, grid_w, rules)


def _follows_normal(battery: BatteryFact, grid_w: float | None, rules: ControlSettings) -> bool | None:
    """Whether a released battery follows the meter: it neither charges from the grid nor idles during import."""
    power, tolerance = battery.power_w, rules.power_tolerance_w
    if power is None or grid_w is None:
        return None
    if power < -tolerance:
        return grid_w < 2 * tolerance
    if power > tolerance:
        return True
    if grid_w < 2 * tolerance or battery.soc_pct is None or battery.soc_pct <= rules.empty_soc_pct:
        return None
    return False
