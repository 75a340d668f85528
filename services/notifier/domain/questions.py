"""The questions, step by step, and what each answer means: a state machine whose states are :class:`Pending`."""

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from ems.contract.message import Text
from ems.contract.people import Option, Question, QuestionKind
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
from notifier.domain.goal_words import UNCLEAR
from notifier.domain.language.reader import understand
from notifier.domain.language.understood import Ambiguous, Expecting, Intent, Unclear, Understood
from notifier.domain.memory import Pending, Stage
from notifier.domain.wording.goals import Alternative, DepartureHeard
from notifier.domain.wording.outcomes import Choice, PossibleAnswers
from notifier.domain.wording.parts import EnergyPrice
from notifier.domain.wording.questions import (
    Asked,
    CheapEnergy,
    CodeAwaited,
    CodeOffered,
    GoalInWords,
    HowFull,
    PleaseSwap,
    PleaseSwapForPlan,
    WhenNeeded,
    WhichMeant,
)
from notifier.domain.wording.remarks import Label, Remark
from notifier.domain.wording.renderer import Renderer

_CODE = re.compile(r"[A-Za-z0-9]{4,16}")
type _Options = tuple[tuple[str, Label | Alternative], ...]
"""Keys and what they are called."""
_NO = ("no", Label.NO)
_FULLNESS = (("soc_80", Alternative(80)), ("soc_100", Alternative(100)))
_CHARGE: _Options = (*_FULLNESS, ("other", Label.OTHER), ("now", Label.CHARGE_NOW), _NO)
_DEPARTURE: _Options = (
    ("in_2h", Label.IN_2H),
    ("in_4h", Label.IN_4H),
    ("in_8h", Label.IN_8H),
    ("morning", Label.TOMORROW_MORNING),
    ("any", Label.NO_HURRY),
)
_SWAP: _Options = (("done", Label.SWAPPED), _NO)
_LOGIN: _Options = (("send", Label.SEND_CODE), ("no", Label.LATER))
_FULL_OR_NOT: _Options = (*_FULLNESS, ("no", Label.CANCEL))
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

    @property
    def renderer(self) -> Renderer:
        """What words are made with."""
        return Renderer(self.zone, self.now)

    def pending(
        self,
        kind: QuestionKind,
        vehicle: str,
        asks: Asked,
        options: _Options,
        until: datetime,
        *,
        free_text: bool = False,
    ) -> Pending:
        """A question, asked now."""
        says = self.renderer
        question = Question(
            id=self.id,
            vehicle=vehicle,
            kind=kind,
            text=says.text(asks),
            options=tuple(Option(key=key, label=says.text(label)) for key, label in options),
            free_text=free_text,
            asked_at=self.now,
            expires_at=until,
        )
        return Pending(question, asks=asks)


def charge(context: QuestionContext, car: KnownCar, start: datetime, price: EnergyPrice, until: datetime) -> Pending:
    """Cheap energy comes (from ``start`` on, for ``price``): how full should the car be?"""
    asks = CheapEnergy(car.named, price, car.loadpoint is not None, start if start > context.now else None)
    return context.pending(QuestionKind.CHARGE, car.name, asks, _CHARGE, until, free_text=True)


def departure(context: QuestionContext, car: KnownCar) -> Pending:
    """The car was plugged in: when is it needed?"""
    until = context.now + timedelta(hours=8)
    return context.pending(QuestionKind.DEPARTURE, car.name, WhenNeeded(car.named), _DEPARTURE, until, free_text=True)


def change(context: QuestionContext, car: KnownCar) -> Pending:
    """Somebody wants to say a goal in their own words."""
    until = context.now + timedelta(hours=1)
    asks = GoalInWords(car.title)
    pending = context.pending(QuestionKind.DEPARTURE, car.name, asks, _DEPARTURE[3:], until, free_text=True)
    return replace(pending, stage=Stage.BOTH)


def swap(
    context: QuestionContext, car: KnownCar, other: KnownCar, asks: PleaseSwap | PleaseSwapForPlan, until: datetime
) -> Pending:
    """``other`` stands where ``car`` should charge."""
    return replace(context.pending(QuestionKind.SWAP, car.name, asks, _SWAP, until), also=other.name)


def login(context: QuestionContext, car: KnownCar, why: Text) -> Pending:
    """The car's cloud wants a code."""
    until = context.now + timedelta(days=1)
    return context.pending(QuestionKind.LOGIN_CODE, car.name, CodeOffered(car.title, why), _LOGIN, until)


def code(context: QuestionContext, car: KnownCar) -> Pending:
    """A code was sent: which is it?"""
    until = context.now + timedelta(minutes=30)
    asks = CodeAwaited(car.title)
    pending = context.pending(QuestionKind.LOGIN_CODE, car.name, asks, _LOGIN[1:], until, free_text=True)
    return replace(pending, stage=Stage.CODE)


def shown(pending: Pending, says: Renderer) -> Question:
    """The question in the words of this moment: what was tomorrow yesterday is today."""
    if pending.asks is None:
        return pending.question
    labels = {o.key: says.text(_meant(o.key)) for o in pending.question.options if o.key.startswith(_MEANT)}
    options = tuple(Option(key=o.key, label=labels.get(o.key, o.label)) for o in pending.question.options)
    return pending.question.model_copy(update={"text": says.text(pending.asks), "options": options})


