"""What a battery can do, and what comes nearest to what it cannot."""

from collections.abc import Set as AbstractSet

from ems.contract.site import BatteryMode

NEAREST = {
    BatteryMode.CHARGE: BatteryMode.HOLD,
    BatteryMode.HOLD: BatteryMode.NORMAL,
    BatteryMode.HOLDCHARGE: BatteryMode.NORMAL,
}
"""Who would charge from the grid wants energy kept for later: hold keeps what is there. The others have no likeness."""


def achievable(wanted: BatteryMode, able: AbstractSet[BatteryMode]) -> BatteryMode:
    """``wanted``, or the nearest mode of a battery that is ``able`` to do only some (``normal`` it always can)."""
    while wanted is not BatteryMode.NORMAL and wanted not in able:
        wanted = NEAREST[wanted]
    return wanted
