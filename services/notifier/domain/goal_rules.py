"""Whose wish becomes a car's goal.

The rule, as docs/notifier.md states it:

1. Each driver has one wish a car; a newer one replaces it.
2. Nobody's need is weakened by somebody else: the earliest departure counts, with the highest SoC among the wishes
   that leave within :data:`TOGETHER` after it. When it has passed, the next one counts.
3. Home Assistant and scripts speak for the house: what they set replaces all wishes, and a driver's next wish theirs.
4. The weekly schedule is one more wish; a person's wish within :data:`TOGETHER` of it replaces it that once, and so
   does removing it.
5. A wish without departure counts when nothing above does, until the car is that full, at most :data:`OPEN_FOR`.

What is going to count afterwards, as far as it is known today, is told with the goal: the plan reaches beyond it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from ems.contract.people import SCHEDULE, Goal, NextGoal
from notifier.domain.weekly_goals import WeeklyEntry, upcoming

TOGETHER = timedelta(hours=8)
"""Distance within which two departures count as one: there is hardly time to charge between them."""
OPEN_FOR = timedelta(days=7)
"""Age at which a request without departure is dropped."""
AHEAD = timedelta(days=7)
"""How far later goals are told with the first one; of a weekly schedule that is each of them once."""


@dataclass(frozen=True, slots=True)
class GoalRequest:
    """What somebody wants of a car. ``house``: asked by no driver, but by Home Assistant or a script."""

    vehicle: str
    asked_by: str
    asked_at: datetime
    soc_pct: float
    departure: datetime | None = None
    house: bool = False


@dataclass(frozen=True, slots=True)
class GoalRequests:
    """All open requests, and the scheduled departures (vehicle, moment) that do not count."""

    wishes: tuple[GoalRequest, ...] = ()
    skipped: tuple[tuple[str, datetime], ...] = ()

    def of(self, vehicle: str) -> tuple[GoalRequest, ...]:
        """Those for one car."""
        return tuple(r for r in self.wishes if r.vehicle == vehicle)


@dataclass(frozen=True, slots=True)
class GoalChange:
    """What a request did to the others: those that it replaced, and the scheduled departures that it put aside."""

    request: GoalRequest
    replaced: tuple[GoalRequest, ...] = ()
    skipped: tuple[tuple[str, datetime], ...] = ()


@dataclass(frozen=True, slots=True)
class WeeklySchedules:
    """The weekly schedules by vehicle, in the site's zone."""

    entries: Mapping[str, tuple[WeeklyEntry, ...]]
    zone: ZoneInfo

    def next(self, vehicle: str, requests: GoalRequests, after: datetime) -> tuple[float, datetime] | None:
        """The first scheduled (SoC in %, departure) after ``after`` that is not skipped."""
        found = upcoming(self.entries.get(vehicle, ()), after, self.zone)
        while found and (vehicle, found[1]) in requests.skipped:
            found = upcoming(self.entries[vehicle], found[1], self.zone)
        return found


def add(requests: GoalRequests, new: GoalRequest, week: WeeklySchedules) -> GoalRequests:
    """``new`` among the others, by rules 1, 3 and 4."""
    kept = tuple(
        r
        for r in requests.wishes
        if r.vehicle != new.vehicle or not (new.house or r.house or r.asked_by == new.asked_by)
    )
    after = GoalRequests((*kept, new), requests.skipped)
    if new.departure is None:
        return after
    near = week.next(new.vehicle, after, new.departure - TOGETHER)
    return _skip(after, new.vehicle, near[1]) if near and near[1] - new.departure <= TOGETHER else after


def change_between(before: GoalRequests, after: GoalRequests) -> GoalChange | None:
    """The one request that ``after`` has more than ``before``, and what it did; None when there is none."""
    new = [r for r in after.wishes if r not in before.wishes]
    if len(new) != 1:
        return None
    replaced = tuple(r for r in before.of(new[0].vehicle) if r not in after.wishes)
    return GoalChange(new[0], replaced, tuple(s for s in after.skipped if s not in before.skipped))


