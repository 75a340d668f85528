"""A dashboard shows nothing that discovery does not announce, and only what a home has."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from ems.contract.service import SERVICES
from ems.demo.commands.dashboard import to_yaml
from ems.homeassistant.dashboard.cards import Shape
from ems.homeassistant.dashboard.views import dashboard
from ems.homeassistant.discovery.entity import HomeContext, payload
from ems.homeassistant.discovery.page import examples

ID = re.compile(r"\b[a-z_]+\.ems_[a-z0-9_]+")
HOME = Shape(loadpoints={"1": "Garage"}, cars={"limo": "Limo"}, clouds=frozenset({"limo"}))


def shown(shape: Shape) -> set[str]:
    return set(ID.findall(to_yaml(shape)))


@pytest.mark.parametrize("language", ["en", "de", "nl"])
def test_everything_on_it_is_announced(language: str) -> None:
    announced = set(
        ID.findall(" ".join(payload(d, "evcc/ems", "1", language).decode() for d in examples(HomeContext(language))))
    )
    learner = {"battery": "", "loadpoint-1": "Garage"}
    found = shown(Shape(HOME.loadpoints, HOME.cars, HOME.clouds, learner=learner, language=language))
    assert len(found) > 50
    assert found - announced == set()


def test_a_home_without_sun_battery_and_cars_has_nothing_of_them() -> None:
    bare = shown(Shape(loadpoints={"1": "Garage"}, cars={}, solar=False, battery=False))
    assert [each for each in bare if ".ems_vehicle" in each or "battery" in each or "_pv_" in each] == []
    assert "select.ems_loadpoint_1_mode" in bare


def words(card: Any) -> Iterator[str]:
    """What people read on a card and those in it: names, titles, and the text of templates."""
    for key, value in card.items() if isinstance(card, dict) else enumerate(card):
        if key in {"name", "title", "heading"} and isinstance(value, str):
            yield value
        elif key == "content":
            yield from re.findall(r"\w{3,}", re.sub(r"{[{%].*?[%}]}|<[^>]*>", " ", value, flags=re.DOTALL))
            yield from re.findall(r"{{ '([^']+)' if", value)
        elif isinstance(value, dict | list | tuple):
            yield from words(value)


ALIKE = {
    "Plan",
    "Garage",
    "Limo",
    "Solar",
    "evcc",
    "Reserve",
    "Planning",
    "Later",
    "Details",
    "Status",
    "Export",
    "plan",
    "kWh",
}
"""Words that German or Dutch has in common with English, and names."""


@pytest.mark.parametrize("language", ["de", "nl"])
def test_a_home_reads_no_english_word(language: str) -> None:
    learner = {"battery": "", "loadpoint-1": "Garage"}
    english, home = (
        set(words(dashboard(Shape(HOME.loadpoints, HOME.cars, HOME.clouds, learner=learner, language=each))))
        for each in ("en", language)
    )
    assert len(home) > 60
    services = {"poller", "soc", "tariff", "planner", "vehicle", "agent", "notifier", *(s.value for s in SERVICES)}
    assert {word for word in home & english if not word.isdigit()} - ALIKE - services == set()


def test_a_refusal_stands_beside_what_was_set() -> None:
    page = to_yaml(HOME)
    for answer in (
        "loadpoint_1_result",
        "site_result",
        "vehicle_limo_goal_reply",
        "vehicle_limo_result",
        "planner_result",
    ):
        assert f"event.ems_{answer}" in page


def test_a_home_without_a_learner_has_nothing_of_it() -> None:
    assert not [each for each in shown(HOME) if "learner" in each]
    assert "select.ems_learner_battery_choice" in shown(Shape({}, {}, learner={"battery": ""}))


def cards(shape: Shape) -> Iterator[Any]:
    for view in dashboard(shape)["views"]:
        for section in view["sections"]:
            yield from section["cards"]


def test_a_service_that_is_not_running_is_told_in_the_homes_language() -> None:
    (told,) = [card["content"] for card in cards(Shape({}, {}, language="de")) if "**notifier**" in str(card)]
    assert "{% if states('sensor.ems_drivers_notifier_health') == 'unavailable' %}**notifier**: läuft nicht" in told


def test_a_field_that_cannot_be_used_is_hidden() -> None:
    """Home Assistant's own rows show "unavailable", whatever the language."""
    rows = [card for card in cards(HOME) if card.get("type") == "entities"]
    assert len(rows) == 3
    for card in rows:
        assert any(each.get("state_not") == "unavailable" for each in card["visibility"]), card
