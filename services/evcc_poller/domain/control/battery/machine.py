"""The home battery's state machine: one owner, one lease, one mode at a time."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from ems.contract.control import BatteryAction, Choice, Control, Owner, Phase
from ems.contract.people import EventKind
from ems.contract.site import BatteryFact, BatteryMode
from evcc_poller.domain.control.battery.capabilities import achievable
from evcc_poller.domain.control.battery.state import (
    DEVICE,
    BatteryState,
    BatteryVerification,
    BatteryWriteWindow,
    Lease,
    Repair,
    UserMode,
)
from evcc_poller.domain.control.battery.verification import freed, judge, shown
from evcc_poller.domain.control.battery.writes import due
from evcc_poller.domain.control.effects import (
    DesiredAction,
    ReleaseBattery,
    WriteBatteryMode,
)
from evcc_poller.domain.control.messages import MessageMaker
from evcc_poller.domain.control.settings import ControlSettings
from evcc_poller.domain.control.timing import LAPSE, LOOK_AGE, SETTLE
from evcc_poller.domain.control.transition import StepResult, Transition
from evcc_poller.domain.observation import Observation
from evcc_poller.domain.wording.control import (
    BatteryFree,
    ControlReason,
    EvccForgot,
    Left,
    LeftToEvcc,
    ModeReplaced,
    PersonTimeOver,
    PersonWantsBattery,
    SetElsewhere,
)

type _Transition = Transition[BatteryState]

EXTERNAL = "batteryModeExternal"
"""Evcc's name of the mode from outside."""
WINDOW = timedelta(seconds=3)
"""Time from a write on in which evcc's words of its moment come."""


def step(
    state: BatteryState, seen: Observation, desired: DesiredAction, now: datetime, rules: ControlSettings
) -> StepResult[BatteryState]:
    """What follows from evcc's state at ``seen.at`` and from what the controller in charge desires ``now``."""
    transition = Transition(state, DEVICE, now, seen.site)
    battery = seen.site.battery
    usable = battery is not None and seen.site.evcc.reachable and now - seen.at <= timedelta(seconds=rules.stale_s)
    if battery is not None and usable:
        transition.state = replace(transition.state, observed=battery.mode, external=battery.mode_external)
        _detect_restart(transition, seen, battery)
        _detect_foreign_mode(transition, seen, battery)
        _detect_overwritten_mode(transition, seen, battery)
    _decide_owner(transition, desired, rules)
    if transition.state.stopping or (
        transition.state.kept.choice is Choice.OFF and transition.state.kept.lease is None
    ):
        transition.state = replace(transition.state, phase=Phase.IDLE, verification=None)
        return transition.end()
    if battery is not None and usable:
        judge(transition, seen, battery, _target(transition.state, now), rules)
    _act(transition, seen, battery if usable else None, rules)
    return transition.end()


def set_mode(state: BatteryState, mode: BatteryMode, now: datetime, rules: ControlSettings) -> StepResult[BatteryState]:
    """A person sets a mode and becomes the battery's owner."""
    until = now + timedelta(hours=rules.override_hours)
    kept = replace(state.kept, user=UserMode(mode, now, until))
    return replace(state, kept=kept, lost=False, retry_at=None, pause_s=0, repairs=0), ()


def withdrawn(user: UserMode | None) -> Callable[[BatteryState], StepResult[BatteryState]]:
    """Takes back a person's mode that evcc refused; ``user`` is what they had set until then."""
    return lambda state: (replace(state, kept=replace(state.kept, user=user)), ())


def release(state: BatteryState) -> StepResult[BatteryState]:
    """A person gives the battery back; a mode from outside that evcc still shows counts no more."""
    released = state.external if state.foreign else state.released
    return replace(state, kept=replace(state.kept, user=None), foreign=False, released=released), ()


def choose(state: BatteryState, choice: Choice) -> StepResult[BatteryState]:
    """A person chooses who controls the battery; this also ends the mode that they had set."""
    return replace(state, kept=replace(state.kept, choice=choice, user=None)), ()


