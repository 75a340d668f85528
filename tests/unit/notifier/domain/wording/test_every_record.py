"""Everything that the notifier says is said in every language, whatever of it is known."""

import re
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ems.contract.message import Language
from notifier.domain.wording.dutch import tables as dutch
from notifier.domain.wording.english import tables as english
from notifier.domain.wording.german import tables as german
from notifier.domain.wording.goals import GoalIs
from notifier.domain.wording.introductions import ForStrangers, Help
from notifier.domain.wording.news import NEWS, InOthersWords, News
from notifier.domain.wording.outcomes import Chosen, PossibleAnswers
from notifier.domain.wording.questions import ASKED, Asked, CodeOffered
from notifier.domain.wording.records import (
    Answered,
    OldOrderStays,
    ReadLate,
    Said,
    WrittenEarlier,
)
from notifier.domain.wording.remarks import BotCommand, Label, Remark
from notifier.domain.wording.renderer import RENDERERS, Renderer, for_strangers, menu
from support.said import MAX_CHARACTERS, NOW, PLAIN, examples, members

CLASSES = [cls for cls in members(Said) if cls not in {Remark, Label}]
PLAIN[Said] = [Remark.WHICH_CAR, GoalIs("Familienkutsche", 80, NOW, "anna")]
"""What stands in a record that holds another one."""
SAYS = Renderer(ZoneInfo("Europe/Berlin"), NOW)
ODD = re.compile(r"  | [,.;:](?!\.)|,\.|::|\.\.|\{|\}|None|nan|inf\b|True|False|-0[.,]0\b")
LONGER = ReadLate | WrittenEarlier | OldOrderStays | Answered | CodeOffered | Help | PossibleAnswers
"""Those that hold a driver's or another service's words, and a page."""
BORROWED = Chosen | InOthersWords
"""Names, and what others say."""
TABLES = (english, german, dutch)


def test_every_language_has_a_renderer_and_a_kind_is_one_record() -> None:
    assert set(RENDERERS) == set(Language)
    kinds = [cls.kind for cls in CLASSES]
    assert len(set(kinds)) == len(kinds) > 40
    assert not set(kinds) & {remark.value for remark in Remark}, "a result's kind is one answer"
    assert set(members(Asked)) == set(ASKED)
    assert set(members(News)) == set(NEWS)


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_a_record_is_said_in_every_language_and_fits_a_phone(cls: type[Any]) -> None:
    said = 0
    for record in examples(cls):
        text = SAYS.text(record)
        for language in Language:
            words = text.in_language(language)
            said += 1
            assert words
            assert not ODD.search(words), words
            assert len(words) <= MAX_CHARACTERS or isinstance(record, LONGER), words
        answer = SAYS.answer(record)
        assert answer.kind == cls.kind
        assert all(isinstance(value, str | float | int) for value in answer.parameters.values())
        assert not re.search(r"\d,\d", text.en), text.en
        assert not re.search(r"\d\.\d", re.sub(r"\d+\.\d+\. ", "", f"{text.de} {text.nl}")), text.de
        if not isinstance(record, BORROWED) and re.search("[A-Za-z]{4}", text.en.replace("Familienkutsche", "")):
            assert len({text.en, text.de, text.nl}) == 3, "no language borrows another's sentence"
    assert said


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.__name__.split(".")[-2])
def test_every_remark_label_and_command_has_its_words(table: Any) -> None:
    assert (set(table.REMARKS), set(table.LABELS), set(table.COMMANDS)) == (set(Remark), set(Label), set(BotCommand))
    assert all(len(words) <= MAX_CHARACTERS for words in table.REMARKS.values())
    assert all(len(words) <= 20 for words in table.LABELS.values()), "three of them stand in a row"
    assert all(len(words) <= 60 for words in table.COMMANDS.values())


def test_no_language_borrows_another_ones_remark() -> None:
    for remark in set(Remark) - {Remark.YES}:
        assert len({table.REMARKS[remark] for table in TABLES}) == 3, remark


def test_the_menu_is_in_every_language() -> None:
    assert {name for language in Language for name, _ in menu(language)} == {command.value for command in BotCommand}


@pytest.mark.parametrize("cls", list(members(ForStrangers)), ids=lambda cls: cls.__name__)
def test_a_stranger_is_told_in_every_language_within_what_a_pressed_button_shows(cls: type[Any]) -> None:
    words = for_strangers(cls(10**10))
    assert len(words.splitlines()) == len(Language)
    if cls.__name__ == "NotADriver":
        assert len(words) <= 200, "Telegram cuts the answer to a pressed button there"
