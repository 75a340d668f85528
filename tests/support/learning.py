"""A home to learn in, and learners whose worth is known."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from math import cos, pi
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from ems.contract.requests import HistoryRow
from ems.contract.site import BatteryMode
from ems.virtual_house.house import VirtualBattery
from ems.virtual_house.live import HomeState, ModePair, ModePolicy
from ems.virtual_house.policies import EvccAlone
from ems.virtual_house.world import World
from rl_agent.domain.columns import MeasuredColumns
from rl_agent.domain.home_world import HouseTerms
from rl_agent.domain.judge.gate import JudgedDay
from rl_agent.domain.learner import DayErrors, Learner, Progress, Trained
from rl_agent.domain.night import ComparedDay, NightJob, NightResult, PolicyCosts, night
from rl_agent.nightly import NightRunner

BERLIN = ZoneInfo("Europe/Berlin")
START = datetime(2026, 1, 5, tzinfo=UTC)
"""A Monday."""
QUARTER = timedelta(minutes=15)
TERMS = HouseTerms(BERLIN, VirtualBattery(capacity_kwh=10, charge_kw=5, discharge_kw=5), None)


def measured_row(start: datetime) -> HistoryRow:
    """A home that needs most in the evening, when energy is dear; each day is a little other than the one before."""
    local = start.astimezone(BERLIN)
    hour, other = local.hour + local.minute / 60, 1 + 0.2 * cos(local.toordinal() * 2.4)
    evening = 17 <= hour < 22
    return HistoryRow(
        start=start,
        seconds=900,
        coverage_s=900,
        home_w=(2000 if evening else 300) * other,
        pv_w=max(0.0, 1500 * cos((hour - 13) / 12 * pi)) * other,
        pv_forecast_w=max(0.0, 1500 * cos((hour - 13) / 12 * pi)),
        battery_soc_pct=50,
        import_eur_per_kwh=0.40 if evening else 0.15 if hour < 5 else 0.28,
        export_eur_per_kwh=0.08,
    )


def measured_rows(since: datetime, until: datetime) -> list[HistoryRow]:
    return [measured_row(since + n * QUARTER) for n in range((until - since) // QUARTER)]


def measured(days: float, since: datetime = START) -> MeasuredColumns:
    columns = MeasuredColumns(400)
    columns.add(measured_rows(since, since + timedelta(days=days)))
    return columns


@dataclass(frozen=True)
class Fixed:
    """Always the same mode."""

    mode: BatteryMode

    def decide(self, slot: int, state: HomeState) -> ModePair:  # noqa: ARG002  as every policy
        return ModePair(self.mode)


@dataclass(frozen=True)
class KnownWorth:
    """A learner whose squared errors are a known part of the plan's, by day, and whose modes are known."""

    name: str = "apprentice"
    error: Callable[[date], float] = lambda _: 0.8
    """The learner's squared error where the plan's is 1."""
    decides: Callable[[World], ModePolicy] = EvccAlone
    episodes: int = 2
    foresees: bool = True

    def train(self, world: World, before: Trained | None, progress: Progress) -> Trained | None:  # noqa: ARG002
        done = int(before.facts["episodes"]) if before else 0
        trained = Trained(self.name, {"days": np.arange(3.0)}, {"episodes": done})
        for _ in range(self.episodes):
            done += 1
            trained = replace(trained, facts={"episodes": done})
            progress(done % self.episodes / self.episodes, trained)
        return trained

    def policy(self, world: World, trained: Trained) -> ModePolicy:  # noqa: ARG002  as every learner
        return self.decides(world)

    def daily_errors(self, world: World, trained: Trained) -> tuple[DayErrors, ...]:  # noqa: ARG002
        if not self.foresees:
            return ()
        day = world.moment(world.first).astimezone(BERLIN).date()
        usual = 1 + 0.5 * cos(day.toordinal() * 1.7)
        mine = usual * self.error(day) * (1 + 0.1 * cos(day.toordinal() * 0.9))
        return (DayErrors(day, 96 * usual, 96 * mine, 96),)


def in_a_thread(*learners: Learner) -> NightRunner:
    """A night's work in the test's own process: it learns in memory, and knows no plan but evcc's own way."""

    async def runner(
        job: NightJob,
        state_dir: Path,  # noqa: ARG001
        on_progress: Callable[[str, float], None],  # noqa: ARG001
        on_words: Callable[[str], object],  # noqa: ARG001
    ) -> NightResult:
        return await asyncio.to_thread(night, job, learners, lambda *_: None, EvccAlone)

    return runner


def compared_days(count: int, until: date, error: float = 0.8, saving_eur: float = 0.0) -> tuple[ComparedDay, ...]:
    """Days that were judged before ``until``, as nights would have left them."""
    found = []
    for n in range(count):
        day = until - timedelta(days=count - n)
        plan = 96 * (1 + 0.5 * cos(day.toordinal() * 1.7))
        judged = JudgedDay(day, 4, saving_eur, False, plan, plan * error, 96)
        costs = PolicyCosts(2.0, 8.0, 0.0)
        found.append(ComparedDay("battery", "apprentice", costs, costs, costs, judged))
    return tuple(found)
