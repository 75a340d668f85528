"""What is wrong with given values, in words that name the place and what is allowed, and never hold a value."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from functools import cache
from typing import Any

from pydantic import BaseModel, ValidationError

from ems.contract.units import NAME_PATTERN

type Place = tuple[int | str, ...]
"""Keys and list indexes from the outermost mapping to a value."""

PATTERNS: Mapping[str, str] = {
    NAME_PATTERN: "must be 1 to 64 of a-z, 0-9, _ and -",
    r"^[a-z0-9_]{1,32}$": "must be 1 to 32 of a-z, 0-9 and _",
    r"^[A-Za-z0-9]+$": "must have letters and digits only",
    r"^[A-Za-z0-9_-]{1,64}$": "must be 1 to 64 of letters, digits, _ and -",
    r"^[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*$": "must be a topic such as evcc/ems: letters, digits, _ and -, parted by /",
    r"^[^+#/]+(/[^+#/]+)*$": "must be a topic such as evcc/core, without + and #, and without / at an end",
    r"^[^+#\x00$][^+#\x00]*$": "must be one topic, without the wildcards + and #, and not beginning with $",
    r"^[A-Za-z][A-Za-z0-9_.-]{0,127}$": "must begin with a letter, and have letters, digits, _, . and - only",
    r"^[0-2][0-9]:[0-5][0-9]$": 'must be a time of day such as "07:00"',
}
"""The forms of texts that settings and messages ask for, in words. People are never shown an expression."""

_LIST = "must be a list, such as [a, b], also for one"
_MAPPING = "must be a mapping (key: value)"
_WORDS = {
    "missing": "missing",
    "bool_parsing": "must be true or false",
    "bool_type": "must be true or false",
    "string_type": "must be a text; put it in quotes",
    "int_parsing": "must be an integer, without a unit",
    "float_parsing": "should be a valid number, with a point and without a unit",
    "url_parsing": "must be an address such as http://evcc.example:7070",
    "url_scheme": "must be an address such as http://evcc.example:7070",
    **dict.fromkeys(("tuple_type", "list_type", "set_type", "frozen_set_type"), _LIST),
    **dict.fromkeys(("dict_type", "mapping_type", "model_type", "model_attributes_type"), _MAPPING),
}
"""Words of ours for pydantic's kinds of errors, where its own speak of Python."""
_OF_KEYS = "[key]"


class MistakeKind(StrEnum):
    """What can be wrong with a value that was given."""

    MISSING = "missing"
    UNKNOWN_FIELD = "unknown_field"
    NOT_JSON = "not_json"
    TOO_LARGE = "too_large"
    NOT_A_CHOICE = "not_a_choice"
    OUT_OF_RANGE = "out_of_range"
    WRONG_LENGTH = "wrong_length"
    WRONG_FORM = "wrong_form"
    NOT_A_NUMBER = "not_a_number"
    NOT_A_MOMENT = "not_a_moment"
    NOT_A_TEXT = "not_a_text"
    NOT_YES_OR_NO = "not_yes_or_no"
    NOT_AN_OBJECT = "not_an_object"
    NOT_A_LIST = "not_a_list"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Mistake:
    """One field that was refused, as data; never with the value that was given."""

    fault: MistakeKind
    field: str
    """Where, as people write it: ``goals.0.soc_pct``; empty for the whole payload."""
    allowed: tuple[str, ...] = ()
    """The choices, the known fields, or the pattern."""
    least: float | None = None
    most: float | None = None
    """What is allowed: of a number's value, or a text's length."""
    unit: str | None = None
    meant: str | None = None
    """The known field that is written almost like an unknown one."""


def in_words(error: ValidationError, model: type[BaseModel]) -> str:
    """What is wrong with which field, and what is allowed, without any value that was given."""
    return "; ".join(f"{at(place) or 'the whole payload'}: {words}" for place, words in problems(error, model))


def problems(error: ValidationError, model: type[BaseModel]) -> list[tuple[Place, str]]:
    """The places at which a ``model`` was refused, and what is wrong there; several ways to be right are one line."""
    found: dict[Place, list[str]] = {}
    for e in error.errors(include_input=False, include_url=False):
        # Making a schema takes milliseconds; of the whole payload there is nothing to look up.
        place, known = schema_of(model).locate(e["loc"]) if e["loc"] else ((), set[str]())
        found.setdefault(place, []).append(_one(e, place, known))
    # What is wrong inside a group or a list says it all; that the whole is therefore no other choice is noise.
    around = {place[:depth] for place in found for depth in range(len(place))}
    return [(place, ", or ".join(dict.fromkeys(words))) for place, words in found.items() if place not in around]


