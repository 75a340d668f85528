"""What is said, as a frozen record: its kind and parameters for automations, its text in every language for people.

A record is a frozen dataclass with a stable ``kind``. A service has one module a language that turns its records into
sentences; nothing else makes any.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Protocol, cast
from zoneinfo import ZoneInfo

from pydantic import JsonValue

from ems.contract.message import Language, Reason, Text
from ems.i18n.formatter import Formatter
from ems.i18n.languages import LOCALES, in_every_language


class Record(Protocol):
    """Something that can be said; a frozen dataclass."""

    kind: ClassVar[str]
    """Stable: automations react to it."""


type Sentence[R] = Callable[[R, Formatter], str]
"""Says a record as one sentence of one language."""


@dataclass(frozen=True, slots=True)
class CommandAnswer:
    """What a command is answered, whether it was carried out or refused."""

    kind: str
    parameters: Mapping[str, str | float | bool]
    text: Text


class Wording[R: Record]:
    """Says one service's records in every language."""

    def __init__(self, sentences: Mapping[Language, Sentence[R]], zone: ZoneInfo, currency: str = "EUR") -> None:
        """Takes what all texts have in common.

        Args:
            sentences: each language's.
            zone: the site's, in which people are told moments.
            currency: the site's.
        """
        self._sentences, self._zone, self._currency = sentences, zone, currency

    def text(self, record: R, now: datetime) -> Text:
        """``record`` as a sentence in every language; days are named as seen ``now``."""
        return in_every_language(lambda language: self.sentence(record, language, now))

    def sentence(self, record: R, language: Language, now: datetime) -> str:
        """``record`` as a sentence in one language."""
        formatter = Formatter(LOCALES[language], self._zone, now, self._currency)
        return self._sentences[language](record, formatter)

    def answer(self, record: R, now: datetime) -> CommandAnswer:
        """``record`` as the answer to a command."""
        return CommandAnswer(record.kind, flat_parameters(record), self.text(record, now))


def reason(record: Record) -> Reason:
    """``record`` as data, as it is published beside its text."""
    return Reason(kind=record.kind, parameters=parameters(record))


def parameters(record: Any) -> dict[str, JsonValue]:
    """The fields of a record by name: without texts and what is None; moments in UTC, spans in seconds."""
    values = {field.name: getattr(record, field.name) for field in fields(record)}
    return {name: _json(value) for name, value in values.items() if value is not None and not isinstance(value, Text)}


def flat_parameters(record: Any) -> dict[str, str | float | bool]:
    """The same for an answer to a command: lists are words parted by commas, empty ones are left out."""
    flat = {name: _flat(value) for name, value in parameters(record).items()}
    return {name: value for name, value in flat.items() if value != ""}


def _json(value: Any) -> JsonValue:
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case timedelta():
            return value.total_seconds()
        case str():
            return str(value)  # Of a word of an enumeration the word alone.
        case float():
            return round(value, 4)
        case tuple():
            return [_json(each) for each in value]
    return _nested(value) if is_dataclass(value) else cast("JsonValue", value)


def _nested(record: Any) -> JsonValue:
    return {"kind": record.kind, **parameters(record)}


def _flat(value: JsonValue) -> str | float | bool:
    if isinstance(value, str | int | float | bool):
        return value
    return ", ".join(str(each) for each in value) if isinstance(value, list) else str(value)
