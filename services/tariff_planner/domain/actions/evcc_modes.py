"""From planned energies to modes: what evcc is asked for, never a blind power. The table stands in docs/planning.md."""

from collections.abc import Sequence
from dataclasses import dataclass

from ems.contract.control import BatteryAction, LoadpointAction
from ems.contract.site import BatteryMode, LoadpointMode
from tariff_planner.domain.problem.problem import NOTHING_KW, Loadpoint, Problem, Step
from tariff_planner.domain.problem.solution import Solution
from tariff_planner.domain.problem.storage import Battery, Car

_FULL = 0.01
"""A car with less room than this share of its capacity is full."""
_RESERVE_MARGIN = 0.01
"""Distance from its reserve, as a share of the capacity, at which a battery is held; it is released at twice that."""


@dataclass(frozen=True, slots=True)
class SlotFlow:
    """What one device is planned to do in one step; ``power_kw`` positive = battery discharging, car charging."""

    power_kw: float
    energy_kwh: float
    """Stored at the step's end."""


def battery_slot_flow(solution: Solution, battery: Battery, steps: Sequence[Step], t: int) -> SlotFlow:
    """What ``battery`` is planned to do in step ``t``."""
    plan = solution.batteries[battery.name]
    return SlotFlow((plan.discharge_kwh[t] - plan.charge_kwh[t]) / steps[t].hours, plan.energy_kwh[t])


def car_slot_flow(solution: Solution, car: Car, steps: Sequence[Step], t: int) -> SlotFlow:
    """What ``car`` is planned to do in step ``t``."""
    plan = solution.cars[car.name]
    return SlotFlow(plan.charge_kwh[t] / steps[t].hours, plan.energy_kwh[t])


def surplus_kw(step: Step) -> float:
    """PV beyond the house's load; negative where the house needs more."""
    return (step.pv_kwh - step.load_kwh) / step.hours


def battery_action(problem: Problem, solution: Solution, battery: Battery, t: int) -> BatteryAction:
    """The mode in which the inverter does what the plan means, whatever the load then really is."""
    mode = _wished(problem, solution, battery, t) or _meant(problem, solution, battery, t)
    if mode is not BatteryMode.CHARGE and not battery.feeds_cars and into_cars(problem, solution, t):
        mode = BatteryMode.HOLD
    holds = mode in {BatteryMode.HOLD, BatteryMode.HOLDCHARGE}
    return BatteryAction(mode=BatteryMode.NORMAL if holds and not battery.can_hold else mode)


def _wished(problem: Problem, solution: Solution, battery: Battery, t: int) -> BatteryMode | None:
    """The mode that people want in step ``t``; None where they want none."""
    if battery.is_demanded(t):
        before = solution.batteries[battery.name].energy_kwh[t - 1] if t else battery.energy_kwh
        if before < battery.ceiling_kwh - NOTHING_KW * problem.steps[t].hours:
            return BatteryMode.CHARGE if battery.can_charge_from_grid else None
        return BatteryMode.HOLD
    return BatteryMode.HOLD if battery.is_held(t) else None


def into_cars(problem: Problem, solution: Solution, t: int) -> bool:
    """Whether a battery in ``normal`` would feed cars in step ``t``: they take more than the sun gives."""
    return feeds_cars(problem.steps[t], sum(plan.charge_kwh[t] for plan in solution.cars.values()))


def feeds_cars(step: Step, cars_kwh: float) -> bool:
    """Whether a battery in ``normal`` would feed cars that take ``cars_kwh`` in ``step``."""
    return step.cars_beyond_sun_kwh(cars_kwh) > NOTHING_KW * step.hours


def keeps_reserve(battery: Battery, mode: BatteryMode, current: BatteryMode | None) -> bool:
    """Whether ``hold`` is needed instead of ``mode`` to keep what people reserved, in the mode that it is in now.

    In ``normal`` the inverter goes on to the battery's own end, which may lie below; ``hold`` still takes the sun.
    """
    if mode is not BatteryMode.NORMAL or not battery.can_hold or battery.floor_kwh <= 0:
        return False
    margin = _RESERVE_MARGIN * (2 if current is BatteryMode.HOLD else 1)
    return battery.energy_kwh <= battery.floor_kwh + margin * battery.capacity_kwh


def _meant(problem: Problem, solution: Solution, battery: Battery, t: int) -> BatteryMode:
    step = problem.steps[t]
    power = battery_slot_flow(solution, battery, problem.steps, t).power_kw
    cars = sum(car_slot_flow(solution, car, problem.steps, t).power_kw for car in problem.cars)
    need = cars - surplus_kw(step)
    # Sun that does not fit through the inverter's AC side is there for the battery, however much the house needs.
    beyond = problem.beyond_ac_kwh(battery, t) / step.hours
    before = solution.batteries[battery.name].energy_kwh[t - 1] if t else battery.energy_kwh
    if -power > max(0.0, -need, beyond) + NOTHING_KW:
        return BatteryMode.CHARGE
    holds_back = need - max(0.0, power) > NOTHING_KW and power < battery.discharge_kw - NOTHING_KW
    # What is left of a tie between plans that cost the same is nothing that is held back.
    nearly_empty = battery.floor_kwh + max(NOTHING_KW * step.hours, 2 * _RESERVE_MARGIN * battery.capacity_kwh)
    # Who is empty at the step's end has not held back either, however much more was needed.
    after = solution.batteries[battery.name].energy_kwh[t]
    if need > NOTHING_KW and holds_back and before > nearly_empty and (power < NOTHING_KW or after > nearly_empty):
        # Half of what the house needs or more: the plan runs out of energy in this step, it does not hold it back.
        # Nor does it where the rest would be too much for the connection.
        helps = power > NOTHING_KW and need > _allowed_kw(problem, solution, t) + NOTHING_KW
        gives = helps or power >= need / 2 or _kept_for_nothing(problem, solution, battery, t)
        return BatteryMode.NORMAL if gives else BatteryMode.HOLD
    # Nor does who is full at the step's end leave room.
    room = battery.ceiling_kwh - max(before, after) > NOTHING_KW * step.hours
    if -need > NOTHING_KW and room and -power < min(-need, battery.charge_kw) / 2:
        return BatteryMode.HOLDCHARGE
    return BatteryMode.NORMAL


