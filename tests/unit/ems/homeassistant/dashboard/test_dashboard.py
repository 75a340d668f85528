"""A dashboard shows nothing that discovery does not announce, and only what a home has."""

import re

import pytest

from ems.demo.commands.dashboard import to_yaml
from ems.homeassistant.dashboard.cards import Shape
from ems.homeassistant.discovery.entity import HomeContext, payload
from ems.homeassistant.discovery.page import examples

ID = re.compile(r"\b[a-z_]+\.ems_[a-z0-9_]+")
HOME = Shape(loadpoints={"1": "Garage"}, cars={"limo": "Limo"}, clouds=frozenset({"limo"}))


def shown(shape: Shape) -> set[str]:
    return set(ID.findall(to_yaml(shape)))


@pytest.mark.parametrize("language", ["en", "de"])
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


def test_words_are_in_the_homes_language() -> None:
    german = to_yaml(Shape({"1": "Garage"}, {"limo": "Limo"}, language="de"))
    assert "Ladeziel" in german
    assert "Charge goal" not in german


def test_a_home_without_a_learner_has_nothing_of_it() -> None:
    assert not [each for each in shown(HOME) if "learner" in each]
    assert "select.ems_learner_battery_choice" in shown(Shape({}, {}, learner={"battery": ""}))