def meant_by(question: Question) -> tuple[Alternative, ...]:
    """The meanings that a question offers which asks what was meant; none otherwise."""
    return tuple(_meant(o.key) for o in question.options if o.key.startswith(_MEANT))


def answer(
    pending: Pending, option: str | None, words: str | None, car: KnownCar, context: QuestionContext
) -> AnswerOutcome:
    """What an option's key, or free words, mean as an answer; ``context`` is for the question that may follow."""
    if option is not None:
        if option not in {o.key for o in pending.question.options}:
            return NotUnderstood(_possible(pending.question))
        return _chosen(pending, option, car, context)
    if not words or not pending.question.free_text:
        return NotUnderstood(_possible(pending.question))
    if pending.stage is Stage.CODE:
        found = words.strip()
        return Settled(EnterCode(found)) if _CODE.fullmatch(found) else NotUnderstood(Remark.NOT_A_CODE)
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
                return NotUnderstood(UNCLEAR[Unclear.PAST])
            return AskNext(_which(pending, ahead, car, context), Remark.AMBIGUOUS)
        case Understood(intent=Intent() as intent, soc_pct=None):
            return _wished(pending, intent, car, context)
        case Understood() as understood:
            return _said(pending, understood, car, context)
        case Unclear() as why:
            return NotUnderstood(UNCLEAR[why])


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
        return NotUnderstood(_possible(pending.question))
    return _chosen(pending, option, car, context)


_SETTLED: dict[str, Settled] = {
    "no": Settled(outcome=Remark.NOTHING_CHANGED),
    "done": Settled(outcome=Remark.THANKS),
    "now": Settled(ChargeNow()),
    "send": Settled(SendCode()),
}


def _chosen(pending: Pending, option: str, car: KnownCar, context: QuestionContext) -> AnswerOutcome:
    if option in _SETTLED:
        return _SETTLED[option]
    if option in {"soc_80", "soc_100"}:
        return Settled(RequestGoal(float(option.removeprefix("soc_")), pending.departure))
    if option in {"other", "any"}:
        said = Remark.OTHER_VALUE if option == "other" else Remark.NO_HURRY
        return AskNext(_how_full(pending, None, car, context), said)
    if option.startswith(_MEANT):
        meant = _meant(option)
        return _said(pending, Understood(meant.soc_pct, meant.departure), car, context)
    # The departures are said in words that are understood at any time.
    return _in_words(pending, _IN_WORDS[option], None, car, replace(context, written=None))


def _said(pending: Pending, understood: Understood, car: KnownCar, context: QuestionContext) -> AnswerOutcome:
    when = understood.departure or pending.departure
    if when is not None and when <= context.now:
        return NotUnderstood(UNCLEAR[Unclear.PAST])
    if understood.intent is Intent.NO_HURRY:
        when = None
    if understood.soc_pct is None:
        heard = Remark.NO_HURRY if when is None else DepartureHeard(when)
        return AskNext(_how_full(pending, when, car, context), heard)
    return Settled(RequestGoal(understood.soc_pct, when))


def _which(pending: Pending, alternatives: tuple[Understood, ...], car: KnownCar, context: QuestionContext) -> Pending:
    """Asks back what was meant, in place of the question that was answered so."""
    meant = [Alternative(each.soc_pct, each.departure) for each in alternatives]
    asked = context.pending(
        pending.question.kind,
        car.name,
        WhichMeant(car.title, single=len(meant) == 1),
        (*((_meant_key(each), each) for each in meant), _FULL_OR_NOT[-1]),
        context.now + timedelta(hours=1),
        free_text=True,
    )
    return replace(pending, question=asked.question, asks=asked.asks)


def _meant_key(meant: Alternative) -> str:
    """An option's key that says all of ``meant``: SoC in tenths of a percent, departure in minutes since 1970."""
    soc = "" if meant.soc_pct is None else round(meant.soc_pct * 10)
    departure = "" if meant.departure is None else int(meant.departure.timestamp()) // 60
    return f"{_MEANT}{soc}_{departure}"


def _meant(key: str) -> Alternative:
    soc, _, departure = key.removeprefix(_MEANT).partition("_")
    return Alternative(
        float(soc) / 10 if soc else None,
        datetime.fromtimestamp(int(departure) * 60, UTC) if departure else None,
    )


def _how_full(pending: Pending, when: datetime | None, car: KnownCar, context: QuestionContext) -> Pending:
    asked = context.pending(
        pending.question.kind,
        car.name,
        HowFull(car.title, when),
        _FULL_OR_NOT,
        min(when, context.now + timedelta(hours=8)) if when else context.now + timedelta(hours=8),
        free_text=True,
    )
    return replace(pending, question=asked.question, asks=asked.asks, stage=Stage.HOW_FULL, departure=when)


def _possible(question: Question) -> PossibleAnswers:
    return PossibleAnswers(tuple(Choice(o.key, o.label) for o in question.options))
