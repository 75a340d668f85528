"""What each first mode costs over whole past days, when the look-ahead's policy is followed from then on.

The look-ahead's levels know how one slot leads to the next, but not that a day of guests stays one, and that a dull
morning means a dull noon. Days as they were know. They are too few to induct over, but enough to judge by: each of
them is lived through once for each first mode, in which nothing is decided with what comes later in it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ems.contract.site import BatteryMode
from ems.forecast.history_grid import Floats, Ints
from ems.forecast.scenarios import SampledDays
from ems.house.battery import BatterySpec
from ems.lookahead.battery_task import Task, energy_cost

type Policy = Ints
"""The best mode's index in each slot after the first: (slots - 1, levels in the slot before, stored energies)."""


@dataclass(frozen=True, slots=True, eq=False)
class RolledCosts:
    """What the slots cost on each day, in EUR, efforts and what is left at the end included: (modes, days)."""

    policy: Floats
    """Each mode first, then the look-ahead's policy."""
    normal: Floats
    """Each mode first, then ``normal`` for good: nothing more is tried."""
    alone: Floats
    """By day: ``normal`` from the beginning, from what the battery would hold under evcc alone."""


def rolled(
    task: Task,
    days: SampledDays,
    levels_kwh: Floats,
    policy: Policy,
    modes: Sequence[BatteryMode],
    alone_kwh: float | None = None,
) -> RolledCosts:
    """Lives through each day with each of ``modes`` as the first one.

    Args:
        task: the battery before the slots.
        days: what the home may need in them.
        levels_kwh: the levels that the policy is for, ascending: (slots, levels).
        policy: what is done after the first slot.
        modes: what the battery can do, with ``normal`` first.
        alone_kwh: what the battery would hold now under evcc alone; None: what it holds.
    """
    need = days.net_kw * task.hours[:, None]
    reached = _levels(need, levels_kwh)
    efforts = task.effort_eur_per_h(modes)
    least = np.array([0.0 if m is BatteryMode.HOLDCHARGE else 1.0 for m in modes])
    most = np.array([0.0 if m is BatteryMode.HOLD else 1.0 for m in modes])
    forced = np.array([m is BatteryMode.CHARGE for m in modes])
    step = task.step_kwh(policy.shape[2])
    # (first modes, days): those that the policy follows, those that normal follows, and evcc alone.
    count = len(modes)
    firsts = np.concatenate([np.arange(count), np.arange(count), [0]])
    chosen = np.broadcast_to(firsts[:, None], (len(firsts), need.shape[1]))
    stored = np.full(chosen.shape, task.stored_kwh)
    stored[-1] = task.stored_kwh if alone_kwh is None else np.clip(alone_kwh, task.floor_kwh, task.top_kwh)
    cost = np.zeros(chosen.shape)
    for slot, hours in enumerate(task.hours.tolist()):
        if slot:
            nearest = ((stored[:count] - task.floor_kwh) / step + 0.5).astype(np.int64)
            chosen = np.zeros(stored.shape, dtype=np.int64)
            chosen[:count] = policy[slot - 1][reached[slot - 1], nearest]
        into, out = _bounds(task.battery if slot or task.now is None else task.now, stored, hours)
        if task.holding is not None and task.holding[slot]:
            out = np.zeros_like(out)
        high = np.where(forced[chosen], -into, most[chosen] * out)
        given = np.minimum(np.maximum(need[slot], -least[chosen] * into), high)
        grid = need[slot] - given
        cost += energy_cost(grid, task.import_eur_per_kwh[slot], task.export_eur_per_kwh[slot])
        cost += efforts[chosen] * hours
        for ceiling in task.ceilings:
            cost += ceiling.cost(grid, slot)
        stored = stored - np.where(
            given > 0, given / task.battery.discharge_efficiency, given * task.battery.charge_efficiency
        )
        for goal in task.goals:
            if goal.slot == slot:
                cost += goal.cost(stored)
    whole = cost - task.worth_eur_per_kwh * stored
    return RolledCosts(whole[:count], whole[count:-1], whole[-1])


def _bounds(battery: BatterySpec, stored: Floats, hours: float) -> tuple[Floats, Floats]:
    """The most that goes in and out in kWh on the AC side."""
    into = np.minimum(
        battery.charge_kw * hours, np.maximum(0, battery.capacity_kwh - stored) / battery.charge_efficiency
    )
    out = np.minimum(
        battery.discharge_kw * hours, np.maximum(0, stored - battery.min_kwh) * battery.discharge_efficiency
    )
    return into, out


def _levels(need: Floats, levels_kwh: Floats) -> Ints:
    """In which level the need of each slot and day lies."""
    between = (levels_kwh[:, 1:] + levels_kwh[:, :-1]) / 2
    found: Ints = (need[:, :, None] > between[:, None, :]).sum(axis=2)
    return found
