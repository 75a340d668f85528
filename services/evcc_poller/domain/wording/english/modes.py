"""English: what modes are called."""

from collections.abc import Mapping

from ems.contract.control import ControllerName
from ems.contract.site import BatteryMode, LoadpointMode

LOADPOINT: Mapping[LoadpointMode, str] = {
    LoadpointMode.OFF: "Off",
    LoadpointMode.PV: "Solar",
    LoadpointMode.MINPV: "Min + solar",
    LoadpointMode.NOW: "Fast",
}
BATTERY: Mapping[BatteryMode, str] = {
    BatteryMode.NORMAL: "follow the house",
    BatteryMode.HOLD: "keep its energy",
    BatteryMode.CHARGE: "charge from the grid",
    BatteryMode.HOLDCHARGE: "hold back from charging",
}
"""What the battery is told to do, after "to"."""
CONTROLLERS: Mapping[ControllerName, str] = {ControllerName.LP: "planner", ControllerName.RL: "learner"}
