"""What learning is worth on the homes (``make learning``): the table of docs/learning.md, and what it costs."""

import resource
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from ems.contract.site import BatteryMode
from ems.forecast.history_grid import Floats
from ems.home_files.csv_files import read_home
from ems.home_files.house_file import read_house
from ems.lookahead import dynamic_program
from ems.virtual_house.live import HomeState, live
from ems.virtual_house.policies import Planned
from ems.virtual_house.world import Table, World, world
from rl_agent.domain.evaluation.walk_forward import (
    ALONE,
    APPRENTICE,
    GATED,
    PLAN,
    TABULAR,
    USED_FROM_DAY,
    Evaluation,
    by_week,
    evaluate,
)
from rl_agent.domain.learner import Trained
from rl_agent.learners import LEARNERS
from support.homes import HOMES, reference, stranger
from tariff_planner.domain.backtest.foresight import foresight

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]

BEFORE = "the plan without rollouts"
RESAMPLES, SEED = 4000, 20_240_308
HOMES_BY_NAME = ("home a", "home 1", "home 2", "home 3", "home 4", "home 5")


def home(name: str) -> World:
    """All before day 112 is learnt from."""
    if name == "home a":
        start = datetime(2024, 2, 28, tzinfo=UTC)
        return reference(start + timedelta(days=USED_FROM_DAY), datetime(2024, 9, 1, tzinfo=UTC))
    stage = stranger(int(name.split()[1]))
    return replace(stage, first=USED_FROM_DAY * stage.past.per_day)


def measured(name: str) -> tuple[Evaluation, Mapping[str, Floats]]:
    """The evaluation, and what everybody's slots really cost: borders at the worth under perfect foresight."""
    stage = home(name)
    found = evaluate(stage)
    best = foresight(stage)
    with patch.object(dynamic_program, "ROLLED", 0.0):
        lives = {**found.lives, BEFORE: live(stage, Planned(stage)), "best": best.life}
    return found, {policy: life.true_cost_eur(best.worth_eur_per_kwh) for policy, life in lives.items()}


def share(cost: Mapping[str, Floats], policy: str) -> float:
    own, alone, best = (float(cost[n].sum()) for n in (policy, ALONE, "best"))
    return (own - best) / (alone - best)


def difference(stage: World, cost: Mapping[str, Floats], policy: str) -> tuple[float, float, float]:
    """Of the regret share to the plan's, with its 90 % interval over weeks."""
    own, possible = (by_week(stage, cost[a] - cost[b]) for a, b in ((policy, PLAN), (ALONE, "best")))
    drawn = np.random.default_rng(SEED).integers(0, len(own), (RESAMPLES, len(own)))
    low, high = np.percentile(own[drawn].sum(axis=1) / possible[drawn].sum(axis=1), (5, 95)).tolist()
    return float(own.sum() / possible.sum()), low, high


def dearest_month(stage: World, cost: Mapping[str, Floats], policy: str) -> str:
    """The local month in which it saved least against evcc alone, and how much."""
    months = [f"{stage.moment(slot).astimezone(stage.house.tz()):%Y-%m}" for slot in range(stage.first, stage.end)]
    saved = dict.fromkeys(months, 0.0)
    for month, eur in zip(months, (cost[ALONE] - cost[policy]).tolist(), strict=True):
        saved[month] += eur
    least = min(saved, key=saved.__getitem__)
    return f"least in {least}: {saved[least]:.2f} EUR"


@pytest.mark.parametrize("name", HOMES_BY_NAME)
def test_a_home(benchmark: BenchmarkFixture, name: str) -> None:
    """The gate never makes it noticeably dearer, and the tabular agent saves money by itself."""
    found, cost = benchmark.pedantic(measured, (name,), rounds=1)  # type: ignore[no-untyped-call]  # as shipped
    plan, learner = (sum(getattr(e, n) for e in found.errors) for n in ("plan_kw2", "learner_kw2"))
    print(f"\n{name}: skill {1 - learner / plan:.3f}, steers on {len(found.days_in_charge)} days")  # noqa: T201  what the run is for
    for policy in (BEFORE, PLAN, APPRENTICE, GATED, TABULAR):
        by, low, high = difference(found.world, cost, policy)
        saved = float((cost[ALONE] - cost[policy]).sum())
        words = (
            f"{policy}: share {share(cost, policy):.3f}, {by:+.3f} ({low:+.3f} to {high:+.3f}), saves {saved:.2f} EUR"
        )
        print(f"  {words}, {dearest_month(found.world, cost, policy)}")  # noqa: T201
    assert share(cost, GATED) <= share(cost, PLAN) + 0.005
    assert share(cost, TABULAR) < 1


def _year() -> World:
    """35,040 quarter hours: the reference home again and again, slots cut in halves."""
    half = read_home(HOMES / "home-a.csv")

    def stretched(values: Floats) -> Floats:
        return np.repeat(np.tile(values[400:], 3), 2)[: 365 * 96]

    columns = (half.load_kw, half.pv_kw, half.solar_kw, half.spot_eur_per_kwh)
    return world(
        Table(datetime(2023, 1, 1, tzinfo=UTC), 15, *(stretched(c) for c in columns)), read_house(HOMES / "home-a.yaml")
    )


def test_a_year_of_quarter_hours_is_learnt_in_five_minutes_within_300_mb(benchmark: BenchmarkFixture) -> None:
    stage = _year()
    night = replace(stage, first=stage.end - 96)

    def unheard(share: float, so_far: Trained | None = None) -> None:
        del share, so_far

    begun = time.process_time()
    trained = benchmark.pedantic(lambda: [at.train(night, None, unheard) for at in LEARNERS], rounds=1)  # type: ignore[no-untyped-call]
    used_s, peak_mb = time.process_time() - begun, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"\n{used_s:.0f} CPU s, {peak_mb:.0f} MB at most")  # noqa: T201  what the run is for
    assert used_s <= 300
    assert peak_mb <= 300
    for learner, learnt in zip(LEARNERS, trained, strict=True):
        assert learnt is not None
        begun = time.process_time()
        policy = learner.policy(night, learnt)
        begin_ms = (time.process_time() - begun) * 1000
        begun = time.process_time()
        for slot in range(night.first, night.first + 20):
            policy.decide(slot, HomeState(5.0, BatteryMode.NORMAL, None))
        each_ms = (time.process_time() - begun) / 20 * 1000
        print(f"{learner.name}: {begin_ms:.1f} + {each_ms:.1f} CPU ms a decision")  # noqa: T201
        assert begin_ms + each_ms <= 50
