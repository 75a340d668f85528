"""Every reason that vehicle-soc gives becomes whole sentences in every language, and data beside them."""

import re
from dataclasses import fields
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ems.contract.message import Language
from ems.i18n.records import reason as published
from support.said import MAX_CHARACTERS, NOW, examples, members
from vehicle_soc.domain.wording.answers import OwnAnswer
from vehicle_soc.domain.wording.problems import InOwnWords, Problem
from vehicle_soc.domain.wording.reasons import Reason
from vehicle_soc.domain.wording.renderer import RENDERERS, answers, text

ODD = re.compile(r"  | [,.;:]|,\.|::|\.\.|\{|\}|None|nan|inf\b|True|False|-0[.,]0\b")
SAYS = answers(ZoneInfo("Europe/Berlin"))
CLASSES = list(dict.fromkeys(members(Reason)))
PAGE = (Path(__file__).parents[5] / "docs" / "vehicles.md").read_text("utf-8").partition("as data\n")[2]


def test_every_language_has_a_renderer_and_a_kind_is_one_reason() -> None:
    assert set(RENDERERS) == set(Language)
    assert len({cls.kind for cls in CLASSES}) == len(CLASSES) > 25


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_it_is_whole_sentences_in_every_language_and_fits_a_phone(cls: type[Any]) -> None:
    said = 0
    for reason in examples(cls):
        told = text(reason)
        for language in Language:
            words = told.in_language(language)
            said += 1
            assert words.endswith("."), words
            assert not ODD.search(words), words
            assert len(words) <= MAX_CHARACTERS, words
        assert len({told.en, told.de, told.nl}) == 3, "no language borrows another's sentence"
        assert not re.search(r"\d,\d", told.en), told.en
        assert not re.search(r"\d\.\d", f"{told.de} {told.nl}"), told.de
    assert said


def test_a_plug_ins_own_words_are_the_same_in_every_language() -> None:
    told = text(InOwnWords.untranslated("the cable is wet"))
    assert {told.en, told.de, told.nl} == {"the cable is wet"}


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_it_is_published_as_data_and_the_docs_name_its_kind_and_parameters(cls: type[Any]) -> None:
    """Automations hang on them: a kind is never renamed, a parameter never changes its meaning."""
    row = next(line for line in PAGE.splitlines() if line.startswith(f"| `{cls.kind}` |"))
    for reason in examples(cls):
        data = published(reason)
        assert data.kind == cls.kind
        assert set(data.parameters) <= {field.name for field in fields(cls)}
        assert all(f"`{name}`" in row for name in data.parameters), row


@pytest.mark.parametrize("cls", list(members(OwnAnswer)), ids=lambda cls: cls.__name__)
def test_a_command_is_answered_in_every_language_and_as_data(cls: type[Any]) -> None:
    for answer in examples(cls):
        told = SAYS.answer(answer, NOW)
        assert told.kind == cls.kind
        words = [told.text.in_language(language) for language in Language]
        assert len(set(words)) == len(Language)
        assert all(said.endswith(".") and not ODD.search(said) and len(said) <= MAX_CHARACTERS for said in words)
    assert f"`{cls.kind}`" in PAGE


@pytest.mark.parametrize("cls", list(members(Problem)), ids=lambda cls: cls.__name__)
def test_what_a_cloud_has_against_a_command_is_its_answer(cls: type[Any]) -> None:
    for problem in examples(cls):
        assert (told := SAYS.answer(problem, NOW)).kind == cls.kind
        assert told.text == text(problem)
