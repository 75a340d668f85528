"""A question whose reason is gone closes by itself; one of which nobody knows that stays."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ems.contract.message import Text
from ems.contract.people import Goal
from ems.contract.site import Loadpoint, LoadpointMode
from ems.contract.vehicle import AgeClass, ProblemKind, Vehicle, VehicleProblem
from notifier.domain import questions
from notifier.domain.cars import KnownCar
from notifier.domain.memory import Pending
from notifier.domain.questions import QuestionContext
from notifier.domain.stale_questions import Facts, gone
from notifier.domain.wording.parts import EnergyPrice
from notifier.domain.wording.questions import PleaseSwap
from notifier.domain.wording.remarks import Remark

NOW = datetime(2026, 11, 18, 11, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ZOE, EV6 = KnownCar("zoe", "Zoe", 40, 50), KnownCar("ev6", "EV6", 90, 77, loadpoint="1")
CONTEXT = QuestionContext("q", NOW, ZoneInfo("Europe/Berlin"))
CHEAP = questions.charge(CONTEXT, ZOE, NOW, EnergyPrice(0.1, "EUR"), NOW + 60 * MINUTE)
WHEN = questions.departure(CONTEXT, ZOE)
SWAP = questions.swap(CONTEXT, ZOE, EV6, PleaseSwap(ZOE.named, EV6.named), NOW + 60 * MINUTE)
OFFER = questions.login(CONTEXT, ZOE, Text(en="a code", de="ein Code"))
CODE = questions.code(CONTEXT, ZOE)
NOTHING = Facts({}, {}, {}, {}, up_to_soc_pct=80)
PROBLEM = VehicleProblem(kind=ProblemKind.AUTH_REQUIRED, since=NOW, text=Text(en="a code", de="ein Code"))


def goal(**more: Any) -> dict[str, Goal]:
    return {"zoe": Goal(vehicle="zoe", soc_pct=80, asked_by="anna", asked_at=NOW, **more)}


def place(vehicle: str | None, *, later: bool = True, connected: bool = True) -> dict[str, Loadpoint]:
    at = NOW + MINUTE if later else NOW - MINUTE
    found = Loadpoint(at=at, id=1, mode=LoadpointMode.PV, connected=connected, charging=False, vehicle=vehicle)
    return {"1": found}


def cloud(problem: VehicleProblem | None, *, later: bool = True) -> dict[str, Vehicle]:
    at = NOW + MINUTE if later else NOW
    return {"zoe": Vehicle(name="zoe", at=at, age=AgeClass.UNKNOWN, problem=problem)}


@pytest.mark.parametrize(
    ("pending", "facts", "why"),
    [
        (CHEAP, replace(NOTHING, goals=goal()), Remark.GOAL_SET_MEANWHILE),
        (CHEAP, replace(NOTHING, cars={"zoe": replace(ZOE, soc_pct=80)}), Remark.FULL_ENOUGH_MEANWHILE),
        (CHEAP, replace(NOTHING, cars={"zoe": ZOE}), None),
        (CHEAP, NOTHING, None),
        (WHEN, replace(NOTHING, goals=goal(departure=NOW + 60 * MINUTE)), Remark.GOAL_SET_MEANWHILE),
        (WHEN, replace(NOTHING, goals=goal()), None),
        (WHEN, replace(NOTHING, loadpoints=place(None, connected=False)), Remark.CAR_LEFT),
        (WHEN, replace(NOTHING, loadpoints=place("ev6")), Remark.CAR_LEFT),
        (WHEN, replace(NOTHING, loadpoints=place("zoe")), None),
        (WHEN, replace(NOTHING, loadpoints=place(None)), None),
        (WHEN, replace(NOTHING, loadpoints=place(None, connected=False, later=False)), None),
        (WHEN, NOTHING, None),
        (SWAP, replace(NOTHING, cars={"zoe": replace(ZOE, loadpoint="1")}), Remark.PLUGGED_IN_MEANWHILE),
        (SWAP, replace(NOTHING, loadpoints=place(None, connected=False)), Remark.CHARGER_FREE),
        (SWAP, replace(NOTHING, loadpoints=place("ev6")), None),
        (OFFER, replace(NOTHING, vehicles=cloud(None)), Remark.LOGGED_IN_MEANWHILE),
        (OFFER, replace(NOTHING, vehicles=cloud(None, later=False)), None),
        (OFFER, replace(NOTHING, vehicles=cloud(PROBLEM)), None),
        (CODE, replace(NOTHING, vehicles=cloud(None)), Remark.LOGGED_IN_MEANWHILE),
        (CODE, NOTHING, None),
        (replace(WHEN, asks=None), replace(NOTHING, loadpoints=place("ev6")), None),
        (questions.change(CONTEXT, ZOE), replace(NOTHING, loadpoints=place("ev6")), None),
    ],
)
def test_a_question_closes_when_a_newer_fact_says_that_its_reason_is_gone(
    pending: Pending, facts: Facts, why: Remark | None
) -> None:
    assert gone(pending, facts) is why