def mistakes(error: ValidationError, model: type[BaseModel]) -> tuple[Mistake, ...]:
    """The fields at which a ``model`` was refused, as data; one mistake for each field."""
    found: dict[Place, Mistake] = {}
    for e in error.errors(include_input=False, include_url=False):
        place, known = schema_of(model).locate(e["loc"]) if e["loc"] else ((), set[str]())
        found.setdefault(place, _mistake(e, place, known, model))
    around = {place[:depth] for place in found for depth in range(len(place))}
    return tuple(mistake for place, mistake in found.items() if place not in around)


def at(place: Place) -> str:
    """A place as people write it: ``drivers.anna.vehicles.0``."""
    return ".".join(str(part) for part in place)


def closest(name: str, known: Iterable[str]) -> str | None:
    """The known name that is written almost like ``name``, or begins as it does; None where none is."""
    names = list(known)
    same = [n for n in names if n.casefold() == name.casefold()]
    longer = [n for n in names if n.startswith(f"{name}_")]
    return next(iter([*same, *get_close_matches(name, names, n=1), *longer]), None)


def nearest(name: str, known: Iterable[str]) -> str:
    """`` (did you mean 'x'?)`` for the known name nearest to ``name``, or nothing."""
    close = closest(name, known)
    return f" (did you mean {close!r}?)" if close else ""


def unknown(name: str, known: Iterable[str]) -> str:
    """That a key is not known, which one was meant, and which there are."""
    names = sorted(known)
    if f"{name}_credential" in names:
        return f"unknown; a secret does not belong here: give {name}_credential"
    return f"unknown{nearest(name, names)}; known are {', '.join(names)}"


def named(node: Mapping[str, Any]) -> dict[str, Any] | None:
    """The schema of what stands under any name; names that must have a form (vehicles') stand under that form."""
    forms = [*node.get("patternProperties", {}).values(), node.get("additionalProperties")]
    return next((form for form in forms if isinstance(form, dict)), None)


@cache
def schema_of(model: type[BaseModel]) -> "Schema":
    """The schema of ``model``, made once."""
    return Schema(model)


class Schema:
    """A model's JSON Schema, to be followed key by key."""

    def __init__(self, model: type[BaseModel]) -> None:
        self.root: dict[str, Any] = model.model_json_schema(by_alias=True)
        self._defs: dict[str, Any] = self.root.get("$defs", {})

    def resolved(self, node: Any) -> dict[str, Any]:
        """``node`` with a reference followed; what allows everything is empty."""
        while isinstance(node, dict) and "$ref" in node:
            node = self._defs[node["$ref"].rsplit("/", 1)[-1]]
        return node if isinstance(node, dict) else {}

    def choices(self, node: Any) -> list[dict[str, Any]]:
        """What ``node`` may be, besides null."""
        node = self.resolved(node)
        if "anyOf" not in node:
            return [node]
        return [each for choice in node["anyOf"] for each in self.choices(choice) if each.get("type") != "null"]

    def _fields(self, node: Any) -> set[str]:
        """The keys that ``node`` has."""
        return {name for choice in self.choices(node) for name in choice.get("properties", {})} - {"v"}

    def limits(self, loc: tuple[int | str, ...]) -> dict[str, Any]:
        """The schema of the value at pydantic's ``loc``; empty where it may be of several kinds."""
        nodes = [self.resolved(self.root)]
        for part in loc:
            below = [found for node in nodes for choice in self.choices(node) for found in _below(choice, part)]
            nodes = [self.resolved(node) for node in below] or nodes
        found = [choice for node in nodes for choice in self.choices(node)]
        return found[0] if len(found) == 1 else {}

    def locate(self, loc: tuple[int | str, ...]) -> tuple[Place, set[str]]:
        """The place of pydantic's ``loc``, without its marks of choices, and the keys that are known there."""
        place: list[int | str] = []
        node = parent = self.resolved(self.root)
        marked = False
        for part in loc:
            if part == _OF_KEYS:
                continue
            choices = self.choices(node)
            below = [found for choice in choices for found in _below(choice, part)]
            if not below and len(choices) > 1 and not marked:
                marked = True  # a choice's mark: its class, type or word
                continue
            parent, marked = node, False
            node = {} if not below else self.resolved(below[0]) if len(below) == 1 else {"anyOf": below}
            place.append(part)
        return tuple(place), self._fields(parent)


