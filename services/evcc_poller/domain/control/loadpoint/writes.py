"""A loadpoint's writes: which are due, and what becomes of them."""

from dataclasses import replace
from datetime import datetime, timedelta

from ems.contract.control import Owner, Phase
from ems.contract.site import AlwaysCharge, LoadpointMode
from evcc_poller.domain.control.effects import Outcome, WriteLimitSoc, WriteMode, WriteVehicle, Written
from evcc_poller.domain.control.loadpoint.state import (
    LoadpointMemory,
    LoadpointState,
    LoadpointTarget,
    PendingLoadpointWrite,
    WriteWindow,
)
from evcc_poller.domain.control.timing import LOOK_AGE, STAND_DOWN
from evcc_poller.domain.control.transition import StepResult, Transition
from evcc_poller.domain.wording.control import HandedBack

REFUSAL_PAUSE = timedelta(minutes=5)
"""Pause before a refused value is tried again."""
MAX_PAUSE_S = 30.0
"""Longest pause between tries that got no answer, in seconds."""


def write(transition: Transition[LoadpointState], target: LoadpointTarget, shows: LoadpointTarget) -> None:
    """Requests writes of the fields that differ, the limit first: a car in `now` must not overshoot it."""
    state, now = transition.state, transition.now
    always = target.always_charge_from(shows.always_charge)
    kept, refused = state.kept, False
    if target.limit_soc_pct != shows.limit_soc_pct:
        if _may(state.pending_limit, target.limit_soc_pct, now):
            kept = replace(kept, limits=(*(x for x in kept.limits if x != target.limit_soc_pct), target.limit_soc_pct))
            transition.do(WriteLimitSoc(state.id, target.limit_soc_pct))
        else:
            refused = state.phase is Phase.REFUSED
    if not target.mode_is_in(shows):
        if _may(state.pending_mode, target.mode, now):
            modes = (*(x for x in kept.modes if x is not target.mode), target.mode)
            charging = (*(x for x in kept.always_charge if x is not always), always)
            kept = replace(kept, modes=modes, always_charge=charging)
            stays = always is shows.always_charge and always is not AlwaysCharge.ONCE
            transition.do(WriteMode(state.id, target.mode, None if stays else always))
        else:
            refused = state.phase is Phase.REFUSED
    window = _window(state.window, kept, shows, now) if kept is not state.kept else state.window
    phase = Phase.REFUSED if refused else Phase.PENDING
    transition.state = replace(state, kept=kept, phase=phase, window=window)


def _window(before: WriteWindow | None, kept: LoadpointMemory, shows: LoadpointTarget, now: datetime) -> WriteWindow:
    """The time of a write that is asked for ``now``; one that has not settled goes on."""
    window = WriteWindow(now - LOOK_AGE, shows, kept.modes, kept.limits, kept.always_charge)
    if before is None:
        return window
    return replace(
        before,
        modes=(*before.modes, *kept.modes),
        limits=(*before.limits, *kept.limits),
        always_charge=(*before.always_charge, *kept.always_charge),
    )


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
                kept = replace(state.kept, modes=(mode,), always_charge=state.kept.always_charge[-1:])
                transition.state = replace(transition.state, kept=kept)
        case WriteLimitSoc(limit_soc_pct=limit):
            pending = _answered(state.pending_limit, limit, event)
            transition.state = replace(transition.state, pending_limit=pending)
            if event.outcome is Outcome.DONE:
                transition.state = replace(transition.state, kept=replace(state.kept, limits=(limit,)))
        case WriteVehicle():
            pass
        case _:
            raise TypeError(f"not a write to a loadpoint: {event.write}")
    transition.state = replace(transition.state, error=event.trouble if failed else None)
    if failed and event.outcome is not Outcome.LOST:
        transition.state = replace(transition.state, phase=Phase.REFUSED)
        # A later try that is refused too is the same story, and stands in the control fact.
        if event.trouble is not None and event.trouble != state.error:
            action = None if state.target is None else state.target.action()
            transition.record("refused", event.trouble, state.kept.owner, action)
    if event.outcome is Outcome.CONFLICT:
        transition.state = replace(transition.state, conflict_until=event.at + STAND_DOWN)
    kept = transition.state.kept
    if kept.owner is Owner.NONE and not failed and kept.found is not None and _has_only(kept, kept.found):
        # Given back: what changes from here on is not ours.
        transition.state = replace(transition.state, kept=replace(kept, found=None))
        transition.record("verified", HandedBack(), Owner.NONE, kept.found.action())
    return transition.end()


def _has_only(kept: LoadpointMemory, target: LoadpointTarget) -> bool:
    """Whether evcc can have nothing but ``target``."""
    if (kept.modes, kept.limits) != ((target.mode,), (target.limit_soc_pct,)):
        return False
    return target.always_charge is None or kept.always_charge in {(target.always_charge,), (None,)}


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