def _kept_for_nothing(problem: Problem, solution: Solution, battery: Battery, t: int) -> bool:
    """Whether what is not given in step ``t`` is left at the end, where it is worth no more than it would save now.

    It is what is left of a tie between plans that cost the same; on flat prices a battery follows the house.
    """
    later = slice(t + 1, None)
    plan, steps = solution.batteries[battery.name], problem.steps[later]
    if any(goal.by > problem.steps[t].start for goal in battery.goals):
        return False
    if any(kwh > NOTHING_KW * step.hours for kwh, step in zip(plan.discharge_kwh[later], steps, strict=True)):
        return False
    left_kwh = plan.energy_kwh[-1]
    worth = next((tier.eur_per_kwh for tier in battery.worth if left_kwh <= tier.upto_kwh + NOTHING_KW), 0.0)
    gives_eur_per_kwh = worth / battery.discharge_efficiency + battery.wear_eur_per_kwh
    return gives_eur_per_kwh <= problem.steps[t].import_eur_per_kwh


def _allowed_kw(problem: Problem, solution: Solution, t: int) -> float:
    """What may be imported in step ``t``: the connection's limit, and the peak that the plan pays for."""
    step, capacity = problem.steps[t], problem.capacity_price
    allowed = float("inf") if step.import_limit_kw is None else step.import_limit_kw
    if capacity is not None:
        planned = max(kwh / s.hours for kwh, s in zip(solution.import_kwh, problem.steps, strict=True))
        allowed = min(allowed, max(capacity.peak_kw, planned))
    return allowed


def car_action(problem: Problem, solution: Solution, car: Car, loadpoint: Loadpoint, t: int) -> LoadpointAction:
    """The mode whose power comes nearest to the plan's; the limit rises to the goal where it is below it."""
    surplus = surplus_kw(problem.steps[t])
    planned = car_slot_flow(solution, car, problem.steps, t).power_kw
    most = min(loadpoint.max_kw, car.max_kw)
    vehicle = car.name if sum(c.loadpoint == loadpoint.name for c in problem.cars) > 1 else None
    if car.is_paused(t):
        return LoadpointAction(mode=LoadpointMode.OFF, vehicle=vehicle)
    if planned < NOTHING_KW:
        # In pv nothing is bought for the car; off only where the plan has a better use for sun that it could take.
        room = solution.cars[car.name].energy_kwh[t] < car.ceiling_kwh - _FULL * car.capacity_kwh
        could = min(surplus, most) > NOTHING_KW and surplus >= loadpoint.min_kw
        mode = LoadpointMode.OFF if could and room else LoadpointMode.PV
        return LoadpointAction(mode=mode, vehicle=vehicle)
    # The same sun goes into one car only.
    others = (car_slot_flow(solution, c, problem.steps, t).power_kw for c in problem.cars if c.name != car.name)
    left = surplus - sum(others)
    sun = min(left, most) if left >= loadpoint.min_kw else 0.0
    offers = (
        (LoadpointMode.PV, sun),
        (LoadpointMode.MINPV, max(sun, min(loadpoint.min_kw, most))),
        (LoadpointMode.NOW, most),
    )
    if car.is_pushed(t):
        mode = LoadpointMode.NOW
    elif _last_chance(solution, car, problem.steps, t):
        # Nothing comes after it that could make up for a smaller power.
        mode = next((mode for mode, offered in offers if offered >= planned - NOTHING_KW), LoadpointMode.NOW)
    else:
        mode, _ = min(offers, key=lambda offer: abs(offer[1] - planned))
    return LoadpointAction(mode=mode, limit_soc_pct=_raised_limit(car), vehicle=vehicle)


def weighed_action(problem: Problem, car: Car, mode: LoadpointMode, power_kw: float) -> LoadpointAction:
    """A mode that was chosen against the plan's; whoever charges gets the limit that the goal needs."""
    charges = power_kw >= NOTHING_KW
    vehicle = car.name if sum(c.loadpoint == car.loadpoint for c in problem.cars) > 1 else None
    return LoadpointAction(mode=mode, limit_soc_pct=_raised_limit(car) if charges else None, vehicle=vehicle)


def _last_chance(solution: Solution, car: Car, steps: Sequence[Step], t: int) -> bool:
    """Whether step ``t`` is the last one in which the car is charged before a goal."""
    charge = solution.cars[car.name].charge_kwh
    return any(
        steps[t].start < goal.by
        and not any(charge[u] > 0 for u in range(t + 1, len(steps)) if steps[u].start < goal.by)
        for goal in car.goals
    )


def _raised_limit(car: Car) -> float | None:
    """The limit that evcc needs for the goal, where the goal is the car's ceiling; a higher one is left as it is."""
    goal_kwh = max((g.energy_kwh for g in car.goals), default=0.0)
    if goal_kwh < car.ceiling_kwh - NOTHING_KW:
        return None
    return min(100.0, round(goal_kwh / car.capacity_kwh * 100))
