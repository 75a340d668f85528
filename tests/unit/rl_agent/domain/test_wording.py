"""What the learner tells people."""

from dataclasses import fields
from datetime import UTC, datetime
from typing import get_args

import pytest

from ems.contract.control import Choice
from ems.contract.message import Language
from ems.contract.site import BatteryMode, LoadpointMode
from rl_agent.domain.judge.gate import Cause
from rl_agent.domain.wording import reasons
from rl_agent.domain.wording.reasons import (
    AnyReason,
    BatteryWanted,
    CarWanted,
    Gathering,
    HandedBack,
    LearnerSteers,
    LearningFailed,
    LearntFrom,
    NothingJudged,
    NothingLearnt,
    PersonChose,
    SkilledButDearer,
    Training,
    WaitsForHistory,
)
from rl_agent.domain.wording.renderer import Renderer
from support.learning import BERLIN

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
ALL: tuple[AnyReason, ...] = (
    *(PersonChose(choice) for choice in Choice),
    NothingJudged(2.5, 7),
    NothingJudged(30, 7),
    Gathering("apprentice", 1, 1.5, 20, 120),
    Gathering("tabular", 40, 0.4, 20, None),
    SkilledButDearer("apprentice", 200, -0.05),
    LearnerSteers("apprentice", NOW, 0, None, None),
    LearnerSteers("apprentice", NOW, 30, 0.12, 6),
    *(HandedBack("apprentice", cause, NOW, 1, 40, None) for cause in (Cause.MISSED_GOAL, Cause.COST_MORE)),
    HandedBack("apprentice", Cause.SKILL_LOST, NOW, 2.5, 40, 1),
    *(BatteryWanted("tabular", mode) for mode in BatteryMode),
    *(CarWanted("apprentice", mode) for mode in LoadpointMode),
    WaitsForHistory(3.5, 7),
    Training(40),
    LearntFrom(120, NOW),
    NothingLearnt(NOW),
    LearningFailed(NOW),
)


def test_everything_that_can_be_said_is_tried_here() -> None:
    kinds = {t for union in (reasons.Verdict, reasons.Wish, reasons.Lesson) for t in get_args(union.__value__)}
    assert {type(reason) for reason in ALL} == kinds


@pytest.mark.parametrize("reason", ALL, ids=repr)
def test_every_reason_is_one_sentence_in_every_language(reason: AnyReason) -> None:
    text = Renderer(BERLIN, NOW).text(reason)
    said = [text.in_language(language) for language in Language]
    assert len(set(said)) == len(Language)
    for words in said:
        assert words[0].isupper()
        assert words.endswith(".")
        assert "{" not in words
        assert "None" not in words
        assert not {field.name for field in fields(reason) if "_" in field.name} & set(words.split())


def test_the_numbers_are_written_as_people_write_them() -> None:
    text = Renderer(BERLIN, NOW).text(Gathering("apprentice", 35, 3.25, 20, 120))
    assert text.en == (
        "The plan steers: after 35 days the evidence for the apprentice is 3.2, and 20 is needed; about 120 days to go."
    )
    assert text.de == (
        "Der Plan steuert: Nach 35 Tagen stehen die Belege für den Lehrling bei 3,2, nötig sind 20; noch etwa 120 Tage."
    )
    assert text.nl == (
        "Het plan stuurt: na 35 dagen is het bewijs voor de leerling 3,2, nodig is 20; nog ongeveer 120 dagen."
    )
