"""What each of several batteries does in a mode that all of them are told."""

from collections.abc import Sequence

from ems.contract.site import BatteryMode
from ems.house.battery import step as physics
from tariff_planner.domain.actions.evcc_modes import SlotFlow
from tariff_planner.domain.problem.storage import Battery


def battery_flows(batteries: Sequence[Battery], mode: BatteryMode, need_kw: float, hours: float) -> list[SlotFlow]:
    """The flow of each, where the rest of the home needs ``need_kw`` (negative = surplus) for ``hours``.

    Who follows the meter has its share of what is needed: as much of it as of what all of them could do.
    """
    asked_kw = -float("inf") if mode is BatteryMode.CHARGE else need_kw
    most = [abs(physics(b.in_house(), b.energy_kwh, mode, _sign(asked_kw) * 1e6, hours).power_kw) for b in batteries]
    total = sum(most)
    flows = []
    for battery, can_kw in zip(batteries, most, strict=True):
        share = can_kw / total if total else 0.0
        flow = physics(battery.in_house(), battery.energy_kwh, mode, need_kw * share, hours)
        flows.append(SlotFlow(flow.power_kw, flow.energy_kwh))
    return flows


def _sign(value: float) -> float:
    return 1.0 if value > 0 else -1.0
