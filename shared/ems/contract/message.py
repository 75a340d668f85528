"""What all messages have in common, and how bytes become one or are refused in words."""

import json
from enum import StrEnum
from math import isfinite
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue, ValidationError
from pydantic_core import PydanticKnownError

from ems.contract.validation import Mistake, in_words, mistakes


class Malformed(ValueError):
    """A payload that is not what its topic carries; the text says in English what is wrong and what is allowed."""

    def __init__(self, words: str, found: tuple[Mistake, ...] = ()) -> None:
        super().__init__(words)
        self.mistakes = found
        """The same as data, where single fields are wrong."""


class Part(BaseModel):
    """A piece of a message. Unknown fields are passed over: a newer sender may say more."""

    model_config = ConfigDict(
        frozen=True,
        # A service meets a third of the messages: what it never reads or writes is not built, and costs it no memory.
        defer_build=True,
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
            raise Malformed(in_words(error, cls), mistakes(error, cls)) from None

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
    nl: str | None = Field(default=None, exclude_if=lambda words: words is None, description="absent: English is read")

    def in_language(self, language: str) -> str:
        """The words in ``language``; in English where there are none."""
        return str(getattr(self, language, None) or self.en)


def _told(value: JsonValue) -> JsonValue:
    """``value``; refused where it holds a number that is none (NaN): pydantic looks at those of Python's alone."""
    if not _finite(value):
        raise PydanticKnownError("finite_number")
    return value


def _finite(value: JsonValue) -> bool:
    match value:
        case float():
            return isfinite(value)
        case dict():
            return all(map(_finite, value.values()))
        case list():
            return all(map(_finite, value))
        case _:
            return True


class Reason(Part):
    """Why, as data: what a text says, for automations. Kinds and parameters: docs/planning.md, docs/operations.md."""

    kind: str = Field(description="stable; others may come")
    parameters: dict[str, Annotated[JsonValue, AfterValidator(_told)]] = Field(
        default_factory=dict, description="by name; what is not known is absent"
    )


def schema_text(model: type[BaseModel]) -> str:
    """The JSON Schema of ``model``, sorted and indented, ending with a newline."""
    return json.dumps(model.model_json_schema(mode="validation"), indent=2, sort_keys=True, ensure_ascii=False) + "\n"
