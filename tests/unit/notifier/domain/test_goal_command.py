"""A goal is set by halves from a dashboard: what is not said stays, what cannot be meant is refused in words."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from ems.contract.people import Goal, SetGoal
from notifier.domain.goal_command import (
    InvalidGoal,
    NewGoal,
    NoGoal,
    new_goal,
)

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 18, 18, tzinfo=UTC)  # a Wednesday, 19:00 in Berlin
SEVEN = datetime(2026, 11, 19, 6, tzinfo=UTC)
NOON = datetime(2026, 11, 19, 11, tzinfo=UTC)
TIMED = Goal(vehicle="zoe", soc_pct=70, departure=SEVEN, asked_by="anna", asked_at=NOW)
WHENEVER = Goal(vehicle="zoe", soc_pct=70, asked_by="anna", asked_at=NOW)


def meant(asked: SetGoal, goal: Goal | None = None) -> NewGoal | NoGoal:
    return new_goal(asked, goal, NOW, BERLIN, usual_soc_pct=80)


@pytest.mark.parametrize(
    ("asked", "goal", "is_meant"),
    [
        (SetGoal(soc_pct=90, keep=True), TIMED, NewGoal(90, SEVEN)),
        (SetGoal(soc_pct=90, keep=True), WHENEVER, NewGoal(90)),
        (SetGoal(soc_pct=90, keep=True), None, NewGoal(90)),
        (SetGoal(by="morgen 12 Uhr", keep=True), TIMED, NewGoal(70, NOON)),
        (SetGoal(by="12:00", keep=True), WHENEVER, NewGoal(70, NOON)),
        (SetGoal(departure=NOON, keep=True), TIMED, NewGoal(70, NOON)),
        (SetGoal(by="in 3h", keep=True), None, NewGoal(80, NOW + timedelta(hours=3))),
        (SetGoal(by="90 % tomorrow noon", keep=True), TIMED, NewGoal(90, NOON)),
        (SetGoal(by="90 %", keep=True), TIMED, NewGoal(90, SEVEN)),
        (SetGoal(by="7", keep=True), TIMED, NewGoal(70, SEVEN)),
        (SetGoal(by="20", keep=True), WHENEVER, NewGoal(70, NOW + timedelta(hours=1))),
        (SetGoal(by="20", keep=True), None, NewGoal(80, NOW + timedelta(hours=1))),
        (SetGoal(by="90", keep=True), TIMED, NewGoal(90, SEVEN)),
        (SetGoal(by="", keep=True), TIMED, NewGoal(70)),
        (SetGoal(by="  ", keep=True), TIMED, NewGoal(70)),
        (SetGoal(soc_pct=90, by="07:00"), None, NewGoal(90, SEVEN)),
        (SetGoal(soc_pct=90), TIMED, NewGoal(90)),
        (SetGoal(soc_pct=90, departure=NOON), TIMED, NewGoal(90, NOON)),
        (SetGoal(by="90 % 07:00"), TIMED, NewGoal(90, SEVEN)),
        (SetGoal(soc_pct=0, keep=True), TIMED, NewGoal(0, SEVEN)),
        (SetGoal(), TIMED, NoGoal()),
    ],
)
def test_what_is_not_said_stays_where_that_is_asked_and_ends_otherwise(
    asked: SetGoal, goal: Goal | None, is_meant: NewGoal | NoGoal
) -> None:
    assert meant(asked, goal) == is_meant


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (SetGoal(departure=NOON), "needs a soc_pct, or keep"),
        (SetGoal(by="07:00"), "needs a soc_pct, or keep"),
        (SetGoal(by="20"), "needs a soc_pct, or keep"),
        (SetGoal(by="um 3", keep=True), "may mean Thu 19 Nov 03:00 or Thu 19 Nov 15:00: say it so"),
        (SetGoal(by="", keep=True), "there is no goal yet"),
        (SetGoal(keep=True), "nothing to change"),
        (SetGoal(soc_pct=80, by="07:00", departure=NOON), "not both"),
        (SetGoal(soc_pct=80, by="90 % 07:00"), "say a SoC already"),
        (SetGoal(by="soonish", keep=True), "I did not understand that. Examples"),
        (SetGoal(by="in 900h", keep=True), "too far ahead"),
        (SetGoal(soc_pct=80, departure=NOW), "in the past"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_words_that_say_what_to_do(asked: SetGoal, words: str) -> None:
    with pytest.raises(InvalidGoal, match=words):
        meant(asked)


@pytest.mark.parametrize("shown", ["%d.%m. %H:%M", "%d %b %H:%M"])
def test_a_departure_as_home_assistant_shows_it_is_understood_when_it_is_sent_back(shown: str) -> None:
    assert meant(SetGoal(by=SEVEN.astimezone(BERLIN).strftime(shown), keep=True), TIMED) == NewGoal(70, SEVEN)
