"""From records to texts in every language, and to the data that is published beside them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from ems.contract.message import Language, Text
from ems.i18n.records import Wording
from vehicle_soc.domain.wording.answers import CarAnswer
from vehicle_soc.domain.wording.dutch import answers as dutch_answers
from vehicle_soc.domain.wording.dutch import sentences as dutch
from vehicle_soc.domain.wording.english import answers as english_answers
from vehicle_soc.domain.wording.english import sentences as english
from vehicle_soc.domain.wording.german import answers as german_answers
from vehicle_soc.domain.wording.german import sentences as german
from vehicle_soc.domain.wording.reasons import Reason

ANSWERS = {
    Language.EN: english_answers.sentence,
    Language.DE: german_answers.sentence,
    Language.NL: dutch_answers.sentence,
}
RENDERERS = {Language.EN: english.sentence, Language.DE: german.sentence, Language.NL: dutch.sentence}
_WORDING: Wording[Reason] = Wording(RENDERERS, ZoneInfo("UTC"))
_ANY_TIME = datetime(2000, 1, 1, tzinfo=UTC)
"""No reason names a moment."""


def text(reason: Reason) -> Text:
    """The sentences for ``reason`` in every language."""
    return _WORDING.text(reason, _ANY_TIME)


def answers(zone: ZoneInfo) -> Wording[CarAnswer]:
    """Says what commands are answered, in the site's zone."""
    return Wording(ANSWERS, zone)
