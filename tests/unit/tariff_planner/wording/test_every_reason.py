"""Every reason becomes a whole sentence in every language, whatever of it is known."""

import re
from dataclasses import fields
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ems.contract.message import Language
from support.said import MAX_CHARACTERS, NOW, classes, examples
from tariff_planner.domain.wording.plan import Summary
from tariff_planner.domain.wording.problems import NotExplained, OddFacts
from tariff_planner.domain.wording.renderer import RENDERERS, Renderer
from tariff_planner.domain.wording.savings import SavingsMethod

SAYS = Renderer(ZoneInfo("Europe/Berlin"), NOW, "NOK")
ODD = re.compile(r"  | [,.;:]|,\.|::|\{|\}|None|nan|inf\b|True|False|\. \w*\.$|-0[.,]0\b")


LONGER = Summary | OddFacts | NotExplained | SavingsMethod
"""The sentence of several devices, what the code says of a fault, and a footnote."""


def published_classes() -> list[type[Any]]:
    return [cls for cls in classes() if cls.__module__.endswith((".battery", ".vehicle"))]


def test_every_language_has_a_renderer() -> None:
    assert set(RENDERERS) == set(Language)
    assert len(classes()) > 25
    assert len({cls.kind for cls in classes()}) == len(classes()), "a kind is one reason"


@pytest.mark.parametrize("cls", classes(), ids=lambda cls: cls.__name__)
def test_it_is_a_whole_sentence_in_every_language_and_fits_a_phone(cls: type) -> None:
    said = 0
    for reason in examples(cls):
        text = SAYS.text(reason)
        for language in Language:
            words = text.in_language(language)
            said += 1
            assert words.endswith("."), words
            assert not ODD.search(words), words
            assert len(words) <= MAX_CHARACTERS or isinstance(reason, LONGER), words
        assert len({text.en, text.de, text.nl}) == 3, "no language borrows another's sentence"
    assert said


@pytest.mark.parametrize("cls", classes(), ids=lambda cls: cls.__name__)
def test_numbers_have_the_languages_own_decimal_sign(cls: type) -> None:
    for reason in examples(cls):
        text = SAYS.text(reason)
        assert not re.search(r"\d,\d", text.en), text.en
        assert not re.search(r"\d\.\d", f"{text.de} {text.nl}".replace(".1.", "")), text.de


def test_reasons_of_devices_are_published_with_stable_kinds() -> None:
    """Automations hang on them: a kind is never renamed, a parameter never changes its meaning."""
    assert {cls.kind for cls in published_classes()} == {
        "battery_charges",
        "battery_follows",
        "battery_holds",
        "battery_idle",
        "battery_keeps_reserve",
        "battery_leaves_room",
        "battery_not_for_cars",
        "battery_on_wish",
        "battery_weighed",
        "car_away",
        "car_charges",
        "car_full",
        "car_has_goal",
        "car_not_charged",
        "car_on_wish",
        "car_waits",
        "car_weighed",
    }


def test_docs_list_every_published_kind_with_its_parameters() -> None:
    page = (Path(__file__).parents[4] / "docs" / "planning.md").read_text("utf-8")
    rows = {line.split("`")[1]: line for line in page.splitlines() if line.startswith(("| `battery_", "| `car_"))}
    for cls in published_classes():
        parameters = {field.name for field in fields(cls)} - {"during", "who"}
        assert {name for name in parameters if f"`{name}`" not in rows[cls.kind]} == set(), cls.kind