def stop(state: BatteryState, now: datetime, reason: ControlReason) -> StepResult[BatteryState]:
    """Frees the battery before the service ends. The lease stays on disk until evcc has been seen in normal."""
    transition = Transition(replace(state, stopping=True), DEVICE, now)
    if state.kept.lease is not None and not state.foreign:
        transition.record("released", reason, Owner.NONE, BatteryAction(mode=BatteryMode.NORMAL))
        transition.do(WriteBatteryMode(BatteryMode.NORMAL))
    transition.state = replace(
        transition.state, reason=reason, kept=replace(transition.state.kept, owner=Owner.NONE, since=now)
    )
    return transition.end()


def problem(state: BatteryState) -> ControlReason | None:
    """What a person should know is wrong, or None."""
    doubted = state.lost or state.repairs or (state.verification is not None and state.verification.against)
    unable = state.uncontrollable and state.desired not in {None, BatteryMode.NORMAL}
    return state.error if doubted or unable or (state.unanswered and not state.uncontrollable) else None


def published(state: BatteryState, now: datetime, messages: MessageMaker) -> Control:
    """The battery as people and services see it."""
    wrong = messages.text(state.error) if state.error else None
    return Control(
        device=DEVICE,
        at=now,
        owner=state.kept.owner,
        since=state.kept.since or now,
        until=state.until,
        controller=state.controller,
        choice=state.kept.choice,
        desired=None if state.desired is None else BatteryAction(mode=state.desired),
        observed=None if state.observed is None else BatteryAction(mode=state.observed),
        found=None if state.kept.lease is None else BatteryAction(mode=BatteryMode.NORMAL),
        phase=state.phase,
        reason=messages.text(state.reason),
        cause=messages.data(state.reason),
        error=wrong.en if wrong else None,
        error_text=wrong,
        error_cause=messages.data(state.error) if state.error else None,
    )


def evcc_restarted(state: BatteryState, seen: Observation) -> bool:
    """Whether evcc has forgotten that a battery mode was set: it was restarted, perhaps while the service was down.

    One that has no battery any more, or shows none yet, has none to forget of.
    """
    forgotten = seen.external_untouched and state.kept.touched
    return forgotten and seen.site.battery is not None and _newer(state, seen)


def _newer(state: BatteryState, seen: Observation) -> bool:
    """Whether ``seen`` was read after our last write was answered."""
    return state.pending is None or seen.at >= state.pending.at + SETTLE


def _detect_restart(transition: _Transition, seen: Observation, battery: BatteryFact) -> None:
    """Frees the battery after a restart of evcc, which may have left it forced; only writing `normal` frees it."""
    state = transition.state
    if not seen.external_untouched or not _newer(state, seen):
        return
    kept, lease, restarted = state.kept, state.kept.lease, seen.restarted or state.kept.touched
    if restarted:
        kept = replace(kept, touched=False)
        transition.state = state = replace(
            state, kept=kept, pending=None, foreign=False, refused=frozenset(), verification=None
        )
        transition.state = state = replace(state, next_try_at=None, uncontrollable=False)
    # The first observation of an evcc that does not know the mode: anyone may have forced the battery before.
    first = battery.mode is None and lease is None
    others = kept.choice is Choice.OFF or seen.site.evcc.optimizer_has_battery
    unmanaged = lease is None and (others or battery.controllable is False)
    if unmanaged or state.uncontrollable or not (restarted or first):
        return
    kept = replace(kept, lease=lease or Lease(BatteryMode.NORMAL, transition.now))
    transition.state = replace(state, kept=kept, repair=Repair(BatteryMode.NORMAL))
    if restarted:
        transition.record("repaired", EvccForgot(), kept.owner, BatteryAction(mode=BatteryMode.NORMAL))


