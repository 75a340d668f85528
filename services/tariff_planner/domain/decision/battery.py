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
from tariff_planner.domain.decision.guide import Guide
from tariff_planner.domain.problem.problem import Problem


def decide_battery(
    problem: Problem,
    guide: Guide,
    chosen: ModeChoice | None,
    current: BatteryMode | None,
    reserve_soc_pct: float,
    cars_kwh: float,
) -> BatteryDecision | None:
    """What the problem's first battery is told, and why; None without one. See :func:`battery_now`.

    Args:
        problem: what was planned.
        guide: gives its plan.
        chosen: what the look-ahead chose, where there was one.
        current: the mode that the battery is in.
        reserve_soc_pct: what people have reserved.
        cars_kwh: what the cars take in the first step.
    """
    if not problem.batteries:
        return None
    mode, rule = battery_now(problem, guide, chosen, current, reserve_soc_pct, cars_kwh)
    if rule is not None:
        return BatteryDecision(mode, rule)
    others = () if chosen is None else [m for m in chosen.gain_eur if m is not mode]
    if chosen is None or not others or mode is _planned(problem, guide):
        return BatteryDecision(mode, AsPlanned())
    second = max(others, key=lambda m: chosen.gain_eur[m])
    return BatteryDecision(mode, Weighed(second, max(0.0, chosen.gain_eur[mode] - chosen.gain_eur[second])))


def battery_now(
    problem: Problem,
    guide: Guide,
    chosen: ModeChoice | None,
    current: BatteryMode | None,
    reserve_soc_pct: float,
    cars_kwh: float,
) -> tuple[BatteryMode, AtReserve | KeptFromCars | OnWish | None]:
    """The mode alone, and what stands above the choice, if anything does. The plan is asked for only where it decides.

    The problem has a battery; arguments as in :func:`decide_battery`.
    """
    battery = problem.batteries[0]
    if battery.is_held(0) or battery.is_demanded(0):
        return _planned(problem, guide), OnWish()
    mode = chosen.mode if chosen else _planned(problem, guide)
    if keeps_reserve(battery, mode, current):
        return BatteryMode.HOLD, AtReserve(reserve_soc_pct)
    feeds = not battery.feeds_cars and feeds_cars(problem.steps[0], cars_kwh)
    if battery.can_hold and feeds and mode is not BatteryMode.CHARGE:
        return BatteryMode.HOLD, KeptFromCars()
    return mode, None


def _planned(problem: Problem, guide: Guide) -> BatteryMode:
    return battery_action(problem, guide(), problem.batteries[0], 0).mode
