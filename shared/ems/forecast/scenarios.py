"""From samples a slot to scenarios that hang together: a few levels a slot, and how the level moves on.

A home's load is no coin thrown anew every slot: who cooks now still cooks in a quarter of an hour. Each slot's samples
are cut into ``BINS`` levels of equal probability, and a Markov chain, counted in the past, says how the level of one
slot leads to the level of the next.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ems.forecast.correction import Correction
from ems.forecast.history_grid import Floats, Ints, Past
from ems.forecast.net_load import measured_net_kw, net_samples
from ems.forecast.solar import SolarModel
from ems.forecast.weighted_samples import bins, mean, ranks
from ems.house.slots import Slot

BINS = 8
CHAIN_DAYS = 42
"""Over how many days the chain is counted."""
PRIOR = 2.0
"""Observations a level that are assumed before the first is made: to levels near by."""
LEAST_DAYS = 28
"""Fewer past days say too little of what a whole day is like."""
MEASURED = 0.9
"""Share of the slots that must have been measured in a day that is one of them."""
TINY = 1e-12
BALANCING = 6
"""Rounds that bring the chain's long-run distribution back to "all levels equally probable"."""


@dataclass(frozen=True, slots=True, eq=False)
class SampledDays:
    """Past days as they were, load and PV of one day together: what may come as a whole."""

    net_kw: Floats
    """(slots, days)."""
    weight: Floats
    """By day; they add up to 1."""


@dataclass(frozen=True, slots=True, eq=False)
class Scenarios:
    """Net load (load minus PV, without cars and battery) of the plan's slots."""

    net_kw: Floats
    """(slots, bins): the levels of each slot, ascending."""
    chain: Floats
    """(bins, bins): probability of a slot's level (column) after the level of the slot before (row)."""
    level: int | None
    """The level of the slot that has just ended; None when it was not measured."""
    days: SampledDays | None = None
    """The same net load as whole days; None while too few of them are known."""
    steps: Ints | None = None
    """By slot, how many steps of the chain lead to it from the slot that has just ended; None: one more for each."""

    def chances(self, slots: int) -> Floats:
        """How likely each level is in the next ``slots`` slots, by what is known now: (slots, bins)."""
        count = len(self.chain)
        if self.level is None:
            return np.full((slots, count), 1 / count)
        steps = np.arange(1, slots + 1) if self.steps is None else self.steps[:slots]
        found, now, done = np.empty((slots, count)), np.eye(count)[self.level], 0
        for row, step in zip(found, steps.tolist(), strict=True):
            for _ in range(step - done):
                now = now @ self.chain
            row[:], done = now, step
        return found

    def likely(self) -> tuple[Floats, Floats]:
        """The net load by what is known now, in half as many levels: (slots, levels) in kW, and how likely each is."""
        slots, count = self.net_kw.shape
        chances = self.chances(slots)
        if count % 2:
            return self.net_kw, chances
        pairs = chances.reshape(slots, -1, 2)
        both = pairs.sum(axis=2)
        mean = (self.net_kw.reshape(pairs.shape) * pairs).sum(axis=2) / np.maximum(both, TINY)
        return mean, both


@dataclass(frozen=True, slots=True, eq=False)
class SlotMeans:
    """Carries grid values over to slots that need not lie on the grid: the mean over each slot's time."""

    share: Floats | None
    """(slots, grid); None where both are the same."""
    begin: Ints

    def __call__(self, values: Floats) -> Floats:
        """``values`` (grid, samples) as (slots, samples)."""
        return values if self.share is None else self.share @ values

    def first(self, weights: Floats) -> Floats:
        """The weights at each slot's beginning: samples are whole days, so they hardly change within a slot."""
        return weights[self.begin]


def on_slots(known: Past, origin: int, count: int, slots: Sequence[Slot]) -> SlotMeans:
    """How ``count`` grid slots from ``origin`` lie under ``slots``. A slot shorter than the grid's takes its value."""
    length = known.minutes * 60
    edges = known.start.timestamp() + (origin + np.arange(count + 1)) * length
    starts = np.array([s.start.timestamp() for s in slots])
    ends = np.array([s.end.timestamp() for s in slots])
    begin = np.clip(np.searchsorted(edges, starts, side="right") - 1, 0, count - 1)
    if len(slots) == count and (begin == np.arange(count)).all():
        return SlotMeans(None, begin)
    overlap = np.minimum(ends[:, None], edges[1:]) - np.maximum(starts[:, None], edges[:-1])
    share = np.clip(overlap, 0, None)
    return SlotMeans(share / share.sum(axis=1, keepdims=True), begin)


def corrected(net_kw: Floats, weights: Floats, correction: Correction | None, slot: int) -> Floats:
    """Samples of net load (slots, samples) from ``slot`` on, all of each slot moved by what a learner knows better."""
    if correction is None:
        return net_kw
    return net_kw + correction.ahead_kw(slot, np.nan_to_num(mean(net_kw, weights)))[:, None]


def levelled(net_kw: Floats, weights: Floats, past_levels: Ints, steps: Ints | None = None) -> Scenarios:
    """Scenarios from samples of net load (slots, samples) and the levels of the slots up to now.

    Each column of the samples is one past day (``similar_days.samples``); for ``steps`` see :class:`Scenarios`.
    """
    last = int(past_levels[-1]) if len(past_levels) and past_levels[-1] >= 0 else None
    days = _sampled_days(net_kw, weights)
    return Scenarios(bins(net_kw, weights, BINS), transitions(past_levels), last, days, steps)


def _sampled_days(net_kw: Floats, weights: Floats) -> SampledDays | None:
    """The days that were measured for the most part, what is missing in them at the slot's mean."""
    there = weights > 0
    kept = there.mean(axis=0) >= MEASURED
    if kept.sum() < LEAST_DAYS:
        return None
    weight = weights.mean(axis=0)[kept]
    return SampledDays(np.where(there, net_kw, mean(net_kw, weights)[:, None])[:, kept], weight / weight.sum())


def last_levels(learned: SolarModel, now: int) -> Ints:
    """The levels of the last ``CHAIN_DAYS`` before ``now``."""
    return levels(learned, np.arange(max(0, now - CHAIN_DAYS * learned.of.past.per_day), now))


def levels(learned: SolarModel, slots: Ints) -> Ints:
    """In which level of its own forecast, issued just before, each past slot's net load lay; -1 where unknown."""
    rank = ranks(*net_samples(learned, slots, slots), measured_net_kw(learned.of.past)[slots])
    return np.where(np.isfinite(rank), np.minimum(np.nan_to_num(rank) * BINS, BINS - 1), -1).astype(np.int64)


def transitions(level: Ints) -> Floats:
    """The chain counted in a row of past levels (-1 = unknown)."""
    steps = np.abs(np.subtract.outer(np.arange(BINS), np.arange(BINS)))
    near = np.exp(-steps / (0.3 * BINS))
    found = PRIOR * near / near.sum(axis=1, keepdims=True)
    before, after = level[:-1], level[1:]
    both = (before >= 0) & (after >= 0)
    found += np.bincount(before[both] * BINS + after[both], minlength=BINS * BINS).reshape(BINS, BINS)
    found = found / found.sum(axis=1, keepdims=True)
    for _ in range(BALANCING):
        found = found / found.sum(axis=0, keepdims=True)
        found = found / found.sum(axis=1, keepdims=True)
    return found
