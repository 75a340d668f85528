"""What free words mean as an answer depends on what was asked."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from notifier.domain import questions
from notifier.domain.answer_outcomes import AnswerOutcome, AskNext, ChargeNow, NotUnderstood, RequestGoal, Settled
from notifier.domain.cars import KnownCar
from notifier.domain.memory import Pending, Stage
from notifier.domain.questions import QuestionContext, shown
from notifier.domain.wording.parts import EnergyPrice, NamedCar
from notifier.domain.wording.questions import CheapEnergy, HowFull
from notifier.domain.wording.remarks import Remark
from notifier.domain.wording.renderer import Renderer
from support.phrases import BERLIN, NOW, local

ZOE = KnownCar("zoe", "Zoe")
CONTEXT = QuestionContext("1", NOW, BERLIN)
WHEN = questions.departure(CONTEXT, ZOE)
HOW_FULL = questions.charge(CONTEXT, ZOE, NOW, EnergyPrice(0.1, "EUR"), NOW + timedelta(hours=4))
BOTH = questions.change(CONTEXT, ZOE)


def answered(pending: Pending, words: str, at: datetime = NOW) -> AnswerOutcome:
    return questions.answer(pending, None, words, ZOE, QuestionContext("2", at, BERLIN))


def pressed(pending: Pending, option: str, at: datetime = NOW) -> AnswerOutcome:
    return questions.answer(pending, option, None, ZOE, QuestionContext("3", at, BERLIN))


def test_a_bare_number_is_an_hour_to_when_and_a_soc_to_how_full() -> None:
    when = answered(WHEN, "20")
    assert isinstance(when, AskNext)
    assert (when.pending.stage, when.pending.departure) == (Stage.HOW_FULL, local("2026-11-18 20:00"))
    assert answered(when.pending, "20") == Settled(RequestGoal(20, local("2026-11-18 20:00")))
    assert answered(HOW_FULL, "20") == Settled(RequestGoal(20))


def test_what_is_ambiguous_is_asked_back_and_the_button_says_all_of_it() -> None:
    asked = answered(BOTH, "62,5 % um 3")
    assert isinstance(asked, AskNext)
    options = asked.pending.question.options
    assert [o.label.en for o in options] == ["62.5 % tomorrow 03:00", "62.5 % tomorrow 15:00", "Cancel"]
    assert pressed(asked.pending, options[1].key) == Settled(RequestGoal(62.5, local("2026-11-19 15:00")))
    assert pressed(asked.pending, "no") == Settled(outcome=Remark.NOTHING_CHANGED)


def test_a_button_whose_time_has_passed_meanwhile_sets_no_goal() -> None:
    asked = answered(BOTH, "80 % um 3")
    assert isinstance(asked, AskNext)
    late = pressed(asked.pending, asked.pending.question.options[0].key, local("2026-11-19 03:01"))
    assert late == NotUnderstood(Remark.MOMENT_PASSED)


def test_a_number_alone_without_a_question_is_asked_back() -> None:
    asked = answered(BOTH, "20")
    assert isinstance(asked, AskNext)
    assert [o.label.de for o in asked.pending.question.options] == ["20:00 Uhr", "20 %", "Abbrechen"]


@pytest.mark.parametrize("words", ["nein", "No, thanks!", "doch nicht", "abbrechen", "nö"])
@pytest.mark.parametrize("pending", [WHEN, HOW_FULL, BOTH])
def test_no_in_words_changes_nothing(pending: Pending, words: str) -> None:
    assert answered(pending, words) == Settled(outcome=Remark.NOTHING_CHANGED)


@pytest.mark.parametrize("words", ["egal", "keine Eile", "no rush", "whenever", "hat Zeit 😀"])
def test_no_hurry_in_words_leads_to_how_full(words: str) -> None:
    asked = answered(WHEN, words)
    assert isinstance(asked, AskNext)
    assert (asked.pending.stage, asked.pending.departure) == (Stage.HOW_FULL, None)
    assert answered(asked.pending, "80 reicht") == Settled(RequestGoal(80))


def test_now_in_words_is_the_button_where_there_is_one() -> None:
    assert answered(HOW_FULL, "sofort") == Settled(ChargeNow())
    assert isinstance(answered(WHEN, "sofort"), NotUnderstood)


def test_the_cars_own_name_in_the_answer_is_no_part_of_it() -> None:
    assert answered(BOTH, "80 % Zoe um 7") == Settled(RequestGoal(80, local("2026-11-19 07:00")))


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("jeden Tag um 7", Remark.NOT_EVERY_WEEK),
        ("200 km", Remark.NOT_A_RANGE),
        ("gestern um 7", Remark.MOMENT_PASSED),
        ("5 %", Remark.NOT_A_SOC),
    ],
)
def test_what_is_refused_is_refused_with_a_reason(words: str, why: Remark) -> None:
    assert answered(BOTH, words) == NotUnderstood(why)


def test_a_button_whose_hour_comes_twice_asks_which() -> None:
    before = datetime(2026, 10, 24, 22, 30, tzinfo=UTC)
    asked = pressed(WHEN, "in_2h", before)
    assert isinstance(asked, AskNext)
    assert [o.label.en for o in asked.pending.question.options] == [
        "02:30 summer time",
        "02:30 winter time",
        "Cancel",
    ]


def test_a_question_knows_what_it_asks_beside_its_words() -> None:
    assert HOW_FULL.asks == CheapEnergy(NamedCar("Zoe"), EnergyPrice(0.1, "EUR"), plugged_in=False)
    asked = answered(WHEN, "20")
    assert isinstance(asked, AskNext)
    assert asked.pending.asks == HowFull("Zoe", local("2026-11-18 20:00"))


def test_a_question_that_waits_over_midnight_names_its_days_anew() -> None:
    asked = answered(BOTH, "62,5 % um 3")
    assert isinstance(asked, AskNext)
    says = Renderer(BERLIN, local("2026-11-19 00:10"))
    labels = [o.label.nl for o in shown(asked.pending, says).options]
    assert labels == [
        "62,5 % 03:00 uur",
        "62,5 % 15:00 uur",
        "Annuleren",
    ]
    later = questions.charge(
        CONTEXT, ZOE, local("2026-11-19 02:00"), EnergyPrice(0.1, "EUR"), local("2026-11-19 06:00")
    )
    assert "cheap from tomorrow 02:00 on" in later.question.text.en
    assert "cheap from 02:00 on" in shown(later, says).text.en


def test_a_question_of_an_older_version_keeps_its_words() -> None:
    old = replace(WHEN, asks=None)
    assert shown(old, Renderer(BERLIN, NOW)) == WHEN.question
