"""A home reads its own language in every name, state and option; the bus keeps its words."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from ems.contract.message import Language
from ems.homeassistant.discovery.entity import HomeContext, payload
from ems.homeassistant.discovery.page import examples
from ems.homeassistant.discovery.wording.tables import TABLES, named

ALIKE = {
    Language.DE: {"Status", "Problem", "Garage", "Normal", "Boost", "Boiler", "Training"},
    Language.NL: {"Status", "Planner", "Garage", "Boiler", "Training"},
}
"""Words that a language has in common with English, and names that people gave."""
NAMED_BY_PEOPLE = {"Home", "Limo", "Mini", "Anna", "Battery 1", "Battery 2", "80 %"}


def words(language: Language) -> Iterator[tuple[str, str]]:
    """Where, and what people read there: names of devices, models, areas and entities, options."""
    for device in examples(HomeContext(language, learner=True, cents=True, datetime=True)):
        whole: dict[str, Any] = json.loads(payload(device, "evcc/ems", "1", language))
        for key in ("name", "model", "suggested_area"):
            if key in whole["device"]:
                yield f"{device.id} {key}", whole["device"][key]
        for key, component in whole["components"].items():
            if component["name"] is not None:
                yield f"{device.id} {key}", component["name"]
            for option in (*component.get("options", ()), *component.get("event_types", ())):
                yield f"{device.id} {key} option", option


@pytest.mark.parametrize("language", [Language.DE, Language.NL])
def test_a_home_reads_no_english_word(language: Language) -> None:
    english = dict.fromkeys(word for _, word in words(Language.EN))
    found = {(where, word) for where, word in words(language) if word in english}
    assert {(w, t) for w, t in found if t not in ALIKE[language] | NAMED_BY_PEOPLE} == set()


@pytest.mark.parametrize("language", Language)
def test_a_language_names_all_that_another_names(language: Language) -> None:
    english, table = TABLES[Language.EN], TABLES[language]
    assert table.names.keys() == english.names.keys()
    assert {kind: set(states) for kind, states in table.states.items()} == {
        kind: set(states) for kind, states in english.states.items()
    }
    for kind, states in table.states.items():
        assert len(set(states.values())) == len(states), f"two {kind} cannot be told apart"


def test_a_name_that_nobody_wrote_is_an_error() -> None:
    with pytest.raises(KeyError):
        named("nonsense")


def test_an_option_becomes_the_buss_word_again() -> None:
    point = next(d for d in examples(HomeContext("nl")) if d.id == "loadpoint-1")
    mode = json.loads(payload(point, "evcc/ems", "1", "nl"))["components"]["mode"]
    assert mode["options"] == ["Uit", "Zon", "Min + zon", "Snel"]
    assert mode["command_template"].startswith('{% set value = {"Uit": "off", "Zon": "pv"')
    assert '{"off": "Uit", "pv": "Zon"' in mode["value_template"]


def test_words_of_a_service_that_lack_the_homes_language_are_read_in_english() -> None:
    assert HomeContext("nl").read("value_json.reason") == "(value_json.reason.nl | default(value_json.reason.en))"
