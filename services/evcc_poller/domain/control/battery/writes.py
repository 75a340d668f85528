"""The battery's writes: which are due, and what becomes of them."""

from dataclasses import replace
from datetime import datetime, timedelta

from ems.contract.control import BatteryAction
from ems.contract.site import BatteryFact, BatteryMode
from evcc_poller.domain.control.battery.state import (
    DEVICE,
    BatteryState,
    PendingBatteryWrite,
)
from evcc_poller.domain.control.effects import Outcome, ReleaseBattery, WriteBatteryMode, Written
from evcc_poller.domain.control.settings import ControlSettings
from evcc_poller.domain.control.timing import SETTLE, STAND_DOWN
from evcc_poller.domain.control.transition import StepResult, Transition
from evcc_poller.domain.observation import Observation


def due(
    state: BatteryState,
    seen: Observation,
    battery: BatteryFact,
    goal: BatteryMode,
    rules: ControlSettings,
    now: datetime,
) -> bool:
    """Whether ``goal`` must be written now: for the first time, again after a failure, or to refresh the lease."""
    pending = state.pending
    if state.next_try_at is not None and pending is not None:
        return now >= state.next_try_at and seen.at >= pending.at
    if pending is None or pending.mode is not goal or not pending.sure:
        return True
    if seen.at >= pending.at + SETTLE and battery.mode_external is not goal:
        return True
    # Best right after an observation: if evcc were restarted in between, the write would hide it.
    just_seen, age = now - seen.at <= timedelta(seconds=rules.tick_s), (now - pending.at).total_seconds()
    return age >= (rules.refresh_s if just_seen else 2 * rules.refresh_s)


def written(state: BatteryState, event: Written, rules: ControlSettings) -> StepResult[BatteryState]:
    """The state after a write with its outcome."""
    if isinstance(event.write, ReleaseBattery):
        return state, ()  # If it was lost, the mode lapses by itself.
    if not isinstance(event.write, WriteBatteryMode):
        raise TypeError(f"not a write to the battery: {event.write}")
    transition, mode = Transition(state, DEVICE, event.at), event.write.mode
    before = state.pending.mode if state.pending else None
    pending = PendingBatteryWrite(mode, event.at, sure=event.outcome is Outcome.DONE, before=before)
    if event.outcome is Outcome.DONE:
        transition.state = replace(
            state, pending=pending, unanswered=0, next_try_at=None, error=None if state.unanswered else state.error
        )
        transition.state = replace(transition.state, kept=replace(state.kept, touched=True))
        return transition.end()
    pause = min(2.0**state.unanswered, rules.refresh_s)
    transition.state = replace(
        state,
        pending=pending,
        unanswered=state.unanswered + 1,
        next_try_at=event.at + timedelta(seconds=pause),
        error=event.trouble,
    )
    if event.outcome is Outcome.CONFLICT:
        transition.state = replace(transition.state, conflict_until=event.at + STAND_DOWN)
    elif event.outcome is Outcome.UNABLE and not _owed(state, mode):
        transition.state = replace(transition.state, uncontrollable=True, kept=replace(state.kept, lease=None))
    elif event.outcome is Outcome.REFUSED and mode is not BatteryMode.NORMAL:
        # Learned: the next step takes the nearest mode instead.
        transition.state = replace(
            transition.state, refused=state.refused | {mode}, pending=state.pending, unanswered=0, next_try_at=None
        )
        if event.trouble is not None:
            transition.record("refused", event.trouble, state.kept.owner, BatteryAction(mode=mode))
    return transition.end()


def _owed(state: BatteryState, mode: BatteryMode) -> bool:
    """Whether we may have forced the battery and must free it, however long evcc cannot reach it."""
    lease = state.kept.lease
    return mode is BatteryMode.NORMAL and lease is not None and lease.mode is not BatteryMode.NORMAL