def take_back(requests: GoalRequests, change: GoalChange) -> GoalRequests:
    """As if ``change`` had not been made; unchanged when its request counts no more."""
    if change.request not in requests.wishes:
        return requests
    kept = tuple(r for r in requests.wishes if r != change.request)
    others = {(r.vehicle, r.asked_by) for r in kept}
    replaced = tuple(r for r in change.replaced if (r.vehicle, r.asked_by) not in others)
    return GoalRequests((*kept, *replaced), tuple(s for s in requests.skipped if s not in change.skipped))


def withdraw(requests: GoalRequests, vehicle: str, asked_by: str | None, goal: Goal | None) -> GoalRequests:
    """Without the request of ``asked_by`` and of the house (None: without any), and without a scheduled ``goal``."""
    kept = tuple(
        r
        for r in requests.wishes
        if r.vehicle != vehicle or not (asked_by is None or r.house or r.asked_by == asked_by)
    )
    after = GoalRequests(kept, requests.skipped)
    if goal is not None and goal.asked_by == SCHEDULE and goal.departure is not None:
        return _skip(after, vehicle, goal.departure)
    return after


def still_open(requests: GoalRequests, now: datetime, soc_pct: Mapping[str, float]) -> GoalRequests:
    """Without what is over: departed, reached (``soc_pct`` by vehicle, in %), or forgotten; and old skips."""

    def is_open(request: GoalRequest) -> bool:
        if request.departure is not None:
            return request.departure > now
        reached = soc_pct.get(request.vehicle, -1) >= request.soc_pct
        return not reached and now - request.asked_at < OPEN_FOR

    return GoalRequests(
        tuple(r for r in requests.wishes if is_open(r)),
        tuple((vehicle, departure) for vehicle, departure in requests.skipped if departure > now),
    )


def goal_of(vehicle: str, requests: GoalRequests, week: WeeklySchedules, now: datetime) -> Goal | None:
    """The goal of ``vehicle`` by rules 2, 4 and 5, and those that follow it; None when nobody wants anything."""
    found = _first(vehicle, requests, week, now)
    if found is None:
        whenever = [r for r in requests.of(vehicle) if r.departure is None]
        return _goal(max(whenever, key=lambda r: r.soc_pct)) if whenever else None
    departure, request = found
    following = []
    while (found := _first(vehicle, requests, week, departure)) and found[0] <= now + AHEAD:
        departure, later = found
        following.append(NextGoal(soc_pct=later.soc_pct, departure=departure, asked_by=later.asked_by))
    return _goal(request, tuple(following))


def _first(
    vehicle: str, requests: GoalRequests, week: WeeklySchedules, after: datetime
) -> tuple[datetime, GoalRequest] | None:
    """The first departure after ``after``, and what counts for it."""
    timed = sorted(
        ((r.departure, r) for r in requests.of(vehicle) if r.departure is not None and r.departure > after),
        key=lambda pair: pair[0],
    )
    scheduled = week.next(vehicle, requests, after)
    if scheduled and (not timed or scheduled[1] < timed[0][0]):
        soc_pct, departure = scheduled
        # Nobody asks for a schedule at a moment; a week before is the same however often it is computed.
        return departure, GoalRequest(vehicle, SCHEDULE, departure - timedelta(days=7), soc_pct, departure)
    if not timed:
        return None
    first = timed[0][0]
    fullest = max((r for departure, r in timed if departure - first <= TOGETHER), key=lambda r: r.soc_pct)
    return first, replace(fullest, departure=first)


def _skip(requests: GoalRequests, vehicle: str, departure: datetime) -> GoalRequests:
    return replace(requests, skipped=(*requests.skipped, (vehicle, departure)))


def _goal(request: GoalRequest, following: tuple[NextGoal, ...] = ()) -> Goal:
    return Goal(
        vehicle=request.vehicle,
        soc_pct=request.soc_pct,
        departure=request.departure,
        asked_by=request.asked_by,
        asked_at=request.asked_at,
        following=following,
    )
