"""Every language of the house, and a text that is made in each of them."""

from collections.abc import Callable, Mapping

from ems.contract.message import Language, Text
from ems.i18n.dutch import DUTCH
from ems.i18n.english import ENGLISH
from ems.i18n.german import GERMAN
from ems.i18n.locale import Locale

LOCALES: Mapping[Language, Locale] = {locale.language: locale for locale in (ENGLISH, GERMAN, DUTCH)}


def in_every_language(render: Callable[[Language], str]) -> Text:
    """What ``render`` makes of each language."""
    return Text.model_validate({language.value: render(language) for language in LOCALES})


def joined(parts: list[Text], between: str = " ") -> Text:
    """The parts one after the other, in each language."""
    return in_every_language(lambda language: between.join(part.in_language(language) for part in parts))
