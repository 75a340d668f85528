"""What a life was worth: cost, saving captured, regret share, by month, with an interval over whole weeks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ems.forecast.history_grid import Floats, Ints
from ems.virtual_house.live import Life
from ems.virtual_house.world import World

ALONE, PLAN, INFORMED, BEST = "evcc_alone", "plan", "plan_perfect_load_pv", "perfect_foresight"
POLICIES = (ALONE, PLAN, INFORMED, BEST)
SERVICE = "service"
"""Every decision as the running service makes it; on request, because it takes its time."""
RESAMPLES = 4000
SEED = 20_240_308
"""The bootstrap's, so that the same lives give the same interval."""
INTERVAL = (5, 95)
MIN_EUR = 0.01
"""Where less can be saved there is no regret share."""


@dataclass(frozen=True, slots=True)
class Score:
    """One policy over one stretch of time. Costs include the change of what is stored, at the mean import price."""

    cost_eur: float
    saving_eur: float
    """Against evcc alone."""
    captured: float | None
    """Share of what perfect foresight saves; None where it saves nothing."""
    regret_share: float | None
    """(cost - perfect foresight) / (evcc alone - perfect foresight)."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """One policy over the whole time."""

    whole: Score
    regret_low: float | None
    """90 % interval of the regret share, by a bootstrap over whole weeks."""
    regret_high: float | None
    saving_low_eur: float
    saving_high_eur: float
    months: Mapping[str, Score]
    bill_eur: float
    """Without the value of what is stored."""
    short_kwh: float
    changes_a_day: float


def judge(world: World, lives: Mapping[str, Life], worth_eur_per_kwh: Mapping[str, Floats]) -> dict[str, Judgement]:
    """Scores every life; among ``lives`` are evcc alone and perfect foresight.

    Args:
        world: that they lived in.
        lives: by policy.
        worth_eur_per_kwh: by storage, what a kWh was worth at each slot's end: the bill of a month or week must not
            depend on how full the storages were when it ended. At the very end it is the mean import price.
    """
    cost = {name: life.true_cost_eur(worth_eur_per_kwh) for name, life in lives.items()}
    local = [world.moment(s).astimezone(world.house.tz()) for s in range(world.first, world.end)]
    months = _labels([f"{t:%Y-%m}" for t in local])
    weeks = _labels(["-".join(map(str, t.isocalendar()[:2])) for t in local])
    by_week = {name: np.array([c[rows].sum() for rows in weeks.values()]) for name, c in cost.items()}
    drawn = np.random.default_rng(SEED).integers(0, len(weeks), (RESAMPLES, len(weeks)))
    found: dict[str, Judgement] = {}
    for name, life in lives.items():
        shares, savings = _resampled(by_week, name, drawn)
        low, high = (_finite(s) for s in np.percentile(shares, INTERVAL, method="nearest").tolist())
        saving_low, saving_high = np.percentile(savings, INTERVAL).tolist()
        found[name] = Judgement(
            score(cost, name, slice(None)),
            low,
            high,
            saving_low,
            saving_high,
            {month: score(cost, name, rows) for month, rows in months.items()},
            float(life.cost_eur.sum()),
            life.short_kwh,
            _changes(life.modes) / (len(local) * world.hours / 24),
        )
    return found


def score(cost: Mapping[str, Floats], name: str, rows: Ints | slice) -> Score:
    """One policy over some slots."""
    own, alone, best = (float(cost[n][rows].sum()) for n in (name, ALONE, BEST))
    share = (own - best) / (alone - best) if alone - best > MIN_EUR else None
    return Score(own, alone - own, None if share is None else 1 - share, share)


def _resampled(by_week: Mapping[str, Floats], name: str, drawn: Ints) -> tuple[Floats, Floats]:
    """Regret shares and savings of resampled weeks. Where weeks leave nothing to save the share counts as infinite."""
    own, alone, best = (by_week[n][drawn].sum(axis=1) for n in (name, ALONE, BEST))
    possible = alone - best
    some = possible > MIN_EUR
    return np.where(some, (own - best) / np.where(some, possible, 1), np.inf), alone - own


def _labels(names: Sequence[str]) -> dict[str, Ints]:
    array = np.array(names)
    return {name: np.flatnonzero(array == name) for name in dict.fromkeys(names)}


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None


def _changes(modes: Sequence[str]) -> int:
    battery = [m.split("/")[0] for m in modes if m != "-"]
    return sum(a != b for a, b in pairwise(battery))
