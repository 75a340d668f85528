"""How wrong the plan's forecast of the net load was, slot by slot, at two leads."""

from dataclasses import dataclass

import numpy as np

from ems.forecast.history_grid import Floats, Ints
from ems.forecast.net_load import expected_net_kw, measured_net_kw
from ems.forecast.solar import SolarModel

AT_ONCE_H = (1, 2, 3, 6, 12, 24, 72, 168)
DAY_AHEAD_H = (3, 12, 24, 168)
"""Over how many last hours the residuals are averaged, for each lead."""


@dataclass(frozen=True, slots=True, eq=False)
class Residuals:
    """Measured minus expected net load in kW. Each value depends on nothing after its slot."""

    per_day: int
    """Slots a day."""
    day_ahead_kw: Floats
    """(slots): against what was foreseen a day before; 0 where not measured, and before the first slot looked at."""
    levels_kw: Floats
    """(slots + 1, windows): means over the windows before each slot; 0 where nothing was measured."""
    of_day: Ints
    """(slots and some days more): which slot of the local day each one is."""


def residuals(learned: SolarModel, since: int = 0) -> Residuals:
    """The residuals of a past from slot ``since`` on: O(slots x sampled days)."""
    past = learned.of.past
    slots = np.arange(max(since, 0), len(past.load_kw))
    before = np.maximum(slots - past.per_day, 0)
    measured = measured_net_kw(past)[slots]
    at_once = measured - expected_net_kw(learned, slots, slots)
    day_ahead = measured - expected_net_kw(learned, before, slots)
    per_hour = past.per_day // 24
    columns = [_before(at_once, h * per_hour) for h in AT_ONCE_H]
    columns += [_before(day_ahead, h * per_hour) for h in DAY_AHEAD_H]
    first = int(slots[0]) if len(slots) else len(past.load_kw)
    levels = np.zeros((len(past.load_kw) + 1, len(columns)))
    levels[first:] = np.column_stack(columns)
    padded = np.concatenate([np.zeros(first), np.nan_to_num(day_ahead)])
    return Residuals(past.per_day, padded, levels, _of_day(learned))


def _of_day(learned: SolarModel) -> Ints:
    past, shift = learned.of.past, learned.of.calendar.shift
    begin = (past.start.hour * 60 + past.start.minute) // past.minutes
    found: Ints = (begin + np.arange(len(shift)) + shift) % past.per_day
    return found


def _before(values: Floats, window: int) -> Floats:
    """Means of the last ``window`` values before each one, for one more than there are; 0 where none is known."""
    known = np.isfinite(values)
    total = np.concatenate([[0.0], np.cumsum(np.where(known, values, 0))])
    count = np.concatenate([[0], np.cumsum(known)])
    at = np.arange(len(values) + 1)
    from_ = np.maximum(at - window, 0)
    there = count - count[from_]
    found: Floats = np.where(there > 0, (total - total[from_]) / np.maximum(there, 1), 0)
    return found
