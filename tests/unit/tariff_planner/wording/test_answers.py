"""What the planner's commands are answered: a whole sentence in every language, and data."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from ems.contract.message import Language
from ems.contract.site import BatteryMode
from ems.contract.wishes import WishKind
from tariff_planner.domain.inputs.wish_words import EXAMPLES
from tariff_planner.domain.wording.answers import (
    BatteryUnable,
    CannotBeKept,
    CarsNotPlannable,
    GoalInPast,
    NoSuchWish,
    NothingToChange,
    PlannerAnswer,
    PlanningSet,
    TooManyWishes,
    UnknownVehicle,
    WishesApplied,
    WishNotUnderstood,
    WishOver,
    WishRemoved,
    WishSet,
)
from tariff_planner.domain.wording.renderer import answers

NOW = datetime(2026, 1, 14, 21, tzinfo=UTC)
SAYS = answers(ZoneInfo("Europe/Berlin"))
ANSWERS: tuple[PlannerAnswer, ...] = (
    PlanningSet(enabled=True, reserve_soc_pct=5),
    PlanningSet(enabled=False, reserve_soc_pct=20, goal_soc_pct=80, goal_by=NOW + timedelta(hours=10)),
    NothingToChange(),
    GoalInPast(NOW - timedelta(hours=1)),
    CarsNotPlannable(("limu", "mino"), ("limo",)),
    CarsNotPlannable(("limu",), ()),
    WishSet("hold_battery", "14.1. 17:00-20:00"),
    WishSet("hold_battery", "14.1. 17:00-20:00", trial=True),
    WishRemoved("hold_battery"),
    WishRemoved("pause_vehicle-limo", "Limousine"),
    NoSuchWish("hold_battery"),
    WishesApplied(("hold_battery", "trip-limo")),
    WishesApplied(("hold_battery", "trip-limo", "weekly_goal"), ("", "Limousine", "")),
    WishesApplied(()),
    TooManyWishes(12),
    UnknownVehicle("zoe", ("limo", "mini")),
    UnknownVehicle("zoe", ()),
    BatteryUnable(BatteryMode.CHARGE),
    *(WishNotUnderstood(examples, f"'soon' is not understood; such as: {examples}") for examples in EXAMPLES.values()),
    WishOver("14.1. 17:00-20:00"),
    CannotBeKept("No space left on device"),
)


@pytest.mark.parametrize("answer", ANSWERS, ids=repr)
def test_it_is_a_whole_sentence_in_every_language(answer: PlannerAnswer) -> None:
    given = SAYS.answer(answer, NOW)
    said = [given.text.in_language(language) for language in Language]
    assert len(set(said)) == len(Language)
    assert all(words.endswith(".") and len(words) <= 160 for words in said), said
    assert given.kind == answer.kind


@pytest.mark.parametrize("language", Language)
def test_people_read_what_a_wish_is_called_not_its_id(language: Language) -> None:
    kinds = [f"{kind}-limo" if "vehicle" in kind or kind == "trip" else str(kind) for kind in WishKind]
    said = [SAYS.sentence(WishSet(kind, "17-20", about="Limousine"), language, NOW) for kind in kinds]
    said.append(SAYS.sentence(WishesApplied(tuple(kinds), ("Limousine",) * len(kinds)), language, NOW))
    assert not [words for words in said if "_" in words or "limo" in words]
    assert all("Limousine: " in words for words in said)


def test_a_moment_is_told_in_the_sites_zone_and_given_in_utc() -> None:
    given = SAYS.answer(ANSWERS[1], NOW)
    assert "08:00" in given.text.de
    assert given.parameters == {
        "enabled": False,
        "reserve_soc_pct": 20,
        "goal_soc_pct": 80,
        "goal_by": "2026-01-15T07:00:00Z",
    }
