"""What is wrong with a JSON file before a model reads it: unknown keys, times that could mean anything, no numbers."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from math import inf
from typing import Any

from pydantic_core import ErrorDetails

from ems.contract.validation import at, nearest

_A_TIME, _A_DURATION = "2026-01-14T05:00:00Z", "PT12H"
_MOST = 1e10
"""No energy in Wh, power in W or price in any currency is larger."""
_FEW = 3


def few(wrong: Sequence[str]) -> str:
    """What is wrong in one line; where the same mistake is in every step, the first of them."""
    more = len(wrong) - _FEW
    return "; ".join([*wrong[:_FEW], *([f"and {more} more"] if more > 0 else [])])


def in_words(error: ErrorDetails) -> str:
    """What a model says of a value, with its place and what to write instead."""
    path = at(error["loc"])
    words = error["msg"].removeprefix("Value error, ")
    if error["type"].startswith("datetime"):
        words = f"{error['input']!r} is no time such as {_A_TIME}"
    elif error["type"].startswith("time_delta"):
        words = f"{error['input']!r} is no duration such as {_A_DURATION}"
    return f"{path}: {words}" if path else words


def read_object(text: str) -> dict[str, Any]:
    """The JSON object in ``text``.

    Raises:
        ValueError: it is none, has a key twice, or numbers that are none; the text says which.
    """
    content = json.loads(text, object_pairs_hook=_once, parse_constant=_no_number)
    if not isinstance(content, dict):
        raise ValueError("must be a JSON object")  # noqa: TRY004  # one kind of error for all that is wrong in a file
    return content


def odd_places(content: Any, schema: Mapping[str, Any]) -> list[str]:
    """In words each key that the JSON Schema does not know, with the nearest one, and each time without an offset."""
    return list(_odd(content, schema, schema.get("$defs", {}), ""))


def _odd(value: Any, schema: Mapping[str, Any], defs: Mapping[str, Any], path: str) -> Iterator[str]:
    node = _resolved(schema, defs)
    if isinstance(value, dict) and "properties" in node:
        known = node["properties"]
        for key, inner in value.items():
            where = f"{path}.{key}" if path else key
            if key not in known:
                yield f"{where}: unknown{nearest(key, known)}; known are {', '.join(sorted(known))}"
            else:
                yield from _odd(inner, known[key], defs, where)
    elif isinstance(value, list) and "items" in node:
        for index, inner in enumerate(value):
            yield from _odd(inner, node["items"], defs, f"{path}.{index}")
    elif (wrong := _wrong(value, node)) is not None:
        yield f"{path}: {wrong}"


def _wrong(value: Any, node: Mapping[str, Any]) -> str | None:
    """What a value could be mistaken for, where a model would read it all the same."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    match node.get("format") or node.get("type"):
        case "date-time" if is_number:
            return f"{value} is a number; a time is text such as {_A_TIME}"
        case "date-time" if isinstance(value, str) and _is_naive(value):
            return f"{value!r} needs its offset from UTC, such as {value}Z or {value}+01:00"
        case "duration" if is_number:
            return f"{value} needs its unit: a duration is text such as {_A_DURATION}"
        case "number" | "integer" if isinstance(value, bool | str):
            return f"{json.dumps(value)} is no number; a number stands without quotes, with a point, without a unit"
        case "number" | "integer" if is_number and _MOST < abs(value) < inf:
            return f"{value} is too large to be meant"
    return None


def _is_naive(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is None
    except ValueError:
        return False  # no time at all: the model says so


def _resolved(schema: Mapping[str, Any], defs: Mapping[str, Any]) -> Mapping[str, Any]:
    while True:
        if "$ref" in schema:
            schema = defs[schema["$ref"].rsplit("/", 1)[-1]]
        elif "anyOf" in schema:
            schema = next((each for each in schema["anyOf"] if each.get("type") != "null"), {})
        else:
            return schema


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f"{next(key for key in keys if keys.count(key) > 1)}: given twice in one object")
    return found


def _no_number(word: str) -> float:
    raise ValueError(f"{word} is no number")
