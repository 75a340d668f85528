"""What a goal command asks for: how full, and by when, out of figures, words, and the goal as it stands."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from ems.contract.people import Goal, SetGoal
from notifier.domain import messages
from notifier.domain.language.reader import understand
from notifier.domain.language.understood import Ambiguous, Expecting, Intent, Unclear, Understood


@dataclass(frozen=True, slots=True)
class NewGoal:
    """A new goal."""

    soc_pct: float
    departure: datetime | None = None


@dataclass(frozen=True, slots=True)
class NoGoal:
    """No goal any more."""


class InvalidGoal(Exception):
    """It cannot be meant so; the text says what would be taken."""


def new_goal(
    command: SetGoal,
    goal: Goal | None,
    now: datetime,
    zone: ZoneInfo,
    *,
    usual_soc_pct: float,
    cars: tuple[str, ...] = (),
) -> NewGoal | NoGoal:
    """What ``command`` means beside the present ``goal``.

    Who keeps what stands and names a departure for a car without a goal gets ``usual_soc_pct``: they said when they
    leave, and a refusal would help nobody who stands before a dashboard. ``cars`` are the names of the vehicle, which
    may stand in the words.

    Raises:
        InvalidGoal: a time that has passed, words that say nothing, too much or too little.
    """
    parsed = _understood(command, now, zone, cars)
    if parsed.intent is Intent.CANCEL:
        return NoGoal()
    soc_pct, departure = parsed.soc_pct or command.soc_pct, parsed.departure or command.departure
    if departure is not None and departure <= now:
        raise InvalidGoal("departure lies in the past")
    none_said = command.by is not None and not command.by.strip()
    says_when = departure is not None or none_said or parsed.intent is Intent.NO_HURRY
    if soc_pct is None and not says_when:
        if command.keep:
            raise InvalidGoal("nothing to change: give soc_pct, departure or by")
        return NoGoal()
    if command.keep and not says_when:
        departure = goal.departure if goal else None
    if command.keep and soc_pct is None:
        soc_pct = goal.soc_pct if goal else usual_soc_pct if departure else None
    if soc_pct is None and command.keep:
        raise InvalidGoal("there is no goal yet: give soc_pct or a departure")
    if soc_pct is None:
        raise InvalidGoal("a departure needs a soc_pct, or keep; without any of them the goal is removed")
    return NewGoal(soc_pct, departure)


def _understood(command: SetGoal, now: datetime, zone: ZoneInfo, cars: tuple[str, ...]) -> Understood:
    if command.by is not None and command.departure is not None:
        raise InvalidGoal("give departure or by, not both")
    if not (command.by or "").strip():
        return Understood()
    # The field's name asks when: "18" is an hour, as after that question in a chat.
    match understand(command.by or "", now, zone, cars=cars, expecting=Expecting.WHEN):
        case Unclear() as why:
            raise InvalidGoal(messages.UNCLEAR[why].en)
        case Ambiguous(alternatives):
            meant = " or ".join(messages.alternative(a, zone).en for a in alternatives)
            raise InvalidGoal(f"that may mean {meant}: say it so")
        case Understood(intent=Intent() as intent) if intent not in {Intent.NO_HURRY, Intent.CANCEL}:
            raise InvalidGoal(messages.UNCLEAR[Unclear.NONSENSE].en)
        case Understood() as understood:
            if understood.soc_pct is not None and command.soc_pct is not None:
                raise InvalidGoal("the words say a SoC already: leave soc_pct out")
            return understood
