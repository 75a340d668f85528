"""A loadpoint's writes: which are due, and what becomes of them."""

from dataclasses import replace
from datetime import datetime, timedelta

from ems.contract.control import Owner, Phase
from ems.contract.site import LoadpointMode
from evcc_poller.domain.control import reasons
from evcc_poller.domain.control.effects import Effect, Outcome, WriteLimitSoc, WriteMode, WriteVehicle, Written
from evcc_poller.domain.control.loadpoint_state import LoadpointState, LoadpointTarget, PendingLoadpointWrite
from evcc_poller.domain.control.transition import Transition

STAND_DOWN = timedelta(minutes=10)
"""How long a 409 from evcc's own optimizer keeps us away before the next try."""
REFUSAL_PAUSE = timedelta(minutes=5)
"""How long a refused value is not tried again."""
LONGEST_PAUSE_S = 30.0
"""The longest pause between tries that got no answer."""


def write(turn: Transition[LoadpointState], target: LoadpointTarget, shows: LoadpointTarget) -> None:
    """Asks for the fields that differ, the limit first: a car in `now` must not overshoot it."""
    state, now = turn.state, turn.now
    kept, refused = state.kept, False
    if target.limit_soc_pct != shows.limit_soc_pct:
        if _may(state.asked_limit, target.limit_soc_pct, now):
            kept = replace(kept, limits=(*(x for x in kept.limits if x != target.limit_soc_pct), target.limit_soc_pct))
            turn.do(WriteLimitSoc(state.id, target.limit_soc_pct))
        else:
            refused = state.phase is Phase.REFUSED
    if target.mode is not shows.mode:
        if _may(state.asked_mode, target.mode, now):
            kept = replace(kept, modes=(*(x for x in kept.modes if x is not target.mode), target.mode))
            turn.do(WriteMode(state.id, target.mode))
        else:
            refused = state.phase is Phase.REFUSED
    turn.state = replace(state, kept=kept, phase=Phase.REFUSED if refused else Phase.PENDING)


def _may(asked: PendingLoadpointWrite | None, value: LoadpointMode | int, now: datetime) -> bool:
    """Whether a write of ``value`` is due, as far as earlier tries go."""
    return asked is None or asked.value != value or asked.next_try_at is None or now >= asked.next_try_at


def written(state: LoadpointState, event: Written) -> tuple[LoadpointState, tuple[Effect, ...]]:
    """What became of a write."""
    turn, failed = Transition(state, state.device, event.at), event.outcome is not Outcome.DONE
    match event.write:
        case WriteMode(mode=mode):
            asked = _answered(state.asked_mode, mode, event)
            turn.state = replace(turn.state, asked_mode=asked)
            if event.outcome is Outcome.DONE:
                turn.state = replace(turn.state, kept=replace(state.kept, modes=(mode,)))
        case WriteLimitSoc(limit_soc_pct=limit):
            asked = _answered(state.asked_limit, limit, event)
            turn.state = replace(turn.state, asked_limit=asked)
            if event.outcome is Outcome.DONE:
                turn.state = replace(turn.state, kept=replace(state.kept, limits=(limit,)))
        case WriteVehicle():
            pass
        case _:
            raise TypeError(f"not a write to a loadpoint: {event.write}")
    turn.state = replace(turn.state, error=event.words if failed else None)
    if failed and event.outcome is not Outcome.LOST:
        turn.state = replace(turn.state, phase=Phase.REFUSED)
        turn.record("refused", reasons.t(event.words, event.words), state.kept.owner)
    if event.outcome is Outcome.CONFLICT:
        turn.state = replace(turn.state, conflict_until=event.at + STAND_DOWN)
    kept = turn.state.kept
    if kept.owner is Owner.NONE and not failed and _only(kept.found) == (kept.modes, kept.limits):
        # Given back: what is changed from here on is somebody else's business.
        turn.state = replace(turn.state, kept=replace(kept, found=None))
        turn.record("verified", reasons.HANDED_BACK, Owner.NONE, kept.found.action() if kept.found else None)
    return turn.end()


def _only(settings: LoadpointTarget | None) -> tuple[tuple[LoadpointMode, ...], tuple[int, ...]] | None:
    return None if settings is None else ((settings.mode,), (settings.limit_soc_pct,))


def _answered(
    before: PendingLoadpointWrite | None, value: LoadpointMode | int, event: Written
) -> PendingLoadpointWrite:
    """The record of an answered (or unanswered) write, with the pause before the next try."""
    if event.outcome is Outcome.DONE:
        return PendingLoadpointWrite(value, event.at, sure=True)
    failures = (before.failures if before is not None else 0) + 1
    pause = timedelta(seconds=min(2.0 ** (failures - 1), LONGEST_PAUSE_S))
    if event.outcome is not Outcome.LOST:
        pause = REFUSAL_PAUSE
    return PendingLoadpointWrite(value, event.at, sure=False, failures=failures, next_try_at=event.at + pause)
