"""Verifies that the battery does what evcc says: read back first, then the measured power."""

from dataclasses import replace
from datetime import timedelta

from ems.contract.control import BatteryAction, Owner
from ems.contract.people import EventKind
from ems.contract.site import BatteryFact, BatteryMode
from evcc_poller.domain.control.battery.power_check import follows
from evcc_poller.domain.control.battery.state import (
    BatteryState,
    BatteryVerification,
    Lease,
    Repair,
)
from evcc_poller.domain.control.settings import ControlSettings
from evcc_poller.domain.control.timing import SETTLE
from evcc_poller.domain.control.transition import Transition
from evcc_poller.domain.observation import Observation
from evcc_poller.domain.wording.control import BatteryBack, BatteryLost, BatteryRepaired, Verified
from evcc_poller.domain.wording.troubles import ModeNotShown, PowerContradicts

FAILED_AFTER = 2
"""Consecutive contradictions that count as a failure."""


def shown(state: BatteryState, seen: Observation, battery: BatteryFact, mode: BatteryMode) -> bool:
    """Whether evcc shows ``mode``, in a state that was asked for after we wrote it."""
    pending = state.pending
    return pending is not None and pending.mode is mode and seen.at >= pending.at + SETTLE and battery.mode is mode


def freed(state: BatteryState, seen: Observation, battery: BatteryFact) -> bool:
    """Whether evcc has the battery in normal and nobody holds it from outside."""
    newer = state.pending is None or seen.at >= state.pending.at + SETTLE
    ours = battery.mode_external in {None, BatteryMode.NORMAL}
    return newer and ours and battery.mode is BatteryMode.NORMAL


def judge(
    transition: Transition[BatteryState],
    seen: Observation,
    battery: BatteryFact,
    target: BatteryMode,
    rules: ControlSettings,
) -> None:
    """Judges the newest observation against the target mode, at most once per control cycle of evcc."""
    state = transition.state
    stale = state.pending is not None and seen.at < state.pending.at + SETTLE
    if state.repair is not None or state.foreign or stale:
        return
    if target is BatteryMode.NORMAL:
        if (
            state.kept.lease is None
            and state.verification is not None
            and state.verification.mode is BatteryMode.NORMAL
        ):
            _judge_release(transition, seen, battery, rules)
        return
    verification = (
        state.verification
        if state.verification is not None and state.verification.mode is target
        else BatteryVerification(target, transition.now)
    )
    if not shown(state, seen, battery, target):
        _judge_unshown(transition, seen, verification, battery, rules)
    elif verification.shown_at is None:
        transition.state = replace(state, verification=replace(verification, shown_at=seen.at, judged_at=None))
    elif seen.at - (verification.judged_at or verification.shown_at) >= _cycle(seen):
        _judge_shown(transition, seen, verification, battery, rules)


def _judge_unshown(
    transition: Transition[BatteryState],
    seen: Observation,
    verification: BatteryVerification,
    battery: BatteryFact,
    rules: ControlSettings,
) -> None:
    """Counts a contradiction when evcc took the mode and does not show it within three control cycles."""
    late = transition.now - (verification.judged_at or verification.since) > 3 * _cycle(seen)
    verification = replace(verification, shown_at=None, proven=False)
    if late and transition.state.pending is not None and transition.state.pending.sure:
        verification = replace(verification, judged_at=transition.now, against=verification.against + 1)
    _weigh(transition, verification, battery, rules)


def _judge_shown(
    transition: Transition[BatteryState],
    seen: Observation,
    verification: BatteryVerification,
    battery: BatteryFact,
    rules: ControlSettings,
) -> None:
    """Compares the measured power with the mode that evcc shows."""
    state = transition.state
    fits = follows(verification.mode, battery, seen.site.grid_w, rules)
    if fits is False:
        verification = replace(verification, judged_at=seen.at, against=verification.against + 1, proven=False)
    elif fits or not (state.lost or verification.against):
        if not verification.proven:
            transition.record("verified", Verified(), state.kept.owner, BatteryAction(mode=verification.mode))
        verification = replace(verification, judged_at=seen.at, against=0, proven=True)
    _weigh(transition, verification, battery, rules)
    if fits:
        _proven(transition)


