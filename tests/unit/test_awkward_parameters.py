"""Whatever a service can say stays a sentence with awkward parameters: nothing, long names, odd nights, other money."""

import re
from collections.abc import Callable, Iterator
from dataclasses import fields
from datetime import datetime
from typing import Any

import pytest

from ems.contract.control import ControllerName
from ems.contract.message import Language, Text
from evcc_poller.domain.wording.answers import CommandOutcome
from evcc_poller.domain.wording.control import ControlReason, Proposed
from evcc_poller.domain.wording.events import CarEvent
from evcc_poller.domain.wording.renderer import GatewayWording
from notifier.domain.wording.goals import GoalIs
from notifier.domain.wording.introductions import Help
from notifier.domain.wording.outcomes import Choice, PossibleAnswers
from notifier.domain.wording.records import OldOrderStays, ReadLate, Said, WrittenEarlier
from notifier.domain.wording.remarks import Label, Remark
from notifier.domain.wording.renderer import Renderer as NotifierRenderer
from rl_agent.domain.judge.gate import Cause
from rl_agent.domain.wording.reasons import AnyReason as LearnerReason
from rl_agent.domain.wording.renderer import Renderer as LearnerRenderer
from support.awkward import (
    AUTUMN,
    BERLIN,
    FIRST_HALF_PAST_TWO,
    LONG_NAME,
    OCCASIONS,
    SECOND_HALF_PAST_TWO,
    SPRING,
    USUAL_NAME,
    WORDS,
    Occasion,
    awkward,
)
from support.said import MAX_CHARACTERS, members
from tariff_planner.domain.wording.answers import PlannerAnswer
from tariff_planner.domain.wording.plan import Summary
from tariff_planner.domain.wording.problems import NotExplained, OddFacts
from tariff_planner.domain.wording.reasons import AnyReason as PlannerReason
from tariff_planner.domain.wording.renderer import Renderer as PlannerRenderer
from tariff_planner.domain.wording.renderer import answers as planner_answers
from tariff_planner.domain.wording.savings import SavingsMethod
from tariff_planner.domain.wording.vehicle import CarAway, CarCharges, CarWaits
from vehicle_soc.domain.wording.answers import OwnAnswer
from vehicle_soc.domain.wording.problems import InOwnWords
from vehicle_soc.domain.wording.reasons import Reason as VehicleReason
from vehicle_soc.domain.wording.renderer import answers as vehicle_answers
from vehicle_soc.domain.wording.renderer import text as vehicle_text

MIDNIGHT = AUTUMN.moments[0]

type Says = Callable[[Any, Occasion], Text]

GATEWAY, PLANNER_ANSWERS, VEHICLE_ANSWERS = GatewayWording(BERLIN), planner_answers(BERLIN), vehicle_answers(BERLIN)
SERVICES: dict[str, tuple[Any, Says]] = {
    "planner": (PlannerReason, lambda r, at: PlannerRenderer(BERLIN, at.now, at.currency).text(r)),
    "planner answers": (PlannerAnswer, lambda r, at: PLANNER_ANSWERS.text(r, at.now)),
    "gateway control": (ControlReason, lambda r, at: GATEWAY.control.text(r, at.now)),
    "gateway events": (CarEvent, lambda r, at: GATEWAY.events.text(r, at.now)),
    "gateway answers": (CommandOutcome, lambda r, at: GATEWAY.answers.text(r, at.now)),
    "vehicle-soc": (VehicleReason, lambda r, _: vehicle_text(r)),
    "vehicle-soc answers": (OwnAnswer, lambda r, at: VEHICLE_ANSWERS.text(r, at.now)),
    "learner": (LearnerReason, lambda r, at: LearnerRenderer(BERLIN, at.now, at.currency).text(r)),
    "notifier": (Said, lambda r, at: NotifierRenderer(BERLIN, at.now).text(r)),
}
GIVEN: dict[Any, list[Any]] = {
    ControlReason: [Proposed(ControllerName.LP, WORDS)],
    Said: [Remark.WHICH_CAR, GoalIs(LONG_NAME, 100, MIDNIGHT, "anna")],
    Choice: [Choice("80", WORDS), Choice("none", WORDS)],
    Cause: [Cause.MISSED_GOAL, Cause.COST_MORE, Cause.SKILL_LOST],
    "learner": ["apprentice", "tabular"],
    "cars": [(LONG_NAME,)],
}
"""What stands in records that hold others, the names of learners, and why one hands back."""
CASES = [
    pytest.param(cls, says, id=f"{name} {cls.__name__}")
    for name, (union, says) in SERVICES.items()
    for cls in dict.fromkeys(members(union))
    if cls not in {Remark, Label}
]


