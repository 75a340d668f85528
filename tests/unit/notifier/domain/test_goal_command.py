"""A goal is set by halves from a dashboard: what is not said stays, what cannot be meant is refused in words."""

import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from ems.contract.people import Goal, SetGoal
from notifier.domain.cars import KnownCar
from notifier.domain.goal_command import (
    InvalidGoal,
    NewGoal,
    NoGoal,
    new_goal,
)
from notifier.domain.wording.goals import Alternative, GoalReached, MayMean
from notifier.domain.wording.records import Said
from notifier.domain.wording.remarks import Remark

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 18, 18, tzinfo=UTC)  # a Wednesday, 19:00 in Berlin
SEVEN = datetime(2026, 11, 19, 6, tzinfo=UTC)
NOON = datetime(2026, 11, 19, 11, tzinfo=UTC)
NIGHT, AFTERNOON = datetime(2026, 11, 19, 2, tzinfo=UTC), datetime(2026, 11, 19, 14, tzinfo=UTC)
TIMED = Goal(vehicle="zoe", soc_pct=70, departure=SEVEN, asked_by="anna", asked_at=NOW)
WHENEVER = Goal(vehicle="zoe", soc_pct=70, asked_by="anna", asked_at=NOW)


def meant(asked: SetGoal, goal: Goal | None = None) -> NewGoal | NoGoal:
    return new_goal(asked, goal, NOW, BERLIN, usual_soc_pct=80, car=KnownCar("zoe", "Zoe", soc_pct=63))


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
        (SetGoal(), TIMED, NoGoal()),
    ],
)
def test_what_is_not_said_stays_where_that_is_asked_and_ends_otherwise(
    asked: SetGoal, goal: Goal | None, is_meant: NewGoal | NoGoal
) -> None:
    assert meant(asked, goal) == is_meant


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        (SetGoal(departure=NOON), Remark.SOC_MISSING),
        (SetGoal(by="07:00"), Remark.SOC_MISSING),
        (SetGoal(by="20"), Remark.SOC_MISSING),
        (SetGoal(by="um 3", keep=True), MayMean((Alternative(None, NIGHT), Alternative(None, AFTERNOON)))),
        (SetGoal(by="", keep=True), Remark.NO_GOAL_YET),
        (SetGoal(keep=True), Remark.NOTHING_TO_CHANGE),
        (SetGoal(soc_pct=80, by="07:00", departure=NOON), Remark.ONE_MOMENT),
        (SetGoal(soc_pct=80, by="90 % 07:00"), Remark.ONE_SOC),
        (SetGoal(by="soonish", keep=True), Remark.NOT_UNDERSTOOD),
        (SetGoal(by="in 900h", keep=True), Remark.TOO_FAR_AHEAD),
        (SetGoal(soc_pct=80, departure=NOW), Remark.MOMENT_PASSED),
        (SetGoal(soc_pct=0), Remark.GOAL_OF_NOTHING),
        (SetGoal(soc_pct=0, keep=True), Remark.GOAL_OF_NOTHING),
        (SetGoal(soc_pct=62.5), GoalReached("Zoe", 63, 62.5)),
        (SetGoal(by="50 % 07:00"), GoalReached("Zoe", 63, 50)),
        (SetGoal(soc_pct=80, departure="tomorrow"), Remark.BAD_DEPARTURE),
        (SetGoal(soc_pct=80, departure="2026-11-30"), Remark.BAD_DEPARTURE),
        (SetGoal(soc_pct=80, departure="unknown"), Remark.BAD_DEPARTURE),
        (SetGoal(soc_pct=80, departure=""), Remark.BAD_DEPARTURE),
        (SetGoal(soc_pct=80, departure="0001-01-01 00:00"), Remark.BAD_DEPARTURE),
        (SetGoal(soc_pct=80, departure="2026-11-18 07:00:00"), Remark.MOMENT_PASSED),
    ],
)
def test_what_cannot_be_meant_is_refused_with_what_to_do(asked: SetGoal, why: Said) -> None:
    with pytest.raises(InvalidGoal) as refused:
        meant(asked)
    assert refused.value.why == why


def test_a_goal_that_the_car_has_reached_meanwhile_keeps_its_departure_movable() -> None:
    reached = TIMED.model_copy(update={"soc_pct": 50.0})
    assert meant(SetGoal(departure=NOON, keep=True), reached) == NewGoal(50, NOON)


@pytest.mark.parametrize("field", ["departure", "by"])
@pytest.mark.parametrize(
    "written",
    [
        "2026-11-19 07:00:00",
        "2026-11-19 07:00",
        "2026-11-19T07:00:00",
        "2026-11-19T07:00:00+01:00",
        "2026-11-19T06:00:00Z",
        "2026-11-19 06:00:00.000000+00:00",
        "07:00:00",
        "07:00",
    ],
)
def test_every_format_of_home_assistants_helpers_is_a_departure(field: str, written: str) -> None:
    command = SetGoal.parse(json.dumps({"soc_pct": 80, field: written}).encode())
    assert meant(command) == NewGoal(80, SEVEN)


@pytest.mark.parametrize("shown", ["%d.%m. %H:%M", "%d %b %H:%M"])
def test_a_departure_as_home_assistant_shows_it_is_understood_when_it_is_sent_back(shown: str) -> None:
    assert meant(SetGoal(by=SEVEN.astimezone(BERLIN).strftime(shown), keep=True), TIMED) == NewGoal(70, SEVEN)
