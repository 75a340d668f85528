"""What a goal command asks for: how full, and by when, out of figures, words, and the goal as it stands."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from ems.contract.people import Goal, SetGoal
from notifier.domain import messages
from notifier.domain.time_parser import ParsedGoal, ParseError, parse


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
    command: SetGoal, goal: Goal | None, now: datetime, zone: ZoneInfo, *, usual_soc_pct: float
) -> NewGoal | NoGoal:
    """What ``command`` means beside the present ``goal``.

    Who keeps what stands and names a departure for a car without a goal gets ``usual_soc_pct``: they said when they
    leave, and a refusal would help nobody who stands before a dashboard.

    Raises:
        Unfit: a time that has passed, words that say nothing, too much or too little.
    """
    parsed = _parsed(command, now, zone)
    soc_pct, departure = parsed.soc_pct or command.soc_pct, parsed.departure or command.departure
    if departure is not None and departure <= now:
        raise InvalidGoal("departure lies in the past")
    says_when = departure is not None or command.by == ""
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


def _parsed(command: SetGoal, now: datetime, zone: ZoneInfo) -> ParsedGoal:
    if command.by is not None and command.departure is not None:
        raise InvalidGoal("give departure or by, not both")
    if not command.by:
        return ParsedGoal()
    parsed = parse(command.by, now, zone)
    if isinstance(parsed, ParseError):
        raise InvalidGoal(messages.UNCLEAR[parsed].en)
    if parsed.soc_pct is not None and command.soc_pct is not None:
        raise InvalidGoal("the words say a SoC already: leave soc_pct out")
    return parsed