def names_a_moment(cls: Any) -> bool:
    return any(field.type in {datetime, datetime | None} for field in fields(cls))


MOMENTS = [case for case in CASES if names_a_moment(case.values[0])]

ODD = re.compile(r"None|\bnan\b|\binf\b|True|False|[{}]|  |,\.|\.\.|::| [,.;:](?!\.)|\b0[.,]00? kWh|datetime|timedelta")
MINUS_NOTHING = re.compile(r"-0(?![.,]?\d*[1-9])")
ENGLISH = re.compile(
    r"\b(the|and|from|until|with|would|than|not|because|charges|battery|car|at|by|for|to|it|its|this|which|unknown|are)\b"
    r"(?!\.)"
)
"""Words of English alone; keys of the settings (``battery.modes``) are the same in every language."""
LONGER = (
    Summary
    | OddFacts
    | NotExplained
    | SavingsMethod
    | ReadLate
    | WrittenEarlier
    | OldOrderStays
    | Help
    | PossibleAnswers
)
"""Several devices, what the code says, a footnote, a driver's own words, a page."""
CHATS = tuple(set(members(Said)))
"""The notifier asks, and says names and lines of a list too."""
UNTRANSLATED = InOwnWords
"""The words of a plug-in that somebody wrote for themselves."""


def said(cls: type[Any], says: Says, at: Occasion) -> Iterator[tuple[Any, Text]]:
    for record in awkward(cls, at, GIVEN):
        if possible(record):
            yield record, says(record, at)


def possible(record: Any) -> bool:
    """A late car charges at once, and without pauses."""
    if not isinstance(record, CarAway | CarCharges | CarWaits) or record.goal is None or record.goal.due is None:
        return True
    return isinstance(record, CarCharges) and not record.during.mostly


def on_a_phone(words: str) -> int:
    """Characters of a sentence about a car with a usual name, on any night but one of the year."""
    return len(
        re.sub(r" (Uhr |uur )?(summer time|winter time|\w+zeit|\w+tijd)\b", "", words.replace(LONG_NAME, USUAL_NAME))
    )


@pytest.mark.parametrize(("cls", "says"), CASES)
def test_it_stays_a_sentence(cls: type[Any], says: Says) -> None:
    tried = 0
    for at in OCCASIONS:
        for record, text in said(cls, says, at):
            for language in Language:
                words = text.in_language(language)
                tried += 1
                assert words.endswith(".") or isinstance(record, CHATS), words
                assert not ODD.search(words), words
                assert not MINUS_NOTHING.search(words), words
                assert on_a_phone(words) <= MAX_CHARACTERS or isinstance(record, LONGER), words
            others = f"{text.de} {text.nl}"
            assert not re.search(r"\d\.\d", re.sub(r"\b\d+\.\d+\.", "", others)), others
            assert not re.search(r"\d,\d", text.en), text.en
            assert not ENGLISH.search(others) or isinstance(record, UNTRANSLATED), others
    assert tried


@pytest.mark.parametrize(("cls", "says"), MOMENTS)
def test_both_halves_past_two_of_an_autumn_night_are_told_apart(cls: type[Any], says: Says) -> None:
    def texts(moment: datetime) -> list[Text]:
        at = Occasion("one moment", AUTUMN.now, (moment,), AUTUMN.currency)
        return [text for _, text in said(cls, says, at)]

    for first, second in zip(texts(FIRST_HALF_PAST_TWO), texts(SECOND_HALF_PAST_TWO), strict=True):
        for language in Language:
            words = first.in_language(language)
            assert "02:30" not in words or words != second.in_language(language), words


@pytest.mark.parametrize(("cls", "says"), MOMENTS)
def test_the_hour_that_a_spring_night_has_not_is_never_named(cls: type[Any], says: Says) -> None:
    for _, text in said(cls, says, SPRING):
        assert not re.search(r"\b02:\d\d", f"{text.en} {text.de} {text.nl}"), text


def test_every_service_is_asked() -> None:
    assert len(CASES) > 150
    assert len(MOMENTS) > 30
