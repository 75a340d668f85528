"""From a planned problem to the look-ahead over likely loads: the battery's mode now, the cars' schedule given."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from ems.contract.site import BatteryMode
from ems.forecast.history_grid import Bools, Floats
from ems.forecast.scenarios import Scenarios
from ems.house.battery import BatterySpec
from ems.lookahead.battery_task import Ceiling, FullBy, Task
from ems.lookahead.dynamic_program import ModeChoice, MonthSoFar, battery_mode
from tariff_planner.domain.decision.guide import Guide
from tariff_planner.domain.problem.problem import NOTHING_KW, Problem, Step
from tariff_planner.domain.problem.storage import Battery


def look_ahead(
    problem: Problem,
    guide: Guide,
    scenarios: Scenarios,
    modes: Sequence[BatteryMode],
    current: BatteryMode | None,
    cars_kwh: Floats,
    *,
    each: Sequence[Battery] = (),
    beside_kwh: Sequence[float] = (),
    month: MonthSoFar | None = None,
) -> ModeChoice:
    """The mode of the problem's first battery.

    Args:
        problem: has a battery.
        guide: gives its plan.
        scenarios: net load in the problem's steps.
        modes: what the battery can do.
        current: the mode that it is in.
        cars_kwh: what all cars take, by step.
        each: those that the first battery stands for, where there are several.
        beside_kwh: by step what the problem has and the scenarios have not: charging that is not planned, batteries
            that nobody steers.
        month: see :func:`ems.lookahead.dynamic_program.battery_mode`.
    """
    battery, steps = problem.batteries[0], problem.steps
    hours = np.array([s.hours for s in steps], dtype=np.float64)
    others_kwh = np.array(beside_kwh or [0.0] * len(steps), dtype=np.float64)
    beyond_kwh = np.array([s.cars_beyond_sun_kwh(kwh) for s, kwh in zip(steps, cars_kwh.tolist(), strict=True)])
    task = Task(
        battery.in_house(),
        battery.energy_kwh,
        hours,
        np.array([s.import_eur_per_kwh for s in steps], dtype=np.float64),
        np.array([s.export_eur_per_kwh for s in steps], dtype=np.float64),
        battery.worth[0].eur_per_kwh if battery.worth else 0.0,
        ceilings=(
            *import_ceilings(problem, guide, max(1, len(each))),
            *_export_ceiling(problem, cars_kwh),
        ),
        goals=_goals(problem, battery),
        holding=_holding(battery, beyond_kwh > NOTHING_KW * hours),
        now=_now(battery, each, steps[0].hours) if len(each) > 1 else None,
        money_scale=problem.weights.money_scale,
    )
    others_kw = (cars_kwh + others_kwh) / hours
    return battery_mode(task, scenarios, modes=modes, other_kw=others_kw, current=current, month=month)


def _holding(battery: Battery, feeding: Bools) -> Bools | None:
    """Where it gives nothing: while it would feed cars that it is not to feed, and where people wish; None: never."""
    wished = np.array(battery.held, dtype=np.bool_) if battery.held else None
    if battery.feeds_cars:
        return wished
    return feeding if wished is None else feeding | wished


def _now(whole: Battery, each: Sequence[Battery], hours: float) -> BatterySpec:
    """What several batteries together can take and give in a step of ``hours``: who is full or empty has no part."""
    into = sum(min(b.charge_kw, max(0.0, b.ceiling_kwh - b.energy_kwh) / b.charge_efficiency / hours) for b in each)
    out = sum(min(b.discharge_kw, max(0.0, b.energy_kwh - b.floor_kwh) * b.discharge_efficiency / hours) for b in each)
    spec = whole.in_house()
    return replace(spec, charge_kw=min(spec.charge_kw, into), discharge_kw=min(spec.discharge_kw, out))


def import_ceilings(problem: Problem, guide: Guide, batteries: int) -> Iterator[Ceiling]:
    """The connection's limit, and the capacity peak that the plan pays for: a higher one costs its price."""
    steps = problem.steps
    hours = np.array([s.hours for s in steps], dtype=np.float64)
    limits = [_import_limit_kw(problem, s, batteries) for s in steps]
    if any(limit is not None for limit in limits):
        yield Ceiling(_levels(limits) * hours, np.full(len(steps), problem.weights.limit_eur_per_kwh))
    if problem.capacity_price is not None:
        planned_kw = max(kwh / s.hours for kwh, s in zip(guide().import_kwh, steps, strict=True))
        peak_kw = max(problem.capacity_price.peak_kw, planned_kw)
        yield Ceiling(peak_kw * hours, problem.capacity_price.eur_per_kw / hours)


def _export_ceiling(problem: Problem, cars_kwh: Floats) -> Iterator[Ceiling]:
    """What cannot be fed in costs what it would have earned, so that nothing is gained by it, and nothing lost.

    Because of the connection's limit, because the site stops where feeding in costs money, or because sun does not
    fit through the battery's inverter; there it may be missing in the house, and costs what is bought instead.
    """
    steps = problem.steps
    hours = np.array([s.hours for s in steps], dtype=np.float64)
    levels = _levels([problem.feed_in_limit_kw(s) for s in steps]) * hours
    earns = np.array([s.export_eur_per_kwh for s in steps], dtype=np.float64)
    for inverter in problem.inverters:
        if inverter.name != problem.batteries[0].inverter or not inverter.pv_share:
            continue
        through = [(1 - inverter.pv_share) * s.pv_kwh + inverter.ac_kw * s.hours - s.load_kwh for s in steps]
        fits = np.array(through, dtype=np.float64) - cars_kwh
        earns = np.where(fits < 0, np.array([s.import_eur_per_kwh for s in steps], dtype=np.float64), earns)
        levels = np.minimum(levels, fits)
    if np.isfinite(levels).any():
        yield Ceiling(levels, earns, -1)


def _levels(limits_kw: Sequence[float | None]) -> Floats:
    return np.array([np.inf if limit is None else limit for limit in limits_kw], dtype=np.float64)


def _import_limit_kw(problem: Problem, step: Step, batteries: int) -> float | None:
    """The connection's limit; where the devices have one, what the house takes and they may beside it."""
    limit_kw = step.import_limit_kw
    if step.device_limit_kw is not None:
        devices = batteries + len({c.loadpoint for c in problem.cars})
        house_kw = max(0.0, step.load_kwh - step.pv_kwh) / step.hours
        beside_kw = house_kw + devices * step.device_limit_kw
        limit_kw = beside_kw if limit_kw is None else min(limit_kw, beside_kw)
    return limit_kw


def _goals(problem: Problem, battery: Battery) -> tuple[FullBy, ...]:
    """The battery's goals within the horizon, at the end of the last step before their moment."""
    return tuple(
        FullBy(max(0, sum(s.end <= goal.by for s in problem.steps) - 1), goal.energy_kwh, goal.eur_per_kwh)
        for goal in battery.goals
        if problem.start < goal.by <= problem.end
    )
