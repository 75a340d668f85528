"""What is wrong with a JSON file before a model reads it: unknown keys, times that could mean anything, no numbers."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from ems.contract.validation import nearest


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
    elif node.get("format") == "date-time" and isinstance(value, str) and _is_naive(value):
        yield f"{path}: {value!r} needs its offset from UTC, such as {value}Z or {value}+01:00"


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
