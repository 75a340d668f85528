"""A past lived through as it would have been: trained on what lay before, judged by the service's own gate."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from ems.forecast.history_grid import Floats, Ints
from ems.forecast.net_load import measured_net_kw
from ems.virtual_house.against_alone import AgainstAlone
from ems.virtual_house.live import HomeState, Life, ModePair, live
from ems.virtual_house.policies import EvccAlone, Planned
from ems.virtual_house.world import World
from rl_agent.domain.apprentice.correction import NightlyCorrection
from rl_agent.domain.apprentice.features import LEADS_H
from rl_agent.domain.apprentice.learner import foreseen, nightly_coefficients, paired_errors
from rl_agent.domain.apprentice.residuals import residuals
from rl_agent.domain.judge.gate import Court, GateLevels, JudgedDay, Standing, standing
from rl_agent.domain.learner import DayErrors, Trained
from rl_agent.domain.tabular.learner import GreedyPolicy, Tabular, tables_of

ALONE, PLAN, APPRENTICE, GATED, TABULAR = "evcc alone", "the plan", "the apprentice", "gated", "the tabular agent"
USED_FROM_DAY = 112
"""The first day on which the apprentice may decide; its skill is judged before."""
TABULAR_EVERY_DAYS = 28
"""How often the tabular agent is trained on here; the service does it every night."""

type Told = Callable[[str], None]


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """Everything that was found out; ``world`` has the judged time."""

    world: World
    lives: Mapping[str, Life]
    errors: tuple[DayErrors, ...]
    """Of each day from the first night with coefficients on, which may lie before what is judged."""
    skill_by_lead: Floats
    """By hour ahead: the share of the plan's squared error that the apprentice avoids."""
    standing: Standing
    """How the apprentice stands with the battery at the end."""
    days_in_charge: tuple[date, ...]
    returns: tuple[float, ...]
    """The tabular agent's mean return of a week, by round of training; EUR against the best, seen afterwards."""
    tabular: Trained | None

    def saved_eur(self, policy: str) -> Floats:
        """What a policy saved against evcc alone, by slot; energy left at the end counts at the mean price."""
        costs = [cost_eur(self.world, self.lives[name]) for name in (ALONE, policy)]
        return costs[0] - costs[1]


def evaluate(
    world: World, told: Told = lambda _: None, *, used_from_day: int = USED_FROM_DAY, tabular: Tabular | None = None
) -> Evaluation:
    """Lives through ``world`` from ``world.first`` on, with evcc alone, the plan and the learners.

    Args:
        world: with as many days before what is judged as the apprentice needs, if it is to decide in all of it.
        told: what is being done.
        used_from_day: the first day on which the apprentice may decide.
        tabular: the other learner.
    """
    told("training the apprentice, night by night")
    known = residuals(world.solar_model)
    nights = nightly_coefficients(world.solar_model, known, world.end)
    correction = NightlyCorrection(known, {day: n for day, n in nights.items() if day >= used_from_day})
    errors, by_lead = _skill(world, NightlyCorrection(known, nights))
    told(f"living through the past: {ALONE}")
    lives = {ALONE: live(world, EvccAlone(world))}
    for name, known_better in ((PLAN, None), (APPRENTICE, correction)):
        told(f"living through the past: {name}")
        lives[name] = _planned(world, lives[ALONE], known_better)
    told("judging")
    judged = _judged_days(world, lives[PLAN], lives[APPRENTICE], errors)
    verdicts = [standing(judged[: n + 1], Court.SKILL, GateLevels()) for n in range(len(judged))]
    # A day's verdict is known when it is over.
    in_charge = tuple(day.day for day, before in zip(judged[1:], verdicts[:-1], strict=True) if before.in_charge)
    told(f"living through the past: {GATED}")
    kept = {day: n for day, n in correction.nights.items() if _date(world, day * world.past.per_day) in set(in_charge)}
    lives[GATED] = _planned(world, lives[ALONE], NightlyCorrection(known, kept)) if kept else lives[PLAN]
    trained, returns = _tabular(tabular or Tabular(), world, lives, told)
    none = standing((), Court.SKILL, GateLevels())
    return Evaluation(
        world, lives, errors, by_lead, verdicts[-1] if verdicts else none, in_charge, tuple(returns), trained
    )


def _planned(world: World, alone: Life, correction: NightlyCorrection | None) -> Life:
    """The plan's life, which stakes no more than the service does."""
    return live(world, Planned(world, correction=correction, against_alone=AgainstAlone(world, alone)))