def _below(node: Mapping[str, Any], part: int | str) -> Iterator[Any]:
    if isinstance(part, int):
        if "items" in node:
            yield node["items"]
    elif part in node.get("properties", {}):
        yield node["properties"][part]
    elif (form := named(node)) is not None:
        yield form


def _one(e: Any, place: Place, known: set[str]) -> str:
    kind, message = e["type"], str(e["msg"])
    if kind == "extra_forbidden":
        return unknown(str(place[-1]), known)
    if kind == "json_invalid":
        return "not valid JSON"
    if kind == "string_pattern_mismatch":
        return PATTERNS.get(e["ctx"]["pattern"], "has another form than is allowed here")
    if kind.startswith("time_"):
        return 'must be a time of day such as "07:00"'
    # JSON's errors speak of arrays and objects, and need no translation.
    ours = None if "array" in message or "object" in message else _WORDS.get(kind)
    words = ours or message.removeprefix("Value error, ")
    # `uRL` is no word.
    return words[:1].lower() + words[1:] if re.match(r"[A-Z][a-z ]", words) else words


_FAULTS = {
    "missing": MistakeKind.MISSING,
    "extra_forbidden": MistakeKind.UNKNOWN_FIELD,
    "json_invalid": MistakeKind.NOT_JSON,
    "literal_error": MistakeKind.NOT_A_CHOICE,
    "enum": MistakeKind.NOT_A_CHOICE,
    "string_pattern_mismatch": MistakeKind.WRONG_FORM,
    "string_type": MistakeKind.NOT_A_TEXT,
    "timezone_aware": MistakeKind.NOT_A_MOMENT,
    **dict.fromkeys(("greater_than", "greater_than_equal", "less_than", "less_than_equal"), MistakeKind.OUT_OF_RANGE),
    **dict.fromkeys(("string_too_short", "string_too_long"), MistakeKind.WRONG_LENGTH),
    **dict.fromkeys(("finite_number", "float_type", "float_parsing"), MistakeKind.NOT_A_NUMBER),
    **dict.fromkeys(("int_type", "int_parsing", "int_from_float"), MistakeKind.NOT_A_NUMBER),
    **dict.fromkeys(("bool_type", "bool_parsing"), MistakeKind.NOT_YES_OR_NO),
    **dict.fromkeys(("datetime_type", "datetime_parsing", "datetime_from_date_parsing"), MistakeKind.NOT_A_MOMENT),
    **dict.fromkeys(("tuple_type", "list_type"), MistakeKind.NOT_A_LIST),
    **dict.fromkeys(("dict_type", "model_type", "model_attributes_type"), MistakeKind.NOT_AN_OBJECT),
}
"""Pydantic's kinds of errors."""


def _mistake(e: Any, place: Place, known: set[str], model: type[BaseModel]) -> Mistake:
    fault, field, given = _FAULTS.get(e["type"], MistakeKind.OTHER), at(place), e.get("ctx", {})
    match fault:
        case MistakeKind.UNKNOWN_FIELD:
            name = str(place[-1])
            return Mistake(fault, field, tuple(sorted(known)), meant=closest(name, sorted(known)))
        case MistakeKind.NOT_A_CHOICE:
            return Mistake(fault, field, tuple(re.findall(r"'([^']*)'", str(given.get("expected", "")))))
        case MistakeKind.WRONG_FORM:
            return Mistake(fault, field, (str(given["pattern"]),))
        case MistakeKind.OUT_OF_RANGE:
            limits = schema_of(model).limits(e["loc"])
            least, most = (limits.get(f"{bound}imum", limits.get(f"exclusive{bound.title()}imum")) for bound in _BOUNDS)
            return Mistake(fault, field, least=least, most=most, unit=limits.get("unit"))
        case MistakeKind.WRONG_LENGTH:
            limits = schema_of(model).limits(e["loc"])
            return Mistake(fault, field, least=limits.get("minLength"), most=limits.get("maxLength"))
    return Mistake(fault, field)


_BOUNDS = ("min", "max")
