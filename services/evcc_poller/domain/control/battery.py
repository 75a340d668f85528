"""The home battery's state machine: one owner, one lease, one mode at a time."""

from dataclasses import replace
from datetime import datetime, timedelta

from ems.contract.control import BatteryAction, Choice, Control, Owner, Phase
from ems.contract.message import Text
from ems.contract.people import EventKind
from ems.contract.site import BatteryFact, BatteryMode
from evcc_poller.domain.control import reasons
from evcc_poller.domain.control.battery_state import (
    DEVICE,
    SETTLE,
    BatteryState,
    BatteryVerification,
    Lease,
    Repair,
    UserMode,
)
from evcc_poller.domain.control.battery_verification import freed, judge, shown
from evcc_poller.domain.control.battery_writes import due
from evcc_poller.domain.control.capabilities import achievable
from evcc_poller.domain.control.effects import (
    DesiredAction,
    Effect,
    ReleaseBattery,
    WriteBatteryMode,
)
from evcc_poller.domain.control.settings import ControlSettings
from evcc_poller.domain.control.transition import Transition
from evcc_poller.domain.observation import Observation

type Step = tuple[BatteryState, tuple[Effect, ...]]
type _Turn = Transition[BatteryState]


def step(state: BatteryState, seen: Observation, wish: DesiredAction, now: datetime, rules: ControlSettings) -> Step:
    """What follows from how evcc looks at ``seen.at`` and what the controller in charge wishes ``now``."""
    turn = Transition(state, DEVICE, now, seen.site)
    battery = seen.site.battery
    usable = battery is not None and seen.site.evcc.reachable and now - seen.at <= timedelta(seconds=rules.stale_s)
    if battery is not None and usable:
        turn.state = replace(turn.state, observed=battery.mode)
        _notice_restart(turn, seen, battery)
        _notice_others(turn, seen, battery)
    _decide_owner(turn, wish, rules)
    if turn.state.stopping or (turn.state.kept.choice is Choice.OFF and turn.state.kept.lease is None):
        turn.state = replace(turn.state, phase=Phase.IDLE, trial=None)
        return turn.end()
    if battery is not None and usable:
        judge(turn, seen, battery, _target(turn.state, now), rules)
    _act(turn, seen, battery if usable else None, rules)
    return turn.end()


def ask(state: BatteryState, mode: BatteryMode, now: datetime, rules: ControlSettings) -> Step:
    """A person asks us for a mode and becomes the battery's owner."""
    until = now + timedelta(hours=rules.override_hours)
    kept = replace(state.kept, user=UserMode(mode, now, until))
    return replace(state, kept=kept, lost=False, retry_at=None, pause_s=0, repairs=0), ()


def release(state: BatteryState) -> Step:
    """A person gives the battery back."""
    return replace(state, kept=replace(state.kept, user=None), foreign=False), ()


def choose(state: BatteryState, choice: Choice) -> Step:
    """A person chooses who controls the battery; this also ends what they had set by hand."""
    return replace(state, kept=replace(state.kept, choice=choice, user=None)), ()


def stop(state: BatteryState, now: datetime, reason: Text) -> Step:
    """We are about to go: free the battery. The lease stays on disk until somebody has seen that it worked."""
    turn = Transition(replace(state, stopping=True), DEVICE, now)
    if state.kept.lease is not None and not state.foreign:
        turn.record("released", reason, Owner.NONE, BatteryAction(mode=BatteryMode.NORMAL))
        turn.do(WriteBatteryMode(BatteryMode.NORMAL))
    turn.state = replace(turn.state, reason=reason, kept=replace(turn.state.kept, owner=Owner.NONE, since=now))
    return turn.end()


def problem(state: BatteryState) -> str | None:
    """What a person should know is wrong, or None."""
    doubted = state.lost or state.repairs or (state.trial is not None and state.trial.against)
    unable = state.uncontrollable and state.desired not in {None, BatteryMode.NORMAL}
    return state.error if doubted or unable or (state.unanswered and not state.uncontrollable) else None


def published(state: BatteryState, now: datetime) -> Control:
    """The battery as people and services see it."""
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
        reason=state.reason,
        error=state.error,
    )


