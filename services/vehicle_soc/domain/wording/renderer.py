"""From records to texts in every language, and to the data that is published beside them."""

from dataclasses import fields
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from pydantic import JsonValue

from ems.contract.message import Language, Text
from ems.contract.message import Reason as PublishedReason
from ems.i18n.formatter import Formatter
from ems.i18n.languages import LOCALES, in_every_language
from vehicle_soc.domain.wording.dutch import sentences as dutch
from vehicle_soc.domain.wording.english import sentences as english
from vehicle_soc.domain.wording.german import sentences as german
from vehicle_soc.domain.wording.reasons import Reason

RENDERERS = {Language.EN: english.sentence, Language.DE: german.sentence, Language.NL: dutch.sentence}
_FORMATTERS = {
    language: Formatter(locale, ZoneInfo("UTC"), datetime(2000, 1, 1, tzinfo=UTC))
    for language, locale in LOCALES.items()
}
"""None of the records names a moment or money."""


def text(reason: Reason) -> Text:
    """The sentences for ``reason`` in every language."""
    return in_every_language(lambda language: RENDERERS[language](reason, _FORMATTERS[language]))


def published(reason: Reason) -> PublishedReason:
    """The record as facts carry it; what is None is left out."""
    values = {field.name: getattr(reason, field.name) for field in fields(reason) if field.name != "kind"}
    parameters: dict[str, JsonValue] = {name: _json(value) for name, value in values.items() if value is not None}
    return PublishedReason(kind=reason.kind, parameters=parameters)


def _json(value: str | float | tuple[str, ...] | Text) -> JsonValue:
    match value:
        case Text():
            return value.en
        case tuple():
            return list(value)
        case bool() | str():
            return value
        case float() | int():
            return round(value, 1)
