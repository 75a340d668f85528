"""From a trouble to what is published of it."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from ems.contract.message import Language, Text
from ems.contract.service import HealthProblem, HealthState
from ems.i18n.health import dutch, english, german
from ems.i18n.health.troubles import HealthTrouble
from ems.i18n.records import Wording, reason

_TIMELESS = datetime(2000, 1, 1, tzinfo=UTC)
"""No trouble names a moment, or money."""
_WORDING: Wording[HealthTrouble] = Wording(
    {Language.EN: english.sentence, Language.DE: german.sentence, Language.NL: dutch.sentence}, ZoneInfo("UTC")
)


def words(trouble: HealthTrouble) -> Text:
    """What ``trouble`` says in every language."""
    return _WORDING.text(trouble, _TIMELESS)


def problem_fields(trouble: HealthTrouble | None) -> dict[str, Any]:
    """``problem``, ``problem_reason`` and ``problem_text`` of a fact; None each without ``trouble``."""
    if trouble is None:
        return {"problem": None, "problem_reason": None, "problem_text": None}
    text = words(trouble)
    return {"problem": text.en, "problem_reason": reason(trouble), "problem_text": text}


def problem(trouble: HealthTrouble, state: HealthState) -> HealthProblem:
    """``trouble`` as data and in words, with how bad it is."""
    return HealthProblem(state=state, reason=reason(trouble), text=words(trouble))
