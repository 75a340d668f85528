"""From a refusal of the bus to the answer that is sent."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from ems.contract.message import Language, Malformed
from ems.i18n.answers import dutch, english, german
from ems.i18n.answers.refusals import BusRefusal, Failed, Invalid
from ems.i18n.records import CommandAnswer, Wording, flat_parameters

_TIMELESS = datetime(2000, 1, 1, tzinfo=UTC)
"""No refusal of the bus names a moment, or money."""
_WORDING: Wording[BusRefusal] = Wording(
    {Language.EN: english.sentence, Language.DE: german.sentence, Language.NL: dutch.sentence}, ZoneInfo("UTC")
)


def answer(refusal: BusRefusal) -> CommandAnswer:
    """``refusal`` in every language."""
    if isinstance(refusal, Invalid):
        # The first mistake's parameters: one is the rule, and automations want them flat.
        text = _WORDING.text(refusal, _TIMELESS)
        return CommandAnswer(refusal.kind, flat_parameters(refusal.mistakes[0]), text)
    return _WORDING.answer(refusal, _TIMELESS)


def malformed(why: Malformed) -> CommandAnswer:
    """Why a payload was refused, in every language."""
    return answer(Invalid(why.mistakes) if why.mistakes else Failed(str(why)))
