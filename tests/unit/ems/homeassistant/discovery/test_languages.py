"""A home may speak a language that not every service speaks yet: it reads English there, and nothing breaks."""

import json

import pytest

from ems.contract.message import Language, Text
from ems.homeassistant.discovery.entity import HomeContext, payload
from ems.homeassistant.discovery.planner import planner


@pytest.mark.parametrize("language", Language)
def test_the_planner_is_announced_in_every_language(language: Language) -> None:
    announced = json.loads(payload(planner(HomeContext(language)), "evcc/ems", "1", language))
    components = announced["components"]
    assert all(c.get("name") for c in components.values() if "name" in c)
    assert f"value_json.summary.{language}" in components["summary"]["value_template"]


def test_what_a_service_does_not_say_in_the_homes_language_is_read_in_english() -> None:
    home = HomeContext("nl")
    assert home.read("value_json.reason") == "(value_json.reason.nl | default(value_json.reason.en))"
    assert HomeContext("de").read("value_json.reason") == "value_json.reason.de"
    assert home.say(Text(en="Owner", de="Besitzer")) == "Owner"
    assert (home.common_language, HomeContext("de").common_language) == ("en", "de")