def evcc_restarted(state: BatteryState, seen: Observation) -> bool:
    """Whether evcc has forgotten that a battery mode was ever set: it was started anew, perhaps while we were away."""
    return seen.external_untouched and state.kept.touched and _newer(state, seen)


def _newer(state: BatteryState, seen: Observation) -> bool:
    """Whether evcc was asked after our last write was answered."""
    return state.asked is None or seen.at >= state.asked.at + SETTLE


def _notice_restart(turn: _Turn, seen: Observation, battery: BatteryFact) -> None:
    """An evcc that was started anew may have left the battery forced, and nothing but `normal` frees it."""
    state = turn.state
    if not seen.external_untouched or not _newer(state, seen):
        return
    kept, lease, restarted = state.kept, state.kept.lease, seen.restarted or state.kept.touched
    if restarted:
        kept = replace(kept, touched=False)
        turn.state = state = replace(state, kept=kept, asked=None, foreign=False, refused=frozenset(), trial=None)
        turn.state = state = replace(state, next_try_at=None, uncontrollable=False)
    # The first look of all at an evcc that does not know either, whoever forced the battery before.
    first = battery.mode is None and lease is None
    nobodys = lease is None and (kept.choice is Choice.OFF or battery.controllable is False)
    if nobodys or state.uncontrollable or not (restarted or first):
        return
    kept = replace(kept, lease=lease or Lease(BatteryMode.NORMAL, turn.now))
    turn.state = replace(state, kept=kept, repair=Repair(BatteryMode.NORMAL, turn.now))
    if restarted:
        turn.record("repaired", reasons.RESTARTED, kept.owner, BatteryAction(mode=BatteryMode.NORMAL))


def _notice_others(turn: _Turn, seen: Observation, battery: BatteryFact) -> None:
    """A mode from outside that is not ours is somebody's wish: it is left alone until it lapses."""
    state, external = turn.state, battery.mode_external
    if not _newer(state, seen):
        return
    ours: set[BatteryMode | None]
    if state.asked is not None:
        ours = {state.asked.mode} if state.asked.sure else {state.asked.mode, state.asked.before}
    else:
        lease = state.kept.lease
        ours = {BatteryMode.NORMAL, lease.mode, lease.before} if lease else {BatteryMode.NORMAL}
    foreign = external is not None and external not in ours
    if foreign and not state.foreign:
        turn.emit(EventKind.OVERRIDE, reasons.FOREIGN, {"mode": str(external)})
    if foreign != state.foreign:
        turn.state = replace(state, foreign=foreign, trial=None, repair=None, asked=None if foreign else state.asked)


def _in_charge(state: BatteryState, wish: DesiredAction, now: datetime) -> tuple[Owner, BatteryMode | None, Text]:
    """Who owns the battery now, what they want, and why."""
    kept = state.kept
    if kept.choice is Choice.OFF:
        return Owner.NONE, None, reasons.LEFT_TO_EVCC
    if state.foreign:
        return Owner.USER, None, reasons.FOREIGN
    if kept.user is not None and now < kept.user.until:
        return Owner.USER, kept.user.mode, reasons.person_asked(f"`{kept.user.mode}`")
    if state.conflict_until is not None and now < state.conflict_until:
        return Owner.NONE, None, reasons.OPTIMIZER
    if not wish.settled:
        return kept.owner, kept.lease.mode if kept.lease else None, wish.reason
    mode = wish.action.mode if isinstance(wish.action, BatteryAction) else None
    return (Owner.NONE if mode is None else wish.owner), mode, wish.reason


