"""What all messages have in common, and how bytes become one or are refused in words."""

import json
from collections.abc import Iterable
from difflib import get_close_matches
from enum import StrEnum
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError


class Malformed(ValueError):
    """A payload that is not what its topic carries; the text says what is wrong and what is allowed."""


class Part(BaseModel):
    """A piece of a message. Unknown fields are passed over: a newer sender may say more."""

    model_config = ConfigDict(
        frozen=True,
        strict=True,
        extra="ignore",
        allow_inf_nan=False,
        hide_input_in_errors=True,
        ser_json_inf_nan="null",
    )


class Message(Part):
    """A payload of one topic. A new optional field keeps ``v``; anything else is a new class and topic."""

    v: Literal[1] = Field(default=1, description="version of this message")

    @classmethod
    def parse(cls, payload: bytes) -> Self:
        """The message in ``payload`` (UTF-8 JSON).

        Raises:
            Malformed: with words that name each wrong field; never with the payload itself.
        """
        try:
            return cls.model_validate_json(payload)
        except ValidationError as error:
            raise Malformed(in_words(error, cls)) from None

    def payload(self) -> bytes:
        """This message as UTF-8 JSON; absent is absent, so fields that are None are left out."""
        return self.model_dump_json(exclude_none=True).encode()


class Command(Message):
    """What a person or a program asks for. Unknown fields are refused: they are typing errors."""

    model_config = ConfigDict(extra="forbid")

    id: str | None = Field(default=None, max_length=128, description="returned in the result, for the sender's use")


class Language(StrEnum):
    """The languages of the house."""

    EN = "en"
    DE = "de"
    NL = "nl"


class Text(Part):
    """Words for people, in the languages of the house. Which service speaks them all is seen by what is there."""

    en: str
    de: str
    nl: str | None = Field(default=None, description="absent: the English is read")

    def in_language(self, language: str) -> str:
        """The words in ``language``; in English where there are none."""
        return str(getattr(self, language, None) or self.en)


def in_words(error: ValidationError, model: type[BaseModel]) -> str:
    """What is wrong with which field, and what is allowed, without any value that was given."""
    return "; ".join(_one(e, model) for e in error.errors(include_input=False, include_url=False))


def nearest(name: str, known: Iterable[str]) -> str:
    """`` (did you mean 'x'?)`` for the known name nearest to ``name``, or nothing."""
    close = get_close_matches(name, list(known), n=1)
    return f" (did you mean {close[0]!r}?)" if close else ""


def _one(e: Any, model: type[BaseModel]) -> str:
    path = ".".join(str(part) for part in e["loc"])
    if e["type"] == "extra_forbidden":
        known = _fields_at(model, e["loc"][:-1])
        return f"{path}: unknown{nearest(str(e['loc'][-1]), known)}; known are {', '.join(sorted(known))}"
    if e["type"] == "missing":
        return f"{path}: missing"
    if e["type"] == "json_invalid":
        return "not valid JSON"
    return f"{path or 'the whole payload'}: {e['msg'][:1].lower()}{e['msg'][1:]}"


def _fields_at(model: type[BaseModel], loc: tuple[int | str, ...]) -> set[str]:
    """Names of the fields of the model that stands at ``loc`` below ``model``."""
    schema: Any = model.model_json_schema(by_alias=True)
    defs = schema.get("$defs", {})
    node: Any = schema
    for part in loc:
        node = _resolve(node, defs)
        if isinstance(part, int):
            node = node.get("items", {})
        else:
            node = node.get("properties", {}).get(part) or named(node) or {}
    node = _resolve(node, defs)
    return set(node.get("properties", {})) - {"v"}


def named(node: dict[str, Any]) -> dict[str, Any] | None:
    """The schema of what stands under any name; names that must have a form (vehicles') stand under that form."""
    forms = [*node.get("patternProperties", {}).values(), node.get("additionalProperties")]
    return next((form for form in forms if isinstance(form, dict)), None)


def _resolve(node: Any, defs: dict[str, Any]) -> Any:
    """``node`` with a reference, or the one non-null choice of an optional, followed."""
    while True:
        if "$ref" in node:
            node = defs[node["$ref"].rsplit("/", 1)[-1]]
        elif "anyOf" in node:
            node = next((n for n in node["anyOf"] if n.get("type") != "null"), {})
        else:
            return node


def schema_text(model: type[BaseModel]) -> str:
    """The JSON Schema of ``model``, sorted and indented, ending with a newline."""
    return json.dumps(model.model_json_schema(mode="validation"), indent=2, sort_keys=True, ensure_ascii=False) + "\n"
