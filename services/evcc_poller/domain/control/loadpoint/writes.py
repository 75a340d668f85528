"""A loadpoint's writes: which are due, and what becomes of them."""

from dataclasses import replace
from datetime import datetime, timedelta

from ems.contract.control import Owner, Phase
from ems.contract.site import LoadpointMode
from evcc_poller.domain.control import reasons
from evcc_poller.domain.control.effects import Outcome, WriteLimitSoc, WriteMode, WriteVehicle, Written
from evcc_poller.domain.control.loadpoint.state import LoadpointState, LoadpointTarget, PendingLoadpointWrite
from evcc_poller.domain.control.timing import STAND_DOWN
from evcc_poller.domain.control.transition import StepResult, Transition

REFUSAL_PAUSE = timedelta(minutes=5)
"""Pause before a refused value is tried again."""
MAX_PAUSE_S = 30.0
"""Longest pause between tries that got no answer, in seconds."""


def write(transition: Transition[LoadpointState], target: LoadpointTarget, shows: LoadpointTarget) -> None:
    """Requests writes of the fields that differ, the limit first: a car in `now` must not overshoot it."""
    state, now = transition.state, transition.now
    kept, refused = state.kept, False
    if target.limit_soc_pct != shows.limit_soc_pct:
        if _may(state.pending_limit, target.limit_soc_pct, now):
            kept = replace(kept, limits=(*(x for x in kept.limits if x != target.limit_soc_pct), target.limit_soc_pct))
            transition.do(WriteLimitSoc(state.id, target.limit_soc_pct))
        else:
            refused = state.phase is Phase.REFUSED
    if target.mode is not shows.mode:
        if _may(state.pending_mode, target.mode, now):
            kept = replace(kept, modes=(*(x for x in kept.modes if x is not target.mode), target.mode))
            transition.do(WriteMode(state.id, target.mode))
        else:
            refused = state.phase is Phase.REFUSED
    transition.state = replace(state, kept=kept, phase=Phase.REFUSED if refused else Phase.PENDING)


def _may(pending: PendingLoadpointWrite | None, value: LoadpointMode | int, now: datetime) -> bool:
    """Whether a write of ``value`` is due, as far as earlier tries go."""
    return pending is None or pending.value != value or pending.next_try_at is None or now >= pending.next_try_at


def written(state: LoadpointState, event: Written) -> StepResult[LoadpointState]:
    """The state after a write with its outcome."""
    transition, failed = Transition(state, state.device, event.at), event.outcome is not Outcome.DONE
    match event.write:
        case WriteMode(mode=mode):
            pending = _answered(state.pending_mode, mode, event)
            transition.state = replace(transition.state, pending_mode=pending)
            if event.outcome is Outcome.DONE:
                transition.state = replace(transition.state, kept=replace(state.kept, modes=(mode,)))
        case WriteLimitSoc(limit_soc_pct=limit):
            pending = _answered(state.pending_limit, limit, event)
            transition.state = replace(transition.state, pending_limit=pending)
            if event.outcome is Outcome.DONE:
                transition.state = replace(transition.state, kept=replace(state.kept, limits=(limit,)))
        case WriteVehicle():
            pass
        case _:
            raise TypeError(f"not a write to a loadpoint: {event.write}")
    transition.state = replace(transition.state, error=event.words if failed else None)
    if failed and event.outcome is not Outcome.LOST:
        transition.state = replace(transition.state, phase=Phase.REFUSED)
        transition.record("refused", reasons.t(event.words, event.words), state.kept.owner)
    if event.outcome is Outcome.CONFLICT:
        transition.state = replace(transition.state, conflict_until=event.at + STAND_DOWN)
    kept = transition.state.kept
    if kept.owner is Owner.NONE and not failed and _only(kept.found) == (kept.modes, kept.limits):
        # Given back: what changes from here on is not ours.
        transition.state = replace(transition.state, kept=replace(kept, found=None))
        transition.record("verified", reasons.HANDED_BACK, Owner.NONE, kept.found.action() if kept.found else None)
    return transition.end()


def _only(target: LoadpointTarget | None) -> tuple[tuple[LoadpointMode, ...], tuple[int, ...]] | None:
    return None if target is None else ((target.mode,), (target.limit_soc_pct,))


def _answered(
    before: PendingLoadpointWrite | None, value: LoadpointMode | int, event: Written
) -> PendingLoadpointWrite:
    """The write with its outcome, and the pause before the next try."""
    if event.outcome is Outcome.DONE:
        return PendingLoadpointWrite(value, event.at, sure=True)
    failures = (before.failures if before is not None else 0) + 1
    pause = timedelta(seconds=min(2.0 ** (failures - 1), MAX_PAUSE_S))
    if event.outcome is not Outcome.LOST:
        pause = REFUSAL_PAUSE
    return PendingLoadpointWrite(value, event.at, sure=False, failures=failures, next_try_at=event.at + pause)
