"""The questions, step by step, and what each answer means: a state machine whose states are :class:`Pending`."""

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from ems.contract.message import Text
from ems.contract.people import Option, Question, QuestionKind
from notifier.domain import messages
from notifier.domain.answer_outcomes import (
    AnswerOutcome,
    AskNext,
    ChargeNow,
    EnterCode,
    NotUnderstood,
    RequestGoal,
    SendCode,
    Settled,
)
from notifier.domain.cars import KnownCar
from notifier.domain.language.reader import understand
from notifier.domain.language.understood import Ambiguous, Expecting, Intent, Unclear, Understood
from notifier.domain.memory import Pending, Stage
from notifier.domain.messages import t

_CODE = re.compile(r"[A-Za-z0-9]{4,16}")
_NO = Option(key="no", label=t("No", "Nein"))
_FULLNESS = (
    Option(key="soc_80", label=t("80 %", "80 %")),
    Option(key="soc_100", label=t("100 %", "100 %")),
)
_CHARGE = (
    *_FULLNESS,
    Option(key="other", label=t("Other …", "Andere …")),
    Option(key="now", label=t("Charge now", "Jetzt laden")),
    _NO,
)
_DEPARTURE = (
    Option(key="in_2h", label=t("In 2 h", "In 2 Std.")),
    Option(key="in_4h", label=t("In 4 h", "In 4 Std.")),
    Option(key="in_8h", label=t("In 8 h", "In 8 Std.")),
    Option(key="morning", label=t("Tomorrow morning", "Morgen früh")),
    Option(key="any", label=t("No hurry", "Keine Eile")),
)
_SWAP = (Option(key="done", label=t("Swapped", "Getauscht")), _NO)
_LOGIN = (Option(key="send", label=t("Send a code", "Code senden")), Option(key="no", label=t("Later", "Später")))
_FULL_OR_NOT = (*_FULLNESS, Option(key="no", label=t("Cancel", "Abbrechen")))
_MEANT = "meant_"
"""How the keys of alternatives begin that were asked back."""
_IN_WORDS = {"in_2h": "in 2h", "in_4h": "in 4h", "in_8h": "in 8h", "morning": "tomorrow morning"}


@dataclass(frozen=True, slots=True)
class QuestionContext:
    """What every question needs: its id, the moment, the site's zone.

    ``written`` is when the words were written that answer one: from then on count "in 2h" and "tomorrow".
    """

    id: str
    now: datetime
    zone: ZoneInfo
    written: datetime | None = None

    def question(
        self,
        kind: QuestionKind,
        vehicle: str,
        text: Text,
        options: tuple[Option, ...],
        until: datetime,
        *,
        free_text: bool = False,
    ) -> Question:
        """A question, asked now."""
        return Question(
            id=self.id,
            vehicle=vehicle,
            kind=kind,
            text=text,
            options=options,
            free_text=free_text,
            asked_at=self.now,
            expires_at=until,
        )


def charge(context: QuestionContext, car: KnownCar, start: datetime, costs: Text, until: datetime) -> Pending:
    """Cheap energy comes (from ``start`` on, for ``costs``): how full shall the car be?"""
    text = messages.charge(car, start if start > context.now else None, costs, context.zone)
    question = context.question(QuestionKind.CHARGE, car.name, text, _CHARGE, until, free_text=True)
    return Pending(question)


def departure(context: QuestionContext, car: KnownCar) -> Pending:
    """The car was plugged in: when is it needed?"""
    text = messages.departure(car)
    until = context.now + timedelta(hours=8)
    return Pending(context.question(QuestionKind.DEPARTURE, car.name, text, _DEPARTURE, until, free_text=True))


def change(context: QuestionContext, car: KnownCar) -> Pending:
    """Somebody wants to say a goal in their own words."""
    until = context.now + timedelta(hours=1)
    options = _DEPARTURE[3:]
    question = context.question(QuestionKind.DEPARTURE, car.name, messages.change(car), options, until, free_text=True)
    return Pending(question, stage=Stage.BOTH)


def swap(context: QuestionContext, car: KnownCar, other: KnownCar, text: Text, until: datetime) -> Pending:
    """``other`` stands where ``car`` should charge."""
    question = context.question(QuestionKind.SWAP, car.name, text, _SWAP, until)
    return Pending(question, also=other.name)


def login(context: QuestionContext, car: KnownCar, why: Text) -> Pending:
    """The car's cloud wants a code."""
    until = context.now + timedelta(days=1)
    return Pending(context.question(QuestionKind.LOGIN_CODE, car.name, messages.login(car, why), _LOGIN, until))


def code(context: QuestionContext, vehicle: str, text: Text) -> Pending:
    """A code was sent: which is it?"""
    until = context.now + timedelta(minutes=30)
    question = context.question(QuestionKind.LOGIN_CODE, vehicle, text, (_LOGIN[1],), until, free_text=True)
    return Pending(question, stage=Stage.CODE)


