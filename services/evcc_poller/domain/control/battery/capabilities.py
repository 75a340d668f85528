"""Modes that a battery can do, and the nearest one to a mode that it cannot."""

from collections.abc import Set as AbstractSet

from ems.contract.site import BatteryMode

NEAREST = {
    BatteryMode.CHARGE: BatteryMode.HOLD,
    BatteryMode.HOLD: BatteryMode.NORMAL,
    BatteryMode.HOLDCHARGE: BatteryMode.NORMAL,
}
"""A battery that cannot charge from the grid holds its energy instead. The other modes have no substitute."""


def achievable(wanted: BatteryMode, able: AbstractSet[BatteryMode]) -> BatteryMode:
    """``wanted``, or the nearest mode of a battery that is ``able`` to do only some (it always can do ``normal``)."""
    while wanted is not BatteryMode.NORMAL and wanted not in able:
        wanted = NEAREST[wanted]
    return wanted
