"""Which mode the battery should be in now: backward induction over energy, load level and mode.

A point forecast cannot say what a mode earns when the load may be anything: in ``normal`` the inverter follows the
meter whatever comes. So the look-ahead walks from the horizon's end to now over some energies that may be stored,
some levels that the net load may have (``forecast.scenarios``), and every mode, with the battery's physics evaluated
for each. It costs some milliseconds and needs no solver. docs/forecasting.md has the formulas and the figures.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self
from zoneinfo import ZoneInfo

import numpy as np

from ems.contract.savings import Savings
from ems.contract.site import BatteryMode
from ems.forecast.history_grid import Floats
from ems.forecast.scenarios import Scenarios
from ems.lookahead.battery_flow import flow
from ems.lookahead.battery_task import Task, energy_cost
from ems.lookahead.rollout import Policy, rolled

LEVELS = 39
"""Energies that are looked at; between two of them values are interpolated. Twice as many change nothing."""
SWITCH_EUR = 0.0005
"""Least gain of another mode over the current one, in EUR."""
ROLLED = 0.4
"""How much the days as they were count beside the levels, once there are enough of them."""
DEAREST_DAYS = 0.1
"""The share of those days, by weight, whose mean loss against evcc alone must not exceed the stake."""
LEAST_STAKE_EUR = 0.10
"""How much dearer than under evcc alone a month may become, where a kWh costs as usual."""
SURE_EUR = 0.01
"""Who may lose so much more than in ``normal`` risks nothing."""
ALL_MODES = tuple(BatteryMode)


@dataclass(frozen=True, slots=True)
class MonthSoFar:
    """How this month stands against evcc alone; what may be risked follows from it."""

    paid_less_eur: float = 0.0
    """Whatever the batteries hold."""
    alone_kwh: float | None = None
    """What the battery would hold now under evcc alone; None: what it holds."""

    @classmethod
    def counted(cls, savings: Savings | None, now: datetime, zone: ZoneInfo) -> Self:
        """The local month of ``now`` as it was counted last; as at its beginning where nothing of it was."""
        if savings is None or savings.month is None:
            return cls()
        then, today = savings.at.astimezone(zone), now.astimezone(zone)
        if (then.year, then.month) != (today.year, today.month):
            return cls()
        stored_eur = savings.total.stored_eur if savings.total else None
        return cls(savings.month.saving_eur - (stored_eur or 0.0), savings.alone_battery_kwh)


@dataclass(frozen=True, slots=True)
class ModeChoice:
    """The mode to be in now, and what each that is not too risky is expected to earn against ``normal``, in EUR."""

    mode: BatteryMode
    gain_eur: Mapping[BatteryMode, float]


def battery_mode(
    task: Task,
    scenarios: Scenarios,
    *,
    modes: Sequence[BatteryMode] = ALL_MODES,
    other_kw: Floats | None = None,
    current: BatteryMode | None = None,
    month: MonthSoFar | None = None,
) -> ModeChoice:
    """The best mode for the first slot, when every later slot is decided as well with what is known by then.

    Args:
        task: the battery, its energy, the slots and their prices.
        scenarios: net load of the same slots.
        modes: what the battery can do, with ``normal`` first.
        other_kw: what cars are planned to take in each slot.
        current: the mode that it is in; it stays unless another one is better by :data:`SWITCH_EUR`.
        month: limits what is risked: with ``normal`` after it no mode may leave the month dearer than under evcc alone
            by more than :data:`LEAST_STAKE_EUR` on the dearest days, unless ``normal`` does as well. None: no limit;
            nor is there one without whole days to see losses on.
    """
    other = np.zeros((len(task.hours), 1)) if other_kw is None else other_kw[:, None]
    need_kwh = (scenarios.net_kw + other) * task.hours[:, None]
    chances = scenarios.chain
    later, policy = _after_first(task, need_kwh, chances, modes)
    now = scenarios.chances(1)[0]
    holding = task.holding is not None and bool(task.holding[0])
    given, stored = flow(
        task.now or task.battery,
        np.array(task.stored_kwh, dtype=np.float64),
        modes,
        need_kwh[0],
        task.hours[:1],
        holding=np.array(holding),
    )
    grid = need_kwh[0] - given
    cost = energy_cost(grid, task.import_eur_per_kwh[0], task.export_eur_per_kwh[0])
    for ceiling in task.ceilings:
        cost += ceiling.cost(grid, 0)
    for goal in task.goals:
        if goal.slot == 0:
            cost += goal.cost(stored)
    at = (stored - task.floor_kwh) / task.step_kwh(LEVELS)
    low = np.clip(at.astype(np.int64), 0, LEVELS - 2)
    level = np.arange(len(chances))
    cost += later[level, low] + (later[level, low + 1] - later[level, low]) * (at - low)
    expected = cost @ now + task.effort_eur_per_h(modes) * task.hours[0]
    allowed = np.ones(len(modes), dtype=np.bool_)
    if scenarios.days is not None:
        days = replace(scenarios.days, net_kw=scenarios.days.net_kw + other)
        costs = rolled(task, days, need_kwh, policy, modes, None if month is None else month.alone_kwh)
        expected += ROLLED * (costs.policy @ days.weight - expected)
        if month is not None:
            dearer_eur = _dearest_eur(costs.normal - costs.alone, days.weight) - month.paid_less_eur
            sure_eur = dearer_eur[0] + SURE_EUR * task.money_scale
            allowed = dearer_eur <= max(LEAST_STAKE_EUR * task.money_scale, sure_eur)
    best = int(np.argmin(np.where(allowed, expected, np.inf)))
    if current in modes:
        stays = modes.index(current)
        if allowed[stays] and expected[stays] <= expected[best] + SWITCH_EUR * task.money_scale:
            best = stays
    gains = {m: float(expected[0] - e) for m, e, may in zip(modes, expected, allowed, strict=True) if may}
    return ModeChoice(modes[best], gains)


def _dearest_eur(more_eur: Floats, weight: Floats) -> Floats:
    """The mean over the dearest days (expected shortfall) of each row of ``more_eur`` (modes, days)."""
    order = np.argsort(-more_eur, axis=1)
    weights = weight[order]
    counted = np.clip(DEAREST_DAYS - (np.cumsum(weights, axis=1) - weights), 0, weights)
    found: Floats = (np.take_along_axis(more_eur, order, axis=1) * counted).sum(axis=1) / DEAREST_DAYS
    return found


def _after_first(task: Task, need_kwh: Floats, chances: Floats, modes: Sequence[BatteryMode]) -> tuple[Floats, Policy]:
    """What the slots after the first will cost, and the best mode in each of them.

    The cost is for (levels of load in the first slot, stored energies).
    """
    energies = np.linspace(task.floor_kwh, task.top_kwh, LEVELS, dtype=np.float64)
    value = np.tile(-task.worth_eur_per_kwh * energies, (len(chances), 1))
    policy = np.zeros((len(need_kwh) - 1, *value.shape), dtype=np.int64)
    if len(need_kwh) == 1:
        return value, policy
    need = need_kwh[1:, :, None]
    hours = task.hours[1:, None, None]
    # (modes, slots, levels, energies): all physics at once, then one cheap step a slot.
    holding = None if task.holding is None else task.holding[1:, None, None]
    given, stored = flow(task.battery, energies, modes, need, hours, holding=holding)
    grid = need - given
    cost = energy_cost(grid, task.import_eur_per_kwh[1:, None, None], task.export_eur_per_kwh[1:, None, None])
    for ceiling in task.ceilings:
        cost += ceiling.cost(grid, slice(1, None))
    for goal in task.goals:
        if goal.slot:
            cost[:, goal.slot - 1] += goal.cost(stored[:, goal.slot - 1])
    cost += (task.effort_eur_per_h(modes)[:, None] * task.hours[1:])[:, :, None, None]
    at = (stored - energies[0]) / task.step_kwh(LEVELS)
    low = np.clip(at.astype(np.int64), 0, LEVELS - 2)
    part = at - low
    low += np.arange(len(chances))[:, None] * LEVELS
    for slot in range(len(need) - 1, -1, -1):
        flat = value.ravel()
        index = low[:, slot]
        lower = flat.take(index)
        outcome = cost[:, slot] + lower + (flat.take(index + 1) - lower) * part[:, slot]
        expected = chances @ outcome
        policy[slot] = expected.argmin(axis=0)
        value = expected.min(axis=0)
    return value, policy
