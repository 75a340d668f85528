"""Batteries that nobody steers: they take the sun that is left and give what lacks, at every price."""

from collections.abc import Sequence
from dataclasses import replace

from ems.contract.site import BatteryMode
from ems.house.battery import BatteryFlow
from ems.house.battery import step as physics
from tariff_planner.domain.problem.problem import Step
from tariff_planner.domain.problem.storage import Battery


def following_flows(
    batteries: Sequence[Battery], steps: Sequence[Step], beside_kwh: Sequence[float] = ()
) -> dict[str, tuple[BatteryFlow, ...]]:
    """What they do, by name and step; the first named takes and gives first.

    Args:
        batteries: those that follow the house.
        steps: with the house's load and sun.
        beside_kwh: by step what all else takes, cars for one; absent: nothing.
    """
    found: dict[str, list[BatteryFlow]] = {b.name: [] for b in batteries}
    for t, step in enumerate(steps):
        need_kw = (step.load_kwh - step.pv_kwh + (beside_kwh[t] if beside_kwh else 0.0)) / step.hours
        for battery in batteries:
            before = found[battery.name][-1].energy_kwh if found[battery.name] else battery.energy_kwh
            house = replace(battery.in_house(), charge_kw=battery.charge_kw_at(before))
            flow = physics(house, before, BatteryMode.NORMAL, need_kw, step.hours)
            need_kw -= flow.power_kw
            found[battery.name].append(flow)
    return {name: tuple(flows) for name, flows in found.items()}


def beside(steps: Sequence[Step], flows: Sequence[BatteryFlow]) -> tuple[Step, ...]:
    """The steps beside a battery that follows the house: it takes sun, or gives part of the load."""
    return tuple(map(_beside, steps, flows))


def _beside(step: Step, flow: BatteryFlow) -> Step:
    took_kwh = -flow.power_kw * step.hours
    return replace(step, load_kwh=max(0.0, step.load_kwh + min(0.0, took_kwh)), pv_kwh=step.pv_kwh - max(0.0, took_kwh))
