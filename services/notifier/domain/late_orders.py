"""Orders that are read long after they were written: how old is too old, and what they meant then."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from ems.contract.message import Text
from notifier.domain import bot_messages, messages
from notifier.domain.answer_outcomes import AnswerOutcome, AskNext, ChargeNow, NotUnderstood, RequestGoal, Settled
from notifier.domain.cars import KnownCar
from notifier.domain.goal_rules import GoalRequest

MAX_AGE = timedelta(minutes=15)
"""Age of an order beyond which it is not carried out without asking: much may have changed since."""


def is_late(written: datetime, now: datetime) -> bool:
    """Whether an order of ``written`` is too old to be carried out without a word."""
    return now - written > MAX_AGE


def time_left(length: timedelta, written: datetime, now: datetime) -> timedelta:
    """How much is left of a boost that was ordered at ``written``: all of it, unless the order is read late."""
    return length - (now - written) if is_late(written, now) else length


def meaning(
    outcome: AnswerOutcome, car: KnownCar, asked_by: str, written: datetime, zone: ZoneInfo, usual_boost: timedelta
) -> Text | None:
    """What carrying out an order would do, in words; None: nothing that would have to be asked first."""
    match outcome:
        case Settled(RequestGoal(soc_pct, departure), _):
            request = GoalRequest(car.name, asked_by, written, soc_pct, departure)
            return messages.goal_requested(car.title, request, None, zone)
        case Settled(ChargeNow(), _):
            return bot_messages.boost_until(car, written + usual_boost, zone)
        case AskNext(following, said):
            labels = [o.label for o in following.question.options if o.key.startswith("meant_")]
            if not labels:
                return messages.t(f"{car.title}: {said.en}", f"{car.title}: {said.de}")
            return messages.t(
                f"{car.title}: " + " or ".join(label.en for label in labels),
                f"{car.title}: " + " oder ".join(label.de for label in labels),
            )
        case Settled() | NotUnderstood():
            return None
