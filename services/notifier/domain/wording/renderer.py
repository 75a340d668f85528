"""From records to texts in every language, to the words of one, and to the answers of commands."""

from collections.abc import Iterable
from dataclasses import fields
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from ems.contract.message import Language, Text
from ems.i18n.formatter import Formatter
from ems.i18n.languages import LOCALES, in_every_language
from ems.i18n.records import CommandAnswer
from notifier.domain.wording.dutch import sentences as dutch
from notifier.domain.wording.dutch import tables as dutch_tables
from notifier.domain.wording.english import sentences as english
from notifier.domain.wording.english import tables as english_tables
from notifier.domain.wording.german import sentences as german
from notifier.domain.wording.german import tables as german_tables
from notifier.domain.wording.introductions import ForStrangers
from notifier.domain.wording.records import Said
from notifier.domain.wording.remarks import BotCommand

RENDERERS = {Language.EN: english.sentence, Language.DE: german.sentence, Language.NL: dutch.sentence}
_MENUS = {
    Language.EN: english_tables.COMMANDS,
    Language.DE: german_tables.COMMANDS,
    Language.NL: dutch_tables.COMMANDS,
}


class Renderer:
    """Makes words at one moment, in the site's zone."""

    def __init__(self, zone: ZoneInfo, now: datetime) -> None:
        self._formatters = {language: Formatter(locale, zone, now) for language, locale in LOCALES.items()}

    def words(self, said: Said, language: Language) -> str:
        """``said`` in one language."""
        return RENDERERS[language](said, self._formatters[language])

    def text(self, said: Said) -> Text:
        """``said`` in every language."""
        return in_every_language(lambda language: self.words(said, language))

    def lines(self, several: Iterable[Said], language: Language) -> str:
        """Each on a line of its own."""
        return "\n".join(self.words(said, language) for said in several)

    def answer(self, said: Said) -> CommandAnswer:
        """``said`` as the answer to a command."""
        kind = said.value if isinstance(said, StrEnum) else said.kind
        return CommandAnswer(kind, {} if isinstance(said, StrEnum) else dict(_parameters(said)), self.text(said))


def menu(language: Language) -> list[tuple[str, str]]:
    """The bot's commands and what they do."""
    return [(command.value, _MENUS[language][command]) for command in BotCommand]


def for_strangers(said: ForStrangers) -> str:
    """``said`` in every language, a line each."""
    text = Renderer(ZoneInfo("UTC"), datetime(2000, 1, 1, tzinfo=UTC)).text(said)
    return "\n".join(text.in_language(language) for language in Language)


def _parameters(record: Any) -> Iterable[tuple[str, str | float | bool]]:
    """The fields that are known, by name; those of a record within it have its name before theirs."""
    for field in fields(record):
        match getattr(record, field.name):
            case datetime() as moment:
                yield field.name, moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
            case str() | float() | int() as value:
                yield field.name, value
            case tuple() as several if all(isinstance(each, str) for each in several):
                yield field.name, ", ".join(several)
            case tuple() | Text() | None:
                pass
            case inner:
                yield from ((f"{field.name}_{name}", value) for name, value in _parameters(inner))