def _judge_release(
    transition: Transition[BatteryState], seen: Observation, battery: BatteryFact, rules: ControlSettings
) -> None:
    """Checks a released battery: one that ignored `normal` goes on as before, and evcc writes nothing more."""
    state, verification, cycle = transition.state, transition.state.verification, _cycle(seen)
    if verification is None or battery.mode is not BatteryMode.NORMAL:
        return  # evcc itself holds the battery (a car charges fast): nothing to be judged.
    if state.lost and state.retry_at is not None and transition.now < state.retry_at:
        return
    if seen.at - (verification.judged_at or verification.shown_at or verification.since) < cycle:
        return
    fits = follows(BatteryMode.NORMAL, battery, seen.site.grid_w, rules)
    if fits is False:
        _weigh(transition, replace(verification, judged_at=seen.at, against=verification.against + 1), battery, rules)
    elif fits or (transition.now - verification.since > 4 * cycle and not verification.against):
        transition.state = replace(state, verification=None)
        if fits:
            _proven(transition)
    else:
        transition.state = replace(state, verification=replace(verification, judged_at=seen.at))


def _weigh(
    transition: Transition[BatteryState],
    verification: BatteryVerification,
    battery: BatteryFact,
    rules: ControlSettings,
) -> None:
    """Reports a contradiction at once, repairs after the second, and gives up after too many repairs."""
    transition.state, target = replace(transition.state, verification=verification), verification.mode
    if not verification.against:
        return
    doubt = PowerContradicts(target, battery.power_w) if battery.mode is target else ModeNotShown(target, battery.mode)
    transition.state = replace(transition.state, error=doubt)
    if verification.against < FAILED_AFTER:
        return
    if transition.state.repairs >= rules.tries:
        _give_up(transition, target, rules)
        return
    via = BatteryMode.HOLD if target is BatteryMode.NORMAL else BatteryMode.NORMAL
    if via is BatteryMode.HOLD and via not in rules.battery_modes - transition.state.refused:
        _give_up(transition, target, rules)
        return
    lease = transition.state.kept.lease or Lease(via, transition.now)
    transition.state = replace(
        transition.state,
        verification=None,
        repair=Repair(via),
        repairs=transition.state.repairs + 1,
        retry_at=None,
    )
    transition.state = replace(transition.state, kept=replace(transition.state.kept, lease=lease))
    transition.record("repaired", BatteryRepaired(target), transition.state.kept.owner, BatteryAction(mode=target))


def _give_up(transition: Transition[BatteryState], target: BatteryMode, rules: ControlSettings) -> None:
    """Leaves the battery to evcc until a later try, and tells people once."""
    state = transition.state
    pause = min(max(2 * state.pause_s, rules.retry_s), rules.retry_max_s)
    retry_at = transition.now + timedelta(seconds=pause)
    lost = BatteryLost(target, retry_at)
    if not state.lost:
        transition.emit(EventKind.CONTROL_LOST, lost, {"mode": str(target)})
        # A later try that fails too is the same story, and stands in the control fact.
        transition.record("refused", lost, state.kept.owner, BatteryAction(mode=target))
    after = BatteryVerification(BatteryMode.NORMAL, retry_at) if target is BatteryMode.NORMAL else None
    transition.state = replace(state, lost=True, pause_s=pause, retry_at=retry_at, verification=after, error=lost)


def _proven(transition: Transition[BatteryState]) -> None:
    """Clears what was wrong: the power agrees."""
    state = transition.state
    if state.lost:
        transition.emit(EventKind.CONTROL_BACK, BatteryBack())
        transition.record("verified", BatteryBack(), Owner(state.kept.owner))
    transition.state = replace(state, lost=False, repairs=0, pause_s=0, retry_at=None, error=None)


def _cycle(seen: Observation) -> timedelta:
    """Evcc's control cycle; its default of 30 s where it does not show one."""
    return timedelta(seconds=seen.site.evcc.interval_s or 30)
