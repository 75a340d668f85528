"""Cars whose departure has passed while they are still plugged in and short of their goal: they go on charging."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from ems.contract.people import SCHEDULE, Goal
from ems.contract.site import EvccPlan, Loadpoint
from tariff_planner.domain.inputs.vehicle_goals import WantedSoc, wanted_by


@dataclass(frozen=True, slots=True)
class LateGoal:
    """A goal whose moment has passed."""

    soc_pct: float
    due: datetime
    """When it was wanted by."""


@dataclass(frozen=True, slots=True)
class Stay:
    """What was wanted of a car while it is plugged in at one loadpoint."""

    loadpoint: str
    wanted: tuple[WantedSoc, ...] = ()
    late: LateGoal | None = None


@dataclass(frozen=True, slots=True)
class Stays:
    """By vehicle; what has to be remembered from decision to decision, because the bus forgets a goal at its moment."""

    of: Mapping[str, Stay] = field(default_factory=dict)

    def late(self) -> dict[str, LateGoal]:
        """By vehicle."""
        return {vehicle: stay.late for vehicle, stay in self.of.items() if stay.late is not None}

    def after(self, now: datetime, loadpoints: Mapping[str, Loadpoint], goals: Mapping[str, Goal]) -> "Stays":
        """The stays as they are ``now``: who is unplugged is forgotten; a goal that has passed since is late."""
        found: dict[str, Stay] = {}
        for number, point in loadpoints.items():
            if not point.connected or point.vehicle is None:
                continue
            before = self.of.get(point.vehicle)
            stay = before if before is not None and before.loadpoint == number else Stay(number)
            asked = goals.get(point.vehicle)
            late = _newest([goal for goal in (stay.late, _passed(stay.wanted, now)) if goal is not None])
            if late is not None and (_said_anew(asked, late) or (point.soc_pct or 0.0) >= late.soc_pct):
                late = None
            found[point.vehicle] = Stay(number, wanted_by(asked, point.plan, now), late)
        return Stays(found)


def late_goal(late: LateGoal | None, asked: Goal | None, evcc: EvccPlan | None, now: datetime) -> LateGoal | None:
    """The goal that a plugged-in car is late for: one that is remembered, or one that is told though it has passed."""
    told = [] if asked is None or asked.departure is None else [(asked.soc_pct, asked.departure)]
    told += [] if asked is None else [(goal.soc_pct, goal.departure) for goal in asked.following]
    if evcc is not None and evcc.soc_pct is not None:
        told.append((evcc.soc_pct, evcc.departure))
    newest = _newest([goal for goal in (late, _passed(told, now)) if goal is not None])
    return None if newest is not None and _said_anew(asked, newest) else newest


def _passed(wanted: Sequence[WantedSoc], now: datetime) -> LateGoal | None:
    """The last of them whose moment has passed."""
    return _newest([LateGoal(soc_pct, by) for soc_pct, by in wanted if by is not None and by <= now])


def _newest(goals: Sequence[LateGoal]) -> LateGoal | None:
    return max(goals, key=lambda goal: goal.due, default=None)


def _said_anew(asked: Goal | None, late: LateGoal) -> bool:
    """Whether a person has asked for something else since."""
    return asked is not None and asked.asked_by != SCHEDULE and asked.asked_at > late.due