def _decide_owner(turn: _Turn, wish: DesiredAction, rules: ControlSettings) -> None:
    """Settles owner and desired mode; a change of either is a transition and lands in the audit."""
    state, now = turn.state, turn.now
    if state.stopping:
        return
    if state.kept.user is not None and now >= state.kept.user.until:
        turn.state = state = replace(state, kept=replace(state.kept, user=None))
        turn.record("released", reasons.OVERRIDE_OVER, Owner.USER)
    owner, wanted, reason = _in_charge(state, wish, now)
    desired = None if wanted is None else achievable(wanted, rules.battery_modes - state.refused)
    if wanted is not None and desired is not None and desired is not wanted:
        reason = reasons.instead(wanted, desired, reason)
    dwelling = state.changed_at is not None and now - state.changed_at < timedelta(seconds=rules.dwell_s)
    planned = owner is Owner.PLAN and state.kept.owner is Owner.PLAN
    if planned and dwelling and desired not in {state.desired, BatteryMode.NORMAL}:
        return
    changed = (owner, desired) != (state.kept.owner, state.desired)
    user = state.kept.user if owner is Owner.USER and not state.foreign else None
    turn.state = replace(
        state,
        controller=wish.controller if owner is Owner.PLAN else None,
        desired=desired,
        reason=reason,
        until=user.until if user else None,
        changed_at=now if desired is not state.desired else state.changed_at,
    )
    if owner is not state.kept.owner or state.kept.since is None:
        turn.state = replace(turn.state, kept=replace(state.kept, owner=owner, since=now))
    if changed:
        turn.record(
            "accepted" if desired is not None else "released",
            reason,
            owner,
            None if desired is None else BatteryAction(mode=desired),
            None if state.desired is None else BatteryAction(mode=state.desired),
            turn.state.controller,
        )


def _target(state: BatteryState, now: datetime) -> BatteryMode:
    """The mode that evcc shall have: the desired one, unless the battery has just shown that it does not follow."""
    if state.lost and state.retry_at is not None and now < state.retry_at:
        return BatteryMode.NORMAL
    return state.desired or BatteryMode.NORMAL


def _act(turn: _Turn, seen: Observation, battery: BatteryFact | None, rules: ControlSettings) -> None:
    """Writes what is due and sets the phase. evcc is not written to before it has been seen: it may be another run."""
    state, target = turn.state, _target(turn.state, turn.now)
    if state.foreign or state.uncontrollable:
        turn.state = replace(state, phase=Phase.IDLE)
        return
    if battery is None:
        turn.state = replace(state, phase=Phase.IDLE if state.kept.lease is None else Phase.PENDING)
        return
    if state.repair is not None and shown(state, seen, battery, state.repair.via):
        turn.state = state = replace(state, repair=None)
    goal, lease = state.repair.via if state.repair else target, state.kept.lease
    if lease is not None and goal is target is BatteryMode.NORMAL and freed(state, seen, battery):
        _close(turn, seen, battery, lease)
        _set_phase(turn, target)
        return
    if goal is not BatteryMode.NORMAL and (lease is None or lease.mode is not goal):
        before = lease.mode if lease else None
        turn.state = state = replace(state, kept=replace(state.kept, lease=Lease(goal, turn.now, before)))
    if state.kept.lease is not None and due(state, seen, battery, goal, rules, turn.now):
        turn.do(WriteBatteryMode(goal))
    _set_phase(turn, target)


def _close(turn: _Turn, seen: Observation, battery: BatteryFact, lease: Lease) -> None:
    """Evcc has been seen in normal: nothing is owed any more."""
    state = turn.state
    if battery.mode_external is not None:
        turn.do(ReleaseBattery())
    after = BatteryVerification(BatteryMode.NORMAL, turn.now, seen.at) if lease.mode is not BatteryMode.NORMAL else None
    turn.state = replace(state, asked=None, repair=None, trial=after, kept=replace(state.kept, lease=None))
    turn.record("released", reasons.FREE, state.kept.owner, BatteryAction(mode=BatteryMode.NORMAL))


def _set_phase(turn: _Turn, target: BatteryMode) -> None:
    """How far the desired mode has come."""
    state = turn.state
    if state.lost and state.retry_at is not None and turn.now < state.retry_at:
        phase = Phase.REFUSED
    elif target is BatteryMode.NORMAL:
        settled = Phase.IDLE if state.desired is None else Phase.VERIFIED
        phase = settled if state.kept.lease is None else Phase.PENDING
    else:
        proven = state.trial is not None and state.trial.mode is target and state.trial.proven and not state.repair
        phase = Phase.VERIFIED if proven else Phase.PENDING
    turn.state = replace(state, phase=phase)
