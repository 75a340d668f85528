"""What a goal command asks for: how full, and by when, out of figures, words, and the goal as it stands."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from ems.contract.people import Goal, SetGoal
from notifier.domain.cars import KnownCar
from notifier.domain.departures import read_departure
from notifier.domain.goal_words import UNCLEAR
from notifier.domain.language.reader import understand
from notifier.domain.language.understood import Ambiguous, Expecting, Intent, Unclear, Understood
from notifier.domain.wording.goals import Alternative, GoalReached, MayMean
from notifier.domain.wording.records import Said
from notifier.domain.wording.remarks import Remark


@dataclass(frozen=True, slots=True)
class NewGoal:
    """A new goal."""

    soc_pct: float
    departure: datetime | None = None


@dataclass(frozen=True, slots=True)
class NoGoal:
    """No goal any more."""


class InvalidGoal(Exception):
    """It cannot be meant so; ``why`` says what would be taken."""

    def __init__(self, why: Said) -> None:
        super().__init__(repr(why))
        self.why = why


def new_goal(
    command: SetGoal,
    goal: Goal | None,
    now: datetime,
    zone: ZoneInfo,
    *,
    usual_soc_pct: float,
    car: KnownCar,
) -> NewGoal | NoGoal:
    """What ``command`` means for ``car`` beside the present ``goal``.

    Who keeps what stands and names a departure for a car without a goal gets ``usual_soc_pct``: they said when they
    leave, and a refusal would help nobody who stands before a dashboard. The names of the car may stand in the words.

    Raises:
        InvalidGoal: a time that has passed or is none, words that say nothing, too much or too little, or a SoC that
            the car has already.
    """
    given = _departure(command, now, zone)
    parsed = _understood(command, now, zone, car)
    if parsed.intent is Intent.CANCEL:
        return NoGoal()
    soc_pct = command.soc_pct if parsed.soc_pct is None else parsed.soc_pct
    departure = parsed.departure or given
    _check(soc_pct, departure, now, car)
    none_said = command.by is not None and not command.by.strip()
    says_when = departure is not None or none_said or parsed.intent is Intent.NO_HURRY
    if soc_pct is None and not says_when:
        if command.keep:
            raise InvalidGoal(Remark.NOTHING_TO_CHANGE)
        return NoGoal()
    if command.keep and not says_when:
        departure = goal.departure if goal else None
    if command.keep and soc_pct is None:
        soc_pct = goal.soc_pct if goal else usual_soc_pct if departure else None
    if soc_pct is None and command.keep:
        raise InvalidGoal(Remark.NO_GOAL_YET)
    if soc_pct is None:
        raise InvalidGoal(Remark.SOC_MISSING)
    return NewGoal(soc_pct, departure)


def _check(soc_pct: float | None, departure: datetime | None, now: datetime, car: KnownCar) -> None:
    """Refuses what asks for nothing, or for what cannot be any more."""
    if departure is not None and departure <= now:
        raise InvalidGoal(Remark.MOMENT_PASSED)
    if soc_pct == 0:
        raise InvalidGoal(Remark.GOAL_OF_NOTHING)
    if soc_pct is not None and car.soc_pct is not None and soc_pct < car.soc_pct:
        raise InvalidGoal(GoalReached(car.title, car.soc_pct, soc_pct))


def _departure(command: SetGoal, now: datetime, zone: ZoneInfo) -> datetime | None:
    """What stands in ``departure``; None: nothing."""
    if not isinstance(command.departure, str):
        return command.departure
    moment = read_departure(command.departure, now, zone)
    if moment is None:
        raise InvalidGoal(Remark.BAD_DEPARTURE)
    return moment


def _understood(command: SetGoal, now: datetime, zone: ZoneInfo, car: KnownCar) -> Understood:
    """What the words in ``by`` mean."""
    if command.by is not None and command.departure is not None:
        raise InvalidGoal(Remark.ONE_MOMENT)
    words = (command.by or "").strip()
    if not words:
        return Understood()
    # The field's name asks when: "18" is an hour, as after that question in a chat.
    match understand(words, now, zone, cars=(car.title, car.name), expecting=Expecting.WHEN):
        case Unclear() as why:
            raise InvalidGoal(UNCLEAR[why])
        case Ambiguous(alternatives):
            raise InvalidGoal(MayMean(tuple(Alternative(a.soc_pct, a.departure) for a in alternatives)))
        case Understood(intent=Intent() as intent) if intent not in {Intent.NO_HURRY, Intent.CANCEL}:
            raise InvalidGoal(Remark.NOT_UNDERSTOOD)
        case Understood() as understood:
            if understood.soc_pct is not None and command.soc_pct is not None:
                raise InvalidGoal(Remark.ONE_SOC)
            return understood
