"""What a goal command asks for: how full, and by when, out of figures, words, and the goal as it stands."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from ems.contract.people import Goal, SetGoal
from notifier.domain import messages
from notifier.domain.time_parser import Unclear, Understood, understand


@dataclass(frozen=True, slots=True)
class Wanted:
    """A new goal."""

    soc_pct: float
    departure: datetime | None = None


@dataclass(frozen=True, slots=True)
class Nothing:
    """No goal any more."""


class Unfit(Exception):
    """It cannot be meant so; the text says what would be taken."""


def wanted(
    asked: SetGoal, goal: Goal | None, now: datetime, zone: ZoneInfo, *, usual_soc_pct: float
) -> Wanted | Nothing:
    """What ``asked`` means beside the present ``goal``.

    Who keeps what stands and names a departure for a car without a goal gets ``usual_soc_pct``: they said when they
    leave, and a refusal would help nobody who stands before a dashboard.

    Raises:
        Unfit: a time that has passed, words that say nothing, too much or too little.
    """
    said = _words(asked, now, zone)
    soc_pct, departure = said.soc_pct or asked.soc_pct, said.departure or asked.departure
    if departure is not None and departure <= now:
        raise Unfit("departure lies in the past")
    says_when = departure is not None or asked.by == ""
    if soc_pct is None and not says_when:
        if asked.keep:
            raise Unfit("nothing to change: give soc_pct, departure or by")
        return Nothing()
    if asked.keep and not says_when:
        departure = goal.departure if goal else None
    if asked.keep and soc_pct is None:
        soc_pct = goal.soc_pct if goal else usual_soc_pct if departure else None
    if soc_pct is None and asked.keep:
        raise Unfit("there is no goal yet: give soc_pct or a departure")
    if soc_pct is None:
        raise Unfit("a departure needs a soc_pct, or keep; without any of them the goal is removed")
    return Wanted(soc_pct, departure)


def _words(asked: SetGoal, now: datetime, zone: ZoneInfo) -> Understood:
    if asked.by is not None and asked.departure is not None:
        raise Unfit("give departure or by, not both")
    if not asked.by:
        return Understood()
    said = understand(asked.by, now, zone)
    if isinstance(said, Unclear):
        raise Unfit(messages.UNCLEAR[said].en)
    if said.soc_pct is not None and asked.soc_pct is not None:
        raise Unfit("the words say a SoC already: leave soc_pct out")
    return said
