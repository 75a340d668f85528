"""From reasons to texts in every language."""

from datetime import datetime
from zoneinfo import ZoneInfo

from ems.contract.message import Language, Text
from ems.i18n.formatter import Formatter
from ems.i18n.languages import LOCALES, in_every_language
from rl_agent.domain.wording import dutch, english, german
from rl_agent.domain.wording.reasons import AnyReason

SENTENCES = {Language.EN: english.sentence, Language.DE: german.sentence, Language.NL: dutch.sentence}


class Renderer:
    """Makes sentences of one moment: in a zone, in a currency."""

    def __init__(self, zone: ZoneInfo, now: datetime, currency: str = "EUR") -> None:
        self._formatters = {language: Formatter(locale, zone, now, currency) for language, locale in LOCALES.items()}

    def text(self, reason: AnyReason) -> Text:
        """The reason as one sentence in every language."""
        return in_every_language(lambda language: SENTENCES[language](reason, self._formatters[language]))
