"""What people write for what a setting means: ``7:00`` for 07:00, ``Mon`` for mon, 0123 for a PIN. Pure.

pydantic is strict where it knows no better (no text from a number) and generous where it should not be (7 is seven
seconds after midnight). Here both are put right before it looks, by the model's JSON Schema.
"""

import re
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from ems.contract.validation import Place, Schema, named, schema_of
from ems.runtime.notation.names import name_of
from ems.runtime.notation.yaml12 import WrittenFloat, WrittenInt

_TIME = re.compile(r"(?P<hour>[01]?\d|2[0-3]):(?P<rest>[0-5]\d(:[0-5]\d)?)")
_SCALAR = (str, int, float)


def coerce(given: Any, model: type[BaseModel]) -> tuple[Any, dict[Place, str]]:
    """``given`` as ``model`` wants it, and what cannot be meant, by its place in words that hold no value."""
    walk = _Walk(schema_of(model))
    return walk.node(given, walk.schema.root, ()), walk.problems


class _Walk:
    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.problems: dict[Place, str] = {}

    def node(self, given: Any, node: Any, place: Place) -> Any:
        """``given`` as ``node`` wants it."""
        choices = self.schema.choices(node)
        if len(choices) == 1:
            return self._choice(given, choices[0], place)
        for choice in choices:
            attempt = _Walk(self.schema)
            found = attempt._choice(given, choice, place)
            if not attempt.problems and _is_of(found, choice):
                return found
        # Nothing fits; what is wrong inside a group is worth more than that it is no group.
        group = next((c for c in choices if isinstance(given, Mapping) and c.get("type") == "object"), None)
        return self._choice(given, group, place) if group else given

    def _choice(self, given: Any, node: dict[str, Any], place: Place) -> Any:
        if given is None or not node:
            return given
        if "enum" in node or "const" in node:
            return _member(given, node.get("enum", [node.get("const")]))
        match node.get("type"):
            case "object":
                return self._object(given, node, place)
            case "array":
                return self._array(given, node, place)
            case "string":
                return self._time(given, place) if node.get("format") == "time" else as_written(given)
            case "integer" | "number" if isinstance(given, bool):
                # True is 1 to Python.
                self.problems[place] = "must be a number"
        return given

    def _object(self, given: Any, node: dict[str, Any], place: Place) -> Any:
        if not isinstance(given, Mapping):
            what = "a name, and below it its settings" if named(node) is not None else "key: value"
            self.problems[place] = f"must be a mapping ({what})"
            return given
        forms = node.get("patternProperties", {})
        found: dict[Any, Any] = {}
        for written, value in given.items():
            key = as_written(written)
            below = (*place, key if isinstance(key, str) else str(key))
            if not isinstance(key, str):
                self.problems[below] = "a key must be a word; put it in quotes"
            elif key not in node.get("properties", {}) and forms and not any(re.search(form, key) for form in forms):
                meant = name_of(key)
                instead = f"; write {meant}" if meant else ""
                self.problems[below] = f"a name may have a-z, 0-9, _ and - only, and at most 64 of them{instead}"
            elif key in found:
                self.problems[below] = "is there twice"
            found[key] = self.node(value, node.get("properties", {}).get(key) or named(node), below)
        return found

    def _array(self, given: Any, node: dict[str, Any], place: Place) -> Any:
        if isinstance(given, list):
            return [self.node(value, node.get("items"), (*place, index)) for index, value in enumerate(given)]
        if isinstance(given, Mapping):
            self.problems[place] = "must be a list: begin each entry with a dash"
        elif isinstance(given, _SCALAR):
            self.problems[place] = "must be a list, such as [a, b], also for one"
        return given

    def _time(self, given: Any, place: Place) -> Any:
        if isinstance(given, str) and (match := _TIME.fullmatch(given.strip())):
            return f"{match['hour']:0>2}:{match['rest']}"
        self.problems[place] = 'must be a time of day such as "07:00"'
        return given


def as_written(given: Any) -> Any:
    """The text of a number as it stands in its file, with leading zeros; whatever is no number as it is."""
    if isinstance(given, WrittenInt | WrittenFloat):
        return given.text
    return str(given) if isinstance(given, int | float) and not isinstance(given, bool) else given


def _member(given: Any, members: list[Any]) -> Any:
    """The one of ``members`` that reads like ``given``, whatever its capitals; ``given`` when there is none."""
    text = as_written(given)
    if not isinstance(text, str):
        return given
    return next((member for member in members if str(member).casefold() == text.strip().casefold()), given)


def _is_of(value: Any, node: dict[str, Any]) -> bool:
    if "enum" in node or "const" in node:
        return value in node.get("enum", [node.get("const")])
    kinds: dict[str, tuple[type, ...]] = {
        "object": (Mapping,),
        "array": (list,),
        "string": (str,),
        "boolean": (bool,),
        "integer": (int,),
        "number": (int, float),
    }
    return isinstance(value, kinds.get(node.get("type", ""), (object,)))
