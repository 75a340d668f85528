"""From reasons to texts in every language, and to the data that is published beside them."""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from pydantic import JsonValue

from ems.contract.currency import Currency
from ems.contract.currency import currency as known
from ems.contract.message import Language, Reason, Text
from ems.i18n.formatter import Formatter
from ems.i18n.languages import LOCALES, in_every_language, joined
from ems.i18n.records import Wording
from tariff_planner.domain.wording.answers import PlannerAnswer
from tariff_planner.domain.wording.dutch import answers as dutch_answers
from tariff_planner.domain.wording.dutch import chart as dutch_chart
from tariff_planner.domain.wording.dutch import sentences as dutch
from tariff_planner.domain.wording.dutch.wishes import TIME_WORDS as DUTCH_TIME
from tariff_planner.domain.wording.english import answers as english_answers
from tariff_planner.domain.wording.english import chart as english_chart
from tariff_planner.domain.wording.english import sentences as english
from tariff_planner.domain.wording.english.wishes import TIME_WORDS as ENGLISH_TIME
from tariff_planner.domain.wording.german import answers as german_answers
from tariff_planner.domain.wording.german import chart as german_chart
from tariff_planner.domain.wording.german import sentences as german
from tariff_planner.domain.wording.german.wishes import TIME_WORDS as GERMAN_TIME
from tariff_planner.domain.wording.parts import ChargeGoal, EnergyMix, WorthInCar
from tariff_planner.domain.wording.problems import Trouble
from tariff_planner.domain.wording.reasons import AnyReason, DeviceReason
from tariff_planner.domain.wording.wishes import TimeWords

RENDERERS = {Language.EN: english.sentence, Language.DE: german.sentence, Language.NL: dutch.sentence}
CHART_WORDS: Mapping[Language, Mapping[str, str]] = {
    Language.EN: english_chart.CHART,
    Language.DE: german_chart.CHART,
    Language.NL: dutch_chart.CHART,
}
TIME_WORDS: Mapping[Language, TimeWords] = {
    Language.EN: ENGLISH_TIME,
    Language.DE: GERMAN_TIME,
    Language.NL: DUTCH_TIME,
}
type _Part = ChargeGoal | EnergyMix | WorthInCar
_NOT_PUBLISHED = ("during", "who")
"""Stand beside the reason already: an explanation has its start, end and vehicle."""


class Renderer:
    """Makes sentences for one plan: of a zone, from a moment on, in a currency."""

    def __init__(self, zone: ZoneInfo, now: datetime, currency: str = "EUR") -> None:
        self.currency: Currency = known(currency)
        self._formatters = {language: Formatter(locale, zone, now, currency) for language, locale in LOCALES.items()}

    def text(self, reason: AnyReason) -> Text:
        """The reason as one sentence in every language."""
        return in_every_language(lambda language: RENDERERS[language](reason, self._formatters[language]))

    def texts(self, reasons: Iterable[AnyReason]) -> Text:
        """Several reasons, a sentence each, one after the other."""
        return joined([self.text(reason) for reason in reasons])


def answers(zone: ZoneInfo) -> Wording[PlannerAnswer]:
    """What commands are answered, in the site's zone."""
    sentences = {
        Language.EN: english_answers.sentence,
        Language.DE: german_answers.sentence,
        Language.NL: dutch_answers.sentence,
    }
    return Wording(sentences, zone)


def trouble(reason: Trouble) -> Text:
    """The words for a reason that names no moment and no money."""
    return _TIMELESS.text(reason)


_TIMELESS = Renderer(ZoneInfo("UTC"), datetime(2000, 1, 1, tzinfo=UTC))
"""For what needs no zone, no moment and no currency."""


def published(reason: DeviceReason) -> Reason:
    """The reason as the plan carries it: what is None is left out, moments are in UTC."""
    return Reason(kind=reason.kind, parameters=_filled(reason))


def _filled(part: DeviceReason | _Part) -> dict[str, JsonValue]:
    values = {field.name: getattr(part, field.name) for field in fields(part) if field.name not in _NOT_PUBLISHED}
    return {name: _json(value) for name, value in values.items() if value is not None}


def _json(value: str | float | datetime | _Part) -> JsonValue:
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case bool() | str():
            return value
        case float() | int():
            return round(value, 4)
        case ChargeGoal() | EnergyMix() | WorthInCar():
            return _filled(value)