def answer(
    pending: Pending, option: str | None, words: str | None, car: KnownCar, context: QuestionContext
) -> AnswerOutcome:
    """What an option's key, or free words, mean as an answer; ``context`` is for the question that may follow."""
    if option is not None:
        if option not in {o.key for o in pending.question.options}:
            return NotUnderstood(messages.no_such_option(pending.question))
        return _chosen(pending, option, car, context)
    if not words or not pending.question.free_text:
        return NotUnderstood(messages.no_such_option(pending.question))
    if pending.stage is Stage.CODE:
        found = words.strip()
        return Settled(EnterCode(found)) if _CODE.fullmatch(found) else NotUnderstood(messages.NO_CODE)
    return _in_words(pending, words, _expecting(pending), car, context)


def _in_words(
    pending: Pending, words: str, expecting: Expecting | None, car: KnownCar, context: QuestionContext
) -> AnswerOutcome:
    match understand(
        words, context.written or context.now, context.zone, cars=(car.title, car.name), expecting=expecting
    ):
        case Ambiguous(alternatives):
            ahead = tuple(m for m in alternatives if m.departure is None or m.departure > context.now)
            if not ahead:
                return NotUnderstood(messages.UNCLEAR[Unclear.PAST])
            return AskNext(_which(pending, ahead, car, context), messages.SEVERAL)
        case Understood(intent=Intent() as intent, soc_pct=None):
            return _wished(pending, intent, car, context)
        case Understood() as understood:
            return _said(pending, understood, car, context)
        case Unclear() as why:
            return NotUnderstood(messages.UNCLEAR[why])


def _expecting(pending: Pending) -> Expecting | None:
    """What a bare number answers."""
    if pending.stage is Stage.BOTH:
        return None
    if pending.stage is Stage.HOW_FULL or pending.question.kind is QuestionKind.CHARGE:
        return Expecting.HOW_FULL
    return Expecting.WHEN


def _wished(pending: Pending, intent: Intent, car: KnownCar, context: QuestionContext) -> AnswerOutcome:
    """Words that stand for a button: nein, egal, keine Eile, now."""
    if intent in {Intent.NO, Intent.CANCEL}:
        return _SETTLED["no"]
    option = {Intent.NO_HURRY: "any", Intent.NOW: "now"}.get(intent)
    if option not in {o.key for o in pending.question.options}:
        return NotUnderstood(messages.no_such_option(pending.question))
    return _chosen(pending, option, car, context)


_SETTLED: dict[str, Settled] = {
    "no": Settled(outcome=messages.NOTHING_CHANGED),
    "done": Settled(outcome=messages.THANKS),
    "now": Settled(ChargeNow()),
    "send": Settled(SendCode()),
}


def _chosen(pending: Pending, option: str, car: KnownCar, context: QuestionContext) -> AnswerOutcome:
    if option in _SETTLED:
        return _SETTLED[option]
    if option in {"soc_80", "soc_100"}:
        return Settled(RequestGoal(float(option.removeprefix("soc_")), pending.departure))
    if option in {"other", "any"}:
        words = messages.OTHER if option == "other" else messages.NO_HURRY
        return AskNext(_how_full(pending, None, car, context), words)
    if option.startswith(_MEANT):
        return _said(pending, _meant(option), car, context)
    # The departures are said in words that are understood at any time.
    return _in_words(pending, _IN_WORDS[option], None, car, replace(context, written=None))


def _said(pending: Pending, understood: Understood, car: KnownCar, context: QuestionContext) -> AnswerOutcome:
    when = understood.departure or pending.departure
    if when is not None and when <= context.now:
        return NotUnderstood(messages.UNCLEAR[Unclear.PAST])
    if understood.intent is Intent.NO_HURRY:
        when = None
    if understood.soc_pct is None:
        return AskNext(_how_full(pending, when, car, context), messages.understood_departure(when, context.zone))
    return Settled(RequestGoal(understood.soc_pct, when))


def _which(pending: Pending, alternatives: tuple[Understood, ...], car: KnownCar, context: QuestionContext) -> Pending:
    """Asks back what was meant, in place of the question that was answered so."""
    options = tuple(
        Option(key=_meant_key(meant), label=messages.alternative(meant, context.zone)) for meant in alternatives
    )
    question = context.question(
        pending.question.kind,
        car.name,
        messages.which_is_meant(car, len(options)),
        (*options, _FULL_OR_NOT[-1]),
        context.now + timedelta(hours=1),
        free_text=True,
    )
    return replace(pending, question=question)


def _meant_key(meant: Understood) -> str:
    """An option's key that says all of ``meant``: SoC in tenths of a percent, departure in minutes since 1970."""
    soc = "" if meant.soc_pct is None else round(meant.soc_pct * 10)
    departure = "" if meant.departure is None else int(meant.departure.timestamp()) // 60
    return f"{_MEANT}{soc}_{departure}"


def _meant(key: str) -> Understood:
    soc, _, departure = key.removeprefix(_MEANT).partition("_")
    return Understood(
        float(soc) / 10 if soc else None,
        datetime.fromtimestamp(int(departure) * 60, UTC) if departure else None,
    )


def _how_full(pending: Pending, when: datetime | None, car: KnownCar, context: QuestionContext) -> Pending:
    question = context.question(
        pending.question.kind,
        car.name,
        messages.how_full(car, when, context.zone),
        _FULL_OR_NOT,
        min(when, context.now + timedelta(hours=8)) if when else context.now + timedelta(hours=8),
        free_text=True,
    )
    return replace(pending, question=question, stage=Stage.HOW_FULL, departure=when)