def _detect_foreign_mode(transition: _Transition, seen: Observation, battery: BatteryFact) -> None:
    """Notes an external mode that is not ours, `normal` included; it is left alone until it lapses."""
    state, external = transition.state, battery.mode_external
    if state.ours_until is None:
        # What the service left behind before it was started is still shown for as long as evcc keeps it.
        transition.state = state = replace(state, ours_until=transition.now + LAPSE)
    if not _newer(state, seen):
        return
    if external is not state.released:
        transition.state = state = replace(state, released=None)
    # Once somebody's, it stays theirs until evcc has let it lapse: repeating it is no new override.
    foreign = external is not None and external is not state.released
    foreign = foreign and (state.foreign or external not in _ours(state, transition.now))
    if foreign and not state.foreign:
        transition.emit(EventKind.OVERRIDE, SetElsewhere(), {"mode": str(external)})
    if foreign != state.foreign:
        transition.state = replace(
            state, foreign=foreign, verification=None, repair=None, pending=None if foreign else state.pending
        )


def _detect_overwritten_mode(transition: _Transition, seen: Observation, battery: BatteryFact) -> None:
    """Gives back, once, what somebody set milliseconds before our write; it lapses by itself like every such mode."""
    state = transition.state
    if (window := state.window) is None:
        return
    ended = window.began + WINDOW
    if seen.at > ended:
        transition.state = state = replace(state, window=None)
    told = [c for c in seen.told if c.loadpoint is None and c.setting == EXTERNAL and window.began <= c.at <= ended]
    modes = [BatteryMode(change.value) for change in told if change.value in set(BatteryMode)]
    wishes = [mode for mode in modes if mode not in window.modes and mode is not battery.mode_external]
    if not wishes or modes[-1] not in window.modes or state.foreign or seen.restarted or seen.external_untouched:
        return
    transition.emit(EventKind.OVERRIDE, SetElsewhere(), {"mode": str(wishes[-1])})
    transition.state = replace(state, foreign=True, window=None, verification=None, repair=None)
    transition.do(WriteBatteryMode(wishes[-1]))


def _ours(state: BatteryState, now: datetime) -> set[BatteryMode | None]:
    """The external modes that evcc may show because of us."""
    if state.pending is not None:
        return {state.pending.mode} if state.pending.sure else {state.pending.mode, state.pending.before}
    if (lease := state.kept.lease) is not None:
        return {BatteryMode.NORMAL, lease.mode, lease.before}
    return {BatteryMode.NORMAL} if state.ours_until is not None and now < state.ours_until else set()


def _in_charge(
    state: BatteryState, desired: DesiredAction, now: datetime
) -> tuple[Owner, BatteryMode | None, ControlReason]:
    """The battery's owner now, the mode they want, and why."""
    kept = state.kept
    if kept.choice is Choice.OFF:
        return Owner.NONE, None, LeftToEvcc(Left.PERSON)
    if state.foreign:
        return Owner.USER, None, SetElsewhere()
    if kept.user is not None and now < kept.user.until:
        return Owner.USER, kept.user.mode, PersonWantsBattery(kept.user.mode)
    if state.conflict_until is not None and now < state.conflict_until:
        return Owner.NONE, None, LeftToEvcc(Left.OPTIMIZER)
    if not desired.settled:
        return kept.owner, kept.lease.mode if kept.lease else None, desired.reason
    mode = desired.action.mode if isinstance(desired.action, BatteryAction) else None
    return (Owner.NONE if mode is None else desired.owner), mode, desired.reason


def _decide_owner(transition: _Transition, desired: DesiredAction, rules: ControlSettings) -> None:
    """Settles owner and desired mode; a change of either is recorded in the audit."""
    state, now = transition.state, transition.now
    if state.stopping:
        return
    if state.kept.user is not None and now >= state.kept.user.until:
        transition.state = state = replace(state, kept=replace(state.kept, user=None))
        transition.record("released", PersonTimeOver(), Owner.USER)
    owner, wanted, reason = _in_charge(state, desired, now)
    mode = None if wanted is None else achievable(wanted, rules.battery_modes - state.refused)
    if wanted is not None and mode is not None and mode is not wanted:
        reason = ModeReplaced(wanted, mode, reason)
    dwelling = state.changed_at is not None and now - state.changed_at < timedelta(seconds=rules.dwell_s)
    planned = owner is Owner.PLAN and state.kept.owner is Owner.PLAN
    if planned and dwelling and mode not in {state.desired, BatteryMode.NORMAL}:
        return
    changed = (owner, mode) != (state.kept.owner, state.desired)
    user = state.kept.user if owner is Owner.USER and not state.foreign else None
    transition.state = replace(
        state,
        controller=desired.controller if owner is Owner.PLAN else None,
        desired=mode,
        reason=reason,
        until=user.until if user else None,
        changed_at=now if mode is not state.desired else state.changed_at,
    )
    if owner is not state.kept.owner or state.kept.since is None:
        transition.state = replace(transition.state, kept=replace(state.kept, owner=owner, since=now))
    if changed:
        transition.record(
            "accepted" if mode is not None else "released",
            reason,
            owner,
            None if mode is None else BatteryAction(mode=mode),
            None if state.desired is None else BatteryAction(mode=state.desired),
            transition.state.controller,
        )