def cost_eur(world: World, life: Life) -> Floats:
    """What each slot cost, less what was added to the storages at the mean import price."""
    count, worth = world.end - world.first, world.mean_import_eur_per_kwh
    return np.nan_to_num(life.true_cost_eur({name: np.full(count, worth) for name in life.stored_kwh}))


def by_week(world: World, values: Floats) -> Floats:
    """Sums by ISO week of the local time; the first and the last may be parts."""
    labels = [_date(world, slot).isocalendar()[:2] for slot in range(world.first, world.end)]
    numbers = {week: n for n, week in enumerate(dict.fromkeys(labels))}
    return np.bincount([numbers[week] for week in labels], values)


def _skill(world: World, correction: NightlyCorrection) -> tuple[tuple[DayErrors, ...], Floats]:
    past = world.past
    per_hour = past.per_day // 24
    if not correction.nights:
        return (), np.zeros(LEADS_H)
    judged = replace(world, first=min(correction.nights) * past.per_day)
    origins = np.arange(judged.first, judged.end, per_hour)
    ahead = foreseen(world.solar_model, origins)
    corrected = ahead + np.concatenate(
        [
            correction.corrections_kw(int(day), origins[rows], ahead[rows])
            for day, rows in _grouped(origins // past.per_day)
        ]
    )
    targets = np.minimum(origins[:, None] + np.arange(ahead.shape[1]), len(past.load_kw) - 1)
    came = measured_net_kw(past)[targets]
    sums = [
        np.nansum(((kw - came) ** 2).reshape(len(origins), LEADS_H, per_hour), axis=(0, 2)) for kw in (ahead, corrected)
    ]
    by_lead = 1 - sums[1] / np.where(sums[0] > 0, sums[0], 1)
    return paired_errors(judged, origins, ahead, corrected), by_lead


def _grouped(days: Ints) -> list[tuple[int, slice]]:
    starts = np.flatnonzero(np.diff(days, prepend=days[0] - 1))
    ends = np.append(starts[1:], len(days))
    return [(int(days[a]), slice(int(a), int(b))) for a, b in zip(starts, ends, strict=True)]


def _judged_days(world: World, plan: Life, learner: Life, errors: Sequence[DayErrors]) -> list[JudgedDay]:
    saved = cost_eur(world, plan) - cost_eur(world, learner)
    dates = np.array([_date(world, slot).toordinal() for slot in range(world.first, world.end)])
    differs = np.array([a != b for a, b in zip(plan.modes, learner.modes, strict=True)])
    found = []
    for error in errors:
        rows = dates == error.day.toordinal()
        found.append(
            JudgedDay(
                error.day,
                int(differs[rows].sum()),
                float(saved[rows].sum()),
                plan_kw2=error.plan_kw2,
                learner_kw2=error.learner_kw2,
                samples=error.samples,
            )
        )
    return found


def _date(world: World, slot: int) -> date:
    return world.moment(slot).astimezone(world.house.tz()).date()


@dataclass(frozen=True, slots=True, eq=False)
class _InTurn:
    """Each stretch of slots with the tables that were learnt before it."""

    policies: Sequence[tuple[int, GreedyPolicy]]
    """With the slot from which each decides, ascending."""

    def decide(self, slot: int, state: HomeState) -> ModePair:
        for first, policy in reversed(self.policies):
            if slot >= first:
                return policy.decide(slot, state)
        return ModePair()


def _tabular(agent: Tabular, world: World, lives: dict[str, Life], told: Told) -> tuple[Trained | None, list[float]]:
    trained: Trained | None = None
    returns: list[float] = []
    policies: list[tuple[int, GreedyPolicy]] = []
    for first in range(world.first, world.end, TABULAR_EVERY_DAYS * world.past.per_day):
        told(f"training the tabular agent on {first // world.past.per_day} days")
        trained = agent.train(replace(world, first=first), trained, lambda _, so_far=None: _noted(so_far, returns))
        if trained is not None:
            policies.append((first, GreedyPolicy(world, tables_of(trained))))
    told(f"living through the past: {TABULAR}")
    lives[TABULAR] = live(world, _InTurn(policies))
    return trained, returns


def _noted(so_far: Trained | None, returns: list[float]) -> None:
    if so_far is not None:
        found = so_far.facts.get("battery_return", so_far.facts.get("car_return"))
        if isinstance(found, float):
            returns.append(found)
