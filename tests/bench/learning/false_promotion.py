"""How often the gate promotes a learner that is worth nothing, and how often one that is worth something.

``python tests/bench/learning/false_promotion.py [YEARS] [HOMES] [DAYS]``: real days of real homes, in which the plan
and the apprentice foresaw and paid side by side (learnt from the first half of a year, judged on the second), are put
together to years. Worthless: their mean difference is taken away; tails, skewness and what neighbouring weeks have in
common stay. Minutes: the days have to be lived through first.
"""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from ems.forecast.history_grid import Floats
from ems.house.calendar import EVERY_DAY
from ems.virtual_house.policies import Planned
from ems.virtual_house.world import World
from rl_agent.domain.apprentice.learner import Apprentice
from rl_agent.domain.home_world import day_bounds
from rl_agent.domain.judge.gate import Court, GateLevels, JudgedDay, standing
from rl_agent.domain.judge.lives import Stored, day_stage, lived_day
from support.homes import stranger

MONDAY = date(2026, 1, 5)
WEEKS, BLOCK = 52, 4
"""A year, made of stretches of so many weeks."""


@dataclass(frozen=True, slots=True)
class PairedDays:
    """What was measured in one home, a value a day, from a Monday on."""

    plan_kw2: Floats
    """Mean squared errors."""
    learner_kw2: Floats
    saving_eur: Floats
    decisions: Floats


def measured_pairs(stage: World, *, days: int) -> PairedDays:
    """The second half of a home's time, or its last ``days`` (whole weeks), which are then lived through, too."""
    apprentice, zone = Apprentice(), stage.house.tz()
    middle = (stage.first + stage.end) // 2
    trained = apprentice.train(replace(stage, first=middle), None, lambda *_: None)
    assert trained is not None
    whole = [b for b in day_bounds(stage, zone, stage.moment(stage.end - 1)) if b[0] >= middle]
    whole = whole[next(i for i, (first, _) in enumerate(whole) if stage.moment(first + 12).weekday() == 0) :]
    errors = {e.day: e for e in apprentice.daily_errors(replace(stage, first=whole[0][0], end=whole[-1][1]), trained)}
    rows, left = [], {"plan": Stored(), "learnt": Stored()}
    for first, end in whole:
        error = errors.get(stage.moment(first).astimezone(zone).date())
        if error is None:
            continue
        saving, decisions = 0.0, 0
        if days:
            today = day_stage(stage, first, end)
            plan = lived_day(today, end, Planned, left["plan"])
            learnt = lived_day(today, end, lambda world: apprentice.policy(world, trained), left["learnt"])
            left = {"plan": plan.left, "learnt": learnt.left}
            saving = plan.cost_eur - learnt.cost_eur
            decisions = sum(a != b for a, b in zip(plan.modes, learnt.modes, strict=True))
        rows.append((error.plan_kw2 / error.samples, error.learner_kw2 / error.samples, saving, decisions))
    return PairedDays(*np.array(rows, dtype=np.float64).T)


def year(of: PairedDays, random: np.random.Generator, better: float | None, *, flipped: bool) -> list[JudgedDay]:
    """A year of blocks of weeks.

    Args:
        of: what it is made of.
        random: draws.
        better: share of the plan's error that the learner avoids on average; None: as it was measured.
        flipped: the sign of each week's savings is drawn: worthless, and a tie stays a tie.
    """
    weeks = len(of.plan_kw2) // len(EVERY_DAY)
    starts = random.integers(0, weeks - BLOCK + 1, WEEKS // BLOCK)
    index = np.concatenate([np.arange(s * 7, (s + BLOCK) * 7) for s in starts])
    gain = of.plan_kw2 - of.learner_kw2
    if better is not None:
        gain = gain - gain.mean() + better * of.plan_kw2.mean()
    signs = np.repeat(random.choice([-1.0, 1.0], WEEKS) if flipped else np.ones(WEEKS), len(EVERY_DAY))
    saving = of.saving_eur[index] * signs
    return [
        JudgedDay(
            MONDAY + timedelta(days=n), int(of.decisions[at]), float(saving[n]), False,
            float(of.plan_kw2[at]), float(of.plan_kw2[at] - gain[at]), 1,
        )
        for n, at in enumerate(index)
    ]  # fmt: skip


def promoted(pairs: Sequence[PairedDays], years: int, court: Court, make: Callable[..., list[JudgedDay]]) -> str:
    """The share of years in which it came to steer, and the median day."""
    random, found = np.random.default_rng(1989), []
    # What was promoted once is counted; and that it must have differed from the plan often only makes it rarer.
    levels = GateLevels(lost_ratio=1e9, demote_alpha=1e-12, decisions=1)
    for n in range(years):
        how = standing(make(pairs[n % len(pairs)], random), court, levels)
        found.append((how.since - MONDAY).days if how.since is not None else None)
    days = sorted(day for day in found if day is not None)
    return f"{len(days) / years:7.1%} of {years} years" + (f", median day {days[len(days) // 2]}" if days else "")


def main(years: int, homes: int, money_days: int) -> None:
    """Prints a table: skill in all homes, money in the first one over its last days, which have to be lived through."""
    pairs = [measured_pairs(stranger(n + 1), days=0) for n in range(homes)]
    avoided = [f"{1 - p.learner_kw2.sum() / p.plan_kw2.sum():.1%}" for p in pairs]
    _say(
        f"{len(pairs[0].plan_kw2)} days of {homes} homes; "
        f"the apprentice avoids {', '.join(avoided)} of the squared error"
    )
    for name, better in (("useless", 0.0), ("5 % better", 0.05), ("10 % better", 0.10), ("5 % worse", -0.05)):
        told = promoted(pairs, years, Court.SKILL, lambda p, r, b=better: year(p, r, b, flipped=True))
        _say(f"by skill, {name:12} {told}")
    lived = [measured_pairs(stranger(1), days=money_days)]
    saving = lived[0].saving_eur
    _say(f"{len(saving)} days lived: {100 * saving.mean():.2f} ct a day, spread {100 * saving.std():.1f} ct")
    for name, flipped in (("useless", True), ("as measured", False)):
        told = promoted(lived, years, Court.MONEY, lambda p, r, f=flipped: year(p, r, None, flipped=f))
        _say(f"by money, {name:12} {told}")


def _say(words: str) -> None:
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*(int(word) for word in (sys.argv[1:] + ["1000", "5", "84"][len(sys.argv) - 1 :])))
