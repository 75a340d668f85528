"""When a car's cloud may be asked next: interval, plug-in, request, quiet nights, circuits, budget."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from ems.contract.vehicle import ProblemKind
from ems.house.calendar import DailyHours
from vehicle_soc.domain.circuit_breaker import Circuit, lets_through

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


PLUG_IN_DELAYS = tuple(timedelta(minutes=m) for m in (1, 5, 15, 45, 65))
"""How long after plugging in a cloud is asked, until it knows of that: the car needs a while to tell."""
DOUBT_DELAYS = (timedelta(minutes=5), timedelta(minutes=15))
"""How long after a reading that is not believed a second one is asked for; later it comes with the interval."""


class Trigger(StrEnum):
    """Why a cloud is asked."""

    INTERVAL = "interval"
    PLUGGED_IN = "plugged_in"
    DOUBT = "doubt"
    REQUEST = "request"


_DELAYS = {Trigger.PLUGGED_IN: PLUG_IN_DELAYS, Trigger.DOUBT: DOUBT_DELAYS}


@dataclass(frozen=True, slots=True)
class PollPolicy:
    """How often a car's cloud is asked."""

    interval_s: float = 3600.0
    throttle_s: float = 300.0
    """Never sooner than this after the last time, whoever asks."""
    plug_in_throttle_s: float = 240.0
    """The same between two questions about one plug-in."""
    quiet: DailyHours | None = None
    disabled: bool = False


@dataclass(frozen=True, slots=True)
class Budget:
    """How often an account's cloud is asked at most; a fifth of the day's is kept for people and plug-ins."""

    per_day: int = 60
    per_hour: int = 12

    def free_at(self, calls: Sequence[datetime], when: datetime, *, reserved: bool) -> datetime:
        """The earliest moment from ``when`` on at which one more call keeps the budget.

        Args:
            calls: when the account was asked, ascending.
            when: the wanted moment.
            reserved: whether the part kept for people and plug-ins may be used.
        """
        day = self.per_day if reserved else max(1, self.per_day * 4 // 5)
        for most, window in ((day, DAY), (self.per_hour, HOUR)):
            if len(calls) >= most:
                when = max(when, calls[len(calls) - most] + window)
        return when


@dataclass(frozen=True, slots=True)
class PollRequest:
    """Somebody or something wants a reading out of turn."""

    trigger: Trigger
    at: datetime
    """When it was wanted, or when the car was plugged in, or when the reading came that is not believed."""
    step: int = 0
    """Which question for this reason it is, from 0 on."""

    @property
    def due(self) -> datetime:
        """When the source should be asked."""
        delays = _DELAYS.get(self.trigger)
        return self.at if delays is None else self.at + delays[self.step]


def next_step(trigger: Trigger, since: datetime, now: datetime) -> PollRequest | None:
    """The next question about what happened at ``since`` (a plug-in, an odd reading); None after the last."""
    steps = (step for step, delay in enumerate(_DELAYS[trigger]) if since + delay > now)
    return next((PollRequest(trigger, since, step) for step in steps), None)


@dataclass(frozen=True, slots=True)
class PollSituation:
    """What matters for the next poll of one car."""

    last_at: datetime | None
    request: PollRequest | None
    live: bool
    charging: bool
    car: Circuit
    account: Circuit
    calls: tuple[datetime, ...]


def next_poll(policy: PollPolicy, budget: Budget, situation: PollSituation, now: datetime) -> datetime | None:
    """When to ask next, possibly in the past (that is: now); None while nothing is to be polled at all."""
    if policy.disabled:
        return None
    request = situation.request
    if request is not None and (request.trigger is Trigger.REQUEST or not situation.live):
        requested = _allowed(policy, budget, situation, request.due, now, request)
        usual = None if situation.live else _by_interval(policy, budget, situation, now)
        return requested if usual is None else min(requested, usual)
    return None if situation.live else _by_interval(policy, budget, situation, now)


def _by_interval(policy: PollPolicy, budget: Budget, situation: PollSituation, now: datetime) -> datetime:
    last = situation.last_at
    due = now if last is None else last + timedelta(seconds=policy.interval_s)
    if situation.car.kind is ProblemKind.TRANSIENT and situation.car.retry_at is not None:
        # What failed by chance is tried again sooner than usual at first, and ever later then.
        due = situation.car.retry_at
    at = _allowed(policy, budget, situation, due, now)
    if policy.quiet is not None and not situation.charging:
        at = policy.quiet.end_after(max(at, now)) or at
    return at


def _allowed(
    policy: PollPolicy,
    budget: Budget,
    situation: PollSituation,
    due: datetime,
    now: datetime,
    request: PollRequest | None = None,
) -> datetime:
    """``due`` or later, as the throttle, the circuits and the budget want it."""
    if situation.last_at is not None:
        again = request is not None and request.trigger is Trigger.PLUGGED_IN and request.step > 0
        throttle_s = policy.plug_in_throttle_s if again else policy.throttle_s
        due = max(due, situation.last_at + timedelta(seconds=throttle_s))
    person = request is not None and request.trigger is Trigger.REQUEST
    for circuit in (situation.car, situation.account):
        if circuit.retry_at is not None and not lets_through(circuit, now, person=person):
            due = max(due, circuit.retry_at)
    return budget.free_at(situation.calls, due, reserved=request is not None)
