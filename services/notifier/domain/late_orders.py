"""Orders that are read long after they were written: how old is too old, and what they meant then."""

from datetime import datetime, timedelta

from notifier.domain.answer_outcomes import AnswerOutcome, AskNext, ChargeNow, NotUnderstood, RequestGoal, Settled
from notifier.domain.cars import KnownCar
from notifier.domain.goal_rules import GoalRequest
from notifier.domain.goal_words import goal_taken
from notifier.domain.questions import meant_by
from notifier.domain.wording.goals import OneOf
from notifier.domain.wording.outcomes import BoostUntil
from notifier.domain.wording.records import AboutCar, Said

MAX_AGE = timedelta(minutes=15)
"""Age of an order beyond which it is not carried out without asking: much may have changed since."""


def is_late(written: datetime, now: datetime) -> bool:
    """Whether an order of ``written`` is too old to be carried out without a word."""
    return now - written > MAX_AGE


def time_left(length: timedelta, written: datetime, now: datetime) -> timedelta:
    """How much is left of a boost that was ordered at ``written``: all of it, unless the order is read late."""
    return length - (now - written) if is_late(written, now) else length


def meaning(
    outcome: AnswerOutcome, car: KnownCar, asked_by: str, written: datetime, usual_boost: timedelta
) -> Said | None:
    """What carrying out an order would do; None: nothing that would have to be asked first."""
    match outcome:
        case Settled(RequestGoal(soc_pct, departure), _):
            return goal_taken(car.title, GoalRequest(car.name, asked_by, written, soc_pct, departure), None)
        case Settled(ChargeNow(), _):
            return BoostUntil(car.title, written + usual_boost)
        case AskNext(following, said):
            alternatives = meant_by(following.question)
            return OneOf(car.title, alternatives) if alternatives else AboutCar(car.title, said)
        case Settled() | NotUnderstood():
            return None
