"""What a battery's power says about its mode: evcc believes its own writes, the power does not lie."""

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
            return normal(battery, grid_w, rules)


def normal(battery: BatteryFact, grid_w: float | None, rules: ControlSettings) -> bool | None:
    """Whether a battery that was set free lets the meter lead: it neither charges from the grid nor idles on import."""
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
