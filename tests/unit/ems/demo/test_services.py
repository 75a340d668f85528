"""What the demo's services are started with."""

from pathlib import Path

import pytest

from ems.demo.day import GOALS, START, ZONE, demo_home
from ems.demo.pace import WARM_UP, Pace
from ems.demo.services import SERVICES, write_settings
from rl_agent.adapters.agent_db import AgentDb
from rl_agent.adapters.model_files import ModelFiles
from rl_agent.domain.apprentice.features import COUNT, LEADS_H
from rl_agent.domain.judge.lives import BATTERY
from rl_agent.domain.night import KeptTraining
from rl_agent.domain.tabular.learner import tables_of
from rl_agent.learners import LEARNERS
from rl_agent.settings import Settings


@pytest.fixture(name="learner")
def _learner(tmp_path: Path) -> Settings:
    """rl-agent's settings, with its state directory as it finds it."""
    cars = demo_home(START - WARM_UP).cars
    written = write_settings(tmp_path, 1883, "http://127.0.0.1:7070", Pace(288), "en", cars, GOALS)
    assert set(written) == set(SERVICES)
    return Settings.load(written["rl_agent"])


def learnt(settings: Settings) -> dict[str, KeptTraining]:
    files = ModelFiles(settings.state_dir, pytest.fail)
    return {learner.name: kept for learner in LEARNERS if (kept := files.load(learner.name)) is not None}


def test_what_the_demos_learner_has_learnt_is_of_use_to_the_learners_of_today(learner: Settings) -> None:
    """When it is not: ``make demo-learner``."""
    kept = learnt(learner)
    assert set(kept) == {"apprentice", "tabular"}
    assert kept["apprentice"].trained.arrays["coefficients"].shape == (LEADS_H, COUNT)
    table = tables_of(kept["tabular"].trained)[BATTERY]
    assert table.rounds > 0
    assert table.q.any()


def test_each_of_the_demos_learners_was_judged_for_four_weeks(learner: Settings) -> None:
    with AgentDb.open(learner.state_dir, pytest.fail) as db:
        judged = {name: db.days(BATTERY, name) for name in learnt(learner)}
    assert {name: len(days) for name, days in judged.items()} == {"apprentice": 28, "tabular": 28}
    assert all(day.judged.day < START.date() for days in judged.values() for day in days)


def test_no_training_falls_into_the_demos_day(learner: Settings) -> None:
    assert {kept.at for kept in learnt(learner).values()} == {START}, "learnt when the day begins"
    assert learner.train_at == START.astimezone(ZONE).time(), "and again when it is over"
