"""Decides the battery's mode now: by its reserve, by the look-ahead over likely loads, or as planned."""

from ems.contract.site import BatteryMode
from ems.lookahead.dynamic_program import ModeChoice
from tariff_planner.domain.actions.battery_decision import (
    AsPlanned,
    AtReserve,
    BatteryDecision,
    KeptFromCars,
    OnWish,
    Weighed,
)
from tariff_planner.domain.actions.evcc_modes import battery_action, feeds_cars, keeps_reserve
from tariff_planner.domain.problem.problem import Problem
from tariff_planner.domain.problem.solution import Solution


def decide_battery(
    problem: Problem,
    solution: Solution,
    chosen: ModeChoice | None,
    current: BatteryMode | None,
    reserve_soc_pct: float,
    cars_kwh: float,
) -> BatteryDecision | None:
    """What the problem's first battery is told, and why; None without one.

    Args:
        problem: what was planned.
        solution: its plan.
        chosen: what the look-ahead chose, where there was one.
        current: the mode that the battery is in.
        reserve_soc_pct: what people have reserved.
        cars_kwh: what the cars take in the first step.
    """
    if not problem.batteries:
        return None
    battery = problem.batteries[0]
    planned = battery_action(problem, solution, battery, 0).mode
    if battery.is_held(0) or battery.is_demanded(0):
        return BatteryDecision(planned, OnWish())
    mode = chosen.mode if chosen else planned
    if keeps_reserve(battery, mode, current):
        return BatteryDecision(BatteryMode.HOLD, AtReserve(reserve_soc_pct))
    feeds = not battery.feeds_cars and feeds_cars(problem.steps[0], cars_kwh)
    if battery.can_hold and feeds and mode is not BatteryMode.CHARGE:
        return BatteryDecision(BatteryMode.HOLD, KeptFromCars())
    if chosen is None or mode is planned:
        return BatteryDecision(mode, AsPlanned())
    second = max((m for m in chosen.gain_eur if m is not mode), key=lambda m: chosen.gain_eur[m])
    return BatteryDecision(mode, Weighed(second, max(0.0, chosen.gain_eur[mode] - chosen.gain_eur[second])))
