"""Whatever the gateway says is a whole sentence in every language, and data for automations."""

import re
import types
import typing
from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import Any, get_args, get_origin
from zoneinfo import ZoneInfo

import pytest

from ems.contract.control import ControllerName
from ems.contract.message import Language, Text
from ems.i18n.records import Wording, flat_parameters, reason
from evcc_poller.domain.wording.answers import CommandOutcome
from evcc_poller.domain.wording.control import (
    ControlReason,
    ProposalTooOld,
    Proposed,
)
from evcc_poller.domain.wording.events import CarEvent
from evcc_poller.domain.wording.renderer import GatewayWording
from evcc_poller.domain.wording.troubles import EvccRefused

NOW = datetime(2026, 1, 14, 21, tzinfo=UTC)
WORDING = GatewayWording(ZoneInfo("Europe/Berlin"))
GOLDEN = Path(__file__).parent / "golden"
DOCS = Path(__file__).parents[4] / "docs"
PLANNED = Proposed(ControllerName.LP, Text(en="Planned.", de="Geplant.", nl="Gepland."))
ODD = re.compile(r"  | [,.;:]|,\.|\.\.|::|\{|\}|`|None|\bnan\b|\binf\b|True|False|UTC|-0[.,]0\b")
PLAIN: dict[Any, list[Any]] = {
    bool: [False, True],
    int: [60, 80],
    float: [12.34, 80.0],
    str: ["loadpoint-1"],
    datetime: [NOW + timedelta(minutes=40), NOW + timedelta(days=1)],
    timedelta: [timedelta(minutes=90), timedelta(hours=6)],
    Text: [PLANNED.words],
}


def members(kind: Any) -> Iterator[type[Any]]:
    if isinstance(kind, typing.TypeAliasType):
        yield from members(kind.__value__)
    elif get_origin(kind) in {typing.Union, types.UnionType}:
        for member in get_args(kind):
            yield from members(member)
    else:
        yield kind


def values(kind: Any, name: str = "") -> list[Any]:
    if name == "power_w":
        return [-2500.0, 2500.0, 40.0, None]
    if kind is ControlReason:
        return [PLANNED]
    if kind in PLAIN:
        return PLAIN[kind]
    if get_origin(kind) in {typing.Union, types.UnionType}:
        given = [value for member in get_args(kind) if member is not type(None) for value in values(member)]
        return [*given, None] if type(None) in get_args(kind) else given
    if get_origin(kind) is tuple:
        return [tuple(values(get_args(kind)[0])[:2])]
    assert issubclass(kind, Enum), kind
    return list(kind)


def examples(cls: type[Any]) -> Iterator[Any]:
    """Records of a class: every value of each field once."""
    hints = typing.get_type_hints(cls)
    choices = {field.name: values(hints[field.name], field.name) for field in fields(cls)}
    plain = {name: given[0] for name, given in choices.items()}
    yield cls(**plain)
    for name, given in choices.items():
        for value in given[1:]:
            yield cls(**plain | {name: value})


EVERYTHING: list[tuple[type[Any], Wording[Any]]] = list(
    {
        (cls, wording)
        for kinds, wording in (
            (ControlReason, WORDING.control),
            (CarEvent, WORDING.events),
            (CommandOutcome, WORDING.answers),
        )
        for cls in members(kinds)
    }
)
EVERYTHING.sort(key=lambda pair: (pair[0].__name__, pair[1] is WORDING.answers))


def test_nothing_that_can_be_said_is_forgotten_here() -> None:
    assert len(EVERYTHING) > 45
    kinds = {cls: cls.kind for cls, _ in EVERYTHING}
    assert len(set(kinds.values())) == len(kinds), "a kind is one record"


@pytest.mark.parametrize(("cls", "wording"), EVERYTHING, ids=lambda x: getattr(x, "__name__", ""))
def test_it_is_a_whole_sentence_in_every_language_and_fits_a_phone(cls: type[Any], wording: Wording[Any]) -> None:
    for record in examples(cls):
        text = wording.text(record, NOW)
        said = [text.in_language(language) for language in Language]
        for words in said:
            assert words.endswith("."), words
            assert not ODD.search(words), words
            assert words[0].isupper() or words.startswith(("evcc", "loadpoint-1", "„", "'")), words
            assert len(words) <= 160, words
        assert len(set(said)) == 3, "no language borrows another's sentence"


@pytest.mark.parametrize(("cls", "wording"), EVERYTHING, ids=lambda x: getattr(x, "__name__", ""))
def test_it_is_published_as_data_too(cls: type[Any], wording: Wording[Any]) -> None:
    for record in examples(cls):
        data = reason(record)
        assert data.kind == cls.kind
        assert set(data.parameters) <= {field.name for field in fields(cls)}
        answer = wording.answer(record, NOW)
        assert dict(answer.parameters) == flat_parameters(record)


def test_moments_are_told_in_the_sites_zone_and_published_in_utc() -> None:
    record = ProposalTooOld(ControllerName.LP, NOW)
    text = WORDING.control.text(record, NOW)
    assert ["22:00" in text.in_language(language) for language in Language] == [True] * 3
    assert reason(record).parameters["proposed_at"] == "2026-01-14T21:00:00Z"


def test_what_evcc_said_itself_is_quoted_and_what_the_code_says_stays_english() -> None:
    text = WORDING.control.text(EvccRefused("evcc refuses POST /x: value too high", "value too high"), NOW)
    assert text == Text(
        en="evcc refused it: value too high.",
        de="evcc hat das abgelehnt und sagt dazu: „value too high“.",
        nl="evcc heeft dat geweigerd en zegt daarbij: 'value too high'.",
    )
    code = WORDING.control.text(EvccRefused("evcc answered 'off' when asked for mode now"), NOW)
    assert (code.de, code.nl) == ("evcc hat das abgelehnt.", "evcc heeft dat geweigerd.")


def page(language: Language) -> str:
    """Everything once, with its kind: what was read aloud before it was written down."""
    lines = []
    for cls, wording in EVERYTHING:
        for record in examples(cls):
            line = f"{cls.kind}: {wording.sentence(record, language, NOW)}\n"
            lines += [line] if line not in lines else []
    return "".join(lines)


@pytest.mark.parametrize("language", Language)
def test_everything_reads_as_it_was_approved(language: Language) -> None:
    """``python tests/unit/evcc_poller/wording/test_every_record.py`` writes the pages anew."""
    assert page(language) == (GOLDEN / f"{language}.txt").read_text("utf-8")


def test_the_docs_list_every_kind_with_its_parameters() -> None:
    text = (DOCS / "operations.md").read_text("utf-8")
    for cls in members(ControlReason):
        row = f"| `{cls.kind}` | {', '.join(f'`{f.name}`' for f in fields(cls) if f.type is not Text)} |"
        assert row.replace("|  |", "| |") in text, row


if __name__ == "__main__":
    for each in Language:
        (GOLDEN / f"{each}.txt").write_text(page(each), "utf-8")
