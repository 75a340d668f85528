"""The battery's writes: which are due, and what becomes of them."""

from dataclasses import replace
from datetime import datetime, timedelta

from ems.contract.control import BatteryAction
from ems.contract.site import BatteryFact, BatteryMode
from evcc_poller.domain.control import reasons
from evcc_poller.domain.control.battery_state import (
    DEVICE,
    SETTLE,
    BatteryState,
    PendingBatteryWrite,
)
from evcc_poller.domain.control.effects import Effect, Outcome, ReleaseBattery, WriteBatteryMode, Written
from evcc_poller.domain.control.settings import ControlSettings
from evcc_poller.domain.control.transition import Transition
from evcc_poller.domain.observation import Observation

STAND_DOWN = timedelta(minutes=10)
"""How long a 409 from evcc's own optimizer keeps us away before the next try."""


def due(
    state: BatteryState,
    seen: Observation,
    battery: BatteryFact,
    goal: BatteryMode,
    rules: ControlSettings,
    now: datetime,
) -> bool:
    """Whether ``goal`` must be written now: for the first time, again after a failure, or to refresh the lease."""
    asked = state.asked
    if state.next_try_at is not None and asked is not None:
        return now >= state.next_try_at and seen.at >= asked.at
    if asked is None or asked.mode is not goal or not asked.sure:
        return True
    if seen.at >= asked.at + SETTLE and battery.mode_external is not goal:
        return True
    # Best right after a look: were evcc started anew in between, the write would hide it.
    just_seen, age = now - seen.at <= timedelta(seconds=rules.tick_s), (now - asked.at).total_seconds()
    return age >= (rules.refresh_s if just_seen else 2 * rules.refresh_s)


def written(state: BatteryState, event: Written, rules: ControlSettings) -> tuple[BatteryState, tuple[Effect, ...]]:
    """What became of a write."""
    if isinstance(event.write, ReleaseBattery):
        return state, ()  # Were it lost, the mode lapses by itself.
    if not isinstance(event.write, WriteBatteryMode):
        raise TypeError(f"not a write to the battery: {event.write}")
    turn, mode = Transition(state, DEVICE, event.at), event.write.mode
    before = state.asked.mode if state.asked else None
    asked = PendingBatteryWrite(mode, event.at, sure=event.outcome is Outcome.DONE, before=before)
    if event.outcome is Outcome.DONE:
        turn.state = replace(
            state, asked=asked, unanswered=0, next_try_at=None, error=None if state.unanswered else state.error
        )
        turn.state = replace(turn.state, kept=replace(state.kept, touched=True))
        return turn.end()
    pause = min(2.0**state.unanswered, rules.refresh_s)
    turn.state = replace(
        state,
        asked=asked,
        unanswered=state.unanswered + 1,
        next_try_at=event.at + timedelta(seconds=pause),
        error=event.words,
    )
    if event.outcome is Outcome.CONFLICT:
        turn.state = replace(turn.state, conflict_until=event.at + STAND_DOWN)
    elif event.outcome is Outcome.UNABLE and not _owed(state, mode):
        turn.state = replace(turn.state, uncontrollable=True, kept=replace(state.kept, lease=None))
    elif event.outcome is Outcome.REFUSED and mode is not BatteryMode.NORMAL:
        # Learned: the next look takes the nearest mode instead.
        turn.state = replace(
            turn.state, refused=state.refused | {mode}, asked=state.asked, unanswered=0, next_try_at=None
        )
        turn.record("refused", reasons.t(event.words, event.words), state.kept.owner, BatteryAction(mode=mode))
    return turn.end()


def _owed(state: BatteryState, mode: BatteryMode) -> bool:
    """Whether the battery may be forced by us and has to be freed, however long evcc cannot reach it."""
    lease = state.kept.lease
    return mode is BatteryMode.NORMAL and lease is not None and lease.mode is not BatteryMode.NORMAL
