"""The tables of every language, and texts made of them."""

from collections.abc import Mapping
from enum import StrEnum

from ems.contract.message import Language, Text
from ems.homeassistant.discovery.wording.dutch import DUTCH
from ems.homeassistant.discovery.wording.english import ENGLISH
from ems.homeassistant.discovery.wording.german import GERMAN
from ems.homeassistant.discovery.wording.vocabulary import Vocabulary
from ems.i18n.languages import in_every_language

TABLES: Mapping[Language, Vocabulary] = {table.language: table for table in (ENGLISH, GERMAN, DUTCH)}


def named(key: str, **values: str) -> Text:
    """The name under ``key`` in every language, its ``{...}`` filled with ``values``.

    Raises:
        KeyError: a language has no such name, or the name wants a value that is not given.
    """
    return in_every_language(lambda language: TABLES[language].names[key].format(**values))


def labels(words: type[StrEnum]) -> dict[str, Text]:
    """What people read for each of ``words``, by the word on the bus.

    Raises:
        KeyError: a language lacks one.
    """

    def of(word: str) -> Text:
        return in_every_language(lambda language: TABLES[language].states[words.__name__][word])

    return {word.value: of(word.value) for word in words}
