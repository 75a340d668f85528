"""Cars whose departure has passed while they are still plugged in and short of their goal: they go on charging."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ems.contract.people import SCHEDULE, Goal
from ems.contract.site import EvccPlan, Loadpoint
from ems.contract.vehicle import Vehicle
from tariff_planner.domain.inputs.vehicle_goals import WantedSoc, wanted_by

_UNTOLD = timedelta(days=2)
"""How long a car is remembered that nobody tells of any more."""


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
    seen: datetime
    """When it was last known to stand there."""
    wanted: tuple[WantedSoc, ...] = ()
    late: LateGoal | None = None


@dataclass(frozen=True, slots=True)
class Stays:
    """By vehicle; what has to be remembered from decision to decision, because the bus forgets a goal at its moment."""

    of: Mapping[str, Stay] = field(default_factory=dict)

    def late(self) -> dict[str, LateGoal]:
        """By vehicle."""
        return {vehicle: stay.late for vehicle, stay in self.of.items() if stay.late is not None}

    def after(
        self,
        now: datetime,
        loadpoints: Mapping[str, Loadpoint],
        goals: Mapping[str, Goal],
        vehicles: Mapping[str, Vehicle] | None = None,
        energies: Mapping[str, EvccPlan] | None = None,
    ) -> "Stays":
        """The stays as they are ``now``: who is unplugged is forgotten; a goal that has passed since is late.

        Who is not told of is not gone: after a restart of evcc or of this service a loadpoint may be missing, or its
        car not be recognised, for a while.

        Args:
            now: aware.
            loadpoints: by id.
            goals: by vehicle, what the notifier keeps.
            vehicles: what vehicle-soc knows.
            energies: by loadpoint, evcc's plan in kWh as the SoC that it comes to.
        """
        found = {
            vehicle: stay
            for vehicle, stay in self.of.items()
            if now - stay.seen < _UNTOLD and _may_be_there(stay, loadpoints.get(stay.loadpoint))
        }
        for number, point in loadpoints.items():
            if not point.connected or point.vehicle is None:
                continue
            before = self.of.get(point.vehicle)
            same = before is not None and before.loadpoint == number and not _came_since(before, point)
            stay = before if same and before is not None else Stay(number, now)
            asked = goals.get(point.vehicle)
            late = _newest([goal for goal in (stay.late, _passed(stay.wanted, now)) if goal is not None])
            if late is not None and (_said_anew(asked, late) or _soc_pct(point, vehicles or {}) >= late.soc_pct):
                late = None
            wanted = wanted_by(asked, point.plan, now, (energies or {}).get(number))
            found[point.vehicle] = Stay(number, now, wanted, late)
        return Stays(found)


def _may_be_there(stay: Stay, point: Loadpoint | None) -> bool:
    """Whether nothing says that it has left: its loadpoint is not told of, or has a car that nobody knows yet."""
    return point is None or (point.connected and point.vehicle is None and not _came_since(stay, point))


def _came_since(stay: Stay, point: Loadpoint) -> bool:
    """Whether what is plugged in came after the stay was last seen: it was away in between."""
    return point.connected_s is not None and point.at - timedelta(seconds=point.connected_s) > stay.seen


def _soc_pct(point: Loadpoint, vehicles: Mapping[str, Vehicle]) -> float:
    """The higher of what evcc and vehicle-soc say; 0 where neither does."""
    known = vehicles.get(point.vehicle or "")
    return max(point.soc_pct or 0.0, (known.soc_pct or 0.0) if known else 0.0)


def late_goal(late: LateGoal | None, asked: Goal | None, evcc: Sequence[EvccPlan], now: datetime) -> LateGoal | None:
    """The goal that a plugged-in car is late for: one that is remembered, or one that is told though it has passed."""
    told = [] if asked is None or asked.departure is None else [(asked.soc_pct, asked.departure)]
    told += [] if asked is None else [(goal.soc_pct, goal.departure) for goal in asked.following]
    told += [(plan.soc_pct, plan.departure) for plan in evcc if plan.soc_pct is not None]
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