def _target(state: BatteryState, now: datetime) -> BatteryMode:
    """The mode that evcc should have: the desired one, or normal while a battery that does not follow is left alone."""
    if state.lost and state.retry_at is not None and now < state.retry_at:
        return BatteryMode.NORMAL
    return state.desired or BatteryMode.NORMAL


def _act(transition: _Transition, seen: Observation, battery: BatteryFact | None, rules: ControlSettings) -> None:
    """Writes what is due and sets the phase. Nothing is written while evcc is unseen: it may have restarted."""
    state, target = transition.state, _target(transition.state, transition.now)
    if state.foreign or state.uncontrollable:
        transition.state = replace(state, phase=Phase.IDLE)
        return
    if battery is None:
        transition.state = replace(state, phase=Phase.IDLE if state.kept.lease is None else Phase.PENDING)
        return
    if state.repair is not None and shown(state, seen, battery, state.repair.via):
        transition.state = state = replace(state, repair=None)
    goal, lease = state.repair.via if state.repair else target, state.kept.lease
    if lease is not None and goal is target is BatteryMode.NORMAL and freed(state, seen, battery):
        _close(transition, seen, battery, lease)
        _set_phase(transition, target)
        return
    if goal is not BatteryMode.NORMAL and (lease is None or lease.mode is not goal):
        before = lease.mode if lease else None
        transition.state = state = replace(state, kept=replace(state.kept, lease=Lease(goal, transition.now, before)))
    if state.kept.lease is not None and due(state, seen, battery, goal, rules, transition.now):
        known = frozenset({goal, battery.mode_external, *_ours(state, transition.now)})
        window = BatteryWriteWindow(transition.now - LOOK_AGE, known)
        transition.state = replace(transition.state, window=window)
        transition.do(WriteBatteryMode(goal))
    _set_phase(transition, target)


def _close(transition: _Transition, seen: Observation, battery: BatteryFact, lease: Lease) -> None:
    """Ends the lease, now that evcc has been seen in normal."""
    state = transition.state
    if battery.mode_external is not None:
        transition.do(ReleaseBattery())
    after = (
        BatteryVerification(BatteryMode.NORMAL, transition.now, seen.at)
        if lease.mode is not BatteryMode.NORMAL
        else None
    )
    transition.state = replace(
        state,
        ours_until=transition.now + LAPSE,
        pending=None,
        repair=None,
        verification=after,
        kept=replace(state.kept, lease=None),
    )
    transition.record("released", BatteryFree(), state.kept.owner, BatteryAction(mode=BatteryMode.NORMAL))


def _set_phase(transition: _Transition, target: BatteryMode) -> None:
    """Sets how far the desired mode has come."""
    state = transition.state
    if state.lost and state.retry_at is not None and transition.now < state.retry_at:
        phase = Phase.REFUSED
    elif target is BatteryMode.NORMAL:
        settled = Phase.IDLE if state.desired is None else Phase.VERIFIED
        phase = settled if state.kept.lease is None else Phase.PENDING
    else:
        proven = (
            state.verification is not None
            and state.verification.mode is target
            and state.verification.proven
            and not state.repair
        )
        phase = Phase.VERIFIED if proven else Phase.PENDING
    transition.state = replace(state, phase=phase)
