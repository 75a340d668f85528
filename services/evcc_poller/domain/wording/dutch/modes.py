"""Dutch: what modes are called."""

from collections.abc import Mapping

from ems.contract.control import ControllerName
from ems.contract.site import BatteryMode, LoadpointMode

LOADPOINT: Mapping[LoadpointMode, str] = {
    LoadpointMode.OFF: "'Uit'",
    LoadpointMode.PV: "'Zon'",
    LoadpointMode.MINPV: "'Min + zon'",
    LoadpointMode.NOW: "'Snel'",
}
BATTERY: Mapping[BatteryMode, str] = {
    BatteryMode.NORMAL: "het huis volgen",
    BatteryMode.HOLD: "haar energie bewaren",
    BatteryMode.CHARGE: "van het net laden",
    BatteryMode.HOLDCHARGE: "van laden afzien",
}
"""What the battery is told to do, as it ends a clause."""
CONTROLLERS: Mapping[ControllerName, str] = {ControllerName.LP: "de planner", ControllerName.RL: "de lerende regelaar"}
