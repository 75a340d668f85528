"""German: what modes are called."""

from collections.abc import Mapping

from ems.contract.control import ControllerName
from ems.contract.site import BatteryMode, LoadpointMode

LOADPOINT: Mapping[LoadpointMode, str] = {
    LoadpointMode.OFF: "„Aus“",
    LoadpointMode.PV: "„PV“",
    LoadpointMode.MINPV: "„Min + PV“",
    LoadpointMode.NOW: "„Schnell“",
}
BATTERY: Mapping[BatteryMode, str] = {
    BatteryMode.NORMAL: "dem Haus folgen",
    BatteryMode.HOLD: "ihre Energie halten",
    BatteryMode.CHARGE: "aus dem Netz laden",
    BatteryMode.HOLDCHARGE: "aufs Laden verzichten",
}
"""What the battery is told to do, as it ends a clause."""
CONTROLLERS: Mapping[ControllerName, tuple[str, str]] = {
    ControllerName.LP: ("der Planer", "des Planers"),
    ControllerName.RL: ("der Lerner", "des Lerners"),
}
"""Who proposes, and whose the proposal is."""
