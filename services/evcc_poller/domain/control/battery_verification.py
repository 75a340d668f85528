"""Does the battery do what evcc says? Read back first, then the measured power; two contradictions are a failure."""

from dataclasses import replace
from datetime import timedelta

from ems.contract.control import BatteryAction, Owner
from ems.contract.people import EventKind
from ems.contract.site import BatteryFact, BatteryMode
from evcc_poller.domain.control import reasons
from evcc_poller.domain.control.battery_state import (
    SETTLE,
    BatteryState,
    BatteryVerification,
    Lease,
    Repair,
)
from evcc_poller.domain.control.power_check import follows
from evcc_poller.domain.control.settings import ControlSettings
from evcc_poller.domain.control.transition import Transition
from evcc_poller.domain.observation import Observation

ENOUGH = 2
"""Contradictions in a row that make a failure."""


def shown(state: BatteryState, seen: Observation, battery: BatteryFact, mode: BatteryMode) -> bool:
    """Whether evcc shows ``mode``, in a state that was asked for after we wrote it."""
    asked = state.asked
    return asked is not None and asked.mode is mode and seen.at >= asked.at + SETTLE and battery.mode is mode


def freed(state: BatteryState, seen: Observation, battery: BatteryFact) -> bool:
    """Whether evcc has the battery in normal and nobody holds it from outside."""
    newer = state.asked is None or seen.at >= state.asked.at + SETTLE
    ours = battery.mode_external in {None, BatteryMode.NORMAL}
    return newer and ours and battery.mode is BatteryMode.NORMAL


def judge(
    turn: Transition[BatteryState], seen: Observation, battery: BatteryFact, target: BatteryMode, rules: ControlSettings
) -> None:
    """Weighs the newest look against the mode on trial, at most once a control cycle of evcc."""
    state = turn.state
    stale = state.asked is not None and seen.at < state.asked.at + SETTLE
    if state.repair is not None or state.foreign or stale:
        return
    if target is BatteryMode.NORMAL:
        if state.kept.lease is None and state.trial is not None and state.trial.mode is BatteryMode.NORMAL:
            _judge_release(turn, seen, battery, rules)
        return
    trial = (
        state.trial if state.trial is not None and state.trial.mode is target else BatteryVerification(target, turn.now)
    )
    if not shown(state, seen, battery, target):
        _judge_unshown(turn, seen, trial, battery, rules)
    elif trial.shown_at is None:
        turn.state = replace(state, trial=replace(trial, shown_at=seen.at, judged_at=None))
    elif seen.at - (trial.judged_at or trial.shown_at) >= _cycle(seen):
        _judge_shown(turn, seen, trial, battery, rules)


def _judge_unshown(
    turn: Transition[BatteryState],
    seen: Observation,
    trial: BatteryVerification,
    battery: BatteryFact,
    rules: ControlSettings,
) -> None:
    """Evcc took the mode and does not come to show it: after three cycles that counts against it."""
    late = turn.now - (trial.judged_at or trial.since) > 3 * _cycle(seen)
    trial = replace(trial, shown_at=None, proven=False)
    if late and turn.state.asked is not None and turn.state.asked.sure:
        trial = replace(trial, judged_at=turn.now, against=trial.against + 1)
    _weigh(turn, trial, battery, rules)


def _judge_shown(
    turn: Transition[BatteryState],
    seen: Observation,
    trial: BatteryVerification,
    battery: BatteryFact,
    rules: ControlSettings,
) -> None:
    """Evcc shows the mode: does the measured power agree?"""
    state = turn.state
    fits = follows(trial.mode, battery, seen.site.grid_w, rules)
    if fits is False:
        trial = replace(trial, judged_at=seen.at, against=trial.against + 1, proven=False)
    elif fits or not (state.lost or trial.against):
        if not trial.proven:
            turn.record("verified", reasons.VERIFIED, state.kept.owner, BatteryAction(mode=trial.mode))
        trial = replace(trial, judged_at=seen.at, against=0, proven=True)
    _weigh(turn, trial, battery, rules)
    if fits:
        _proven(turn)


def _judge_release(
    turn: Transition[BatteryState], seen: Observation, battery: BatteryFact, rules: ControlSettings
) -> None:
    """A battery that swallowed `normal` goes on as before, while evcc says normal and writes nothing more."""
    state, trial, cycle = turn.state, turn.state.trial, _cycle(seen)
    if trial is None or battery.mode is not BatteryMode.NORMAL:
        return  # evcc itself holds the battery (a car charges fast): nothing to be judged.
    if state.lost and state.retry_at is not None and turn.now < state.retry_at:
        return
    if seen.at - (trial.judged_at or trial.shown_at or trial.since) < cycle:
        return
    fits = follows(BatteryMode.NORMAL, battery, seen.site.grid_w, rules)
    if fits is False:
        _weigh(turn, replace(trial, judged_at=seen.at, against=trial.against + 1), battery, rules)
    elif fits or (turn.now - trial.since > 4 * cycle and not trial.against):
        turn.state = replace(state, trial=None)
        if fits:
            _proven(turn)
    else:
        turn.state = replace(state, trial=replace(trial, judged_at=seen.at))


def _weigh(
    turn: Transition[BatteryState], trial: BatteryVerification, battery: BatteryFact, rules: ControlSettings
) -> None:
    """Says a contradiction at once; after the second repairs, and after too many repairs gives up."""
    turn.state, target = replace(turn.state, trial=trial), trial.mode
    if not trial.against:
        return
    doubt = (
        reasons.doubtful(target, battery.power_w) if battery.mode is target else reasons.unshown(target, battery.mode)
    )
    turn.state = replace(turn.state, error=doubt)
    if trial.against < ENOUGH:
        return
    if turn.state.repairs >= rules.tries:
        _give_up(turn, target, rules)
        return
    via = BatteryMode.HOLD if target is BatteryMode.NORMAL else BatteryMode.NORMAL
    if via is BatteryMode.HOLD and via not in rules.battery_modes - turn.state.refused:
        _give_up(turn, target, rules)
        return
    lease = turn.state.kept.lease or Lease(via, turn.now)
    turn.state = replace(
        turn.state, trial=None, repair=Repair(via, turn.now), repairs=turn.state.repairs + 1, retry_at=None
    )
    turn.state = replace(turn.state, kept=replace(turn.state.kept, lease=lease))
    turn.record("repaired", reasons.REPAIR, turn.state.kept.owner, BatteryAction(mode=target))


def _give_up(turn: Transition[BatteryState], target: BatteryMode, rules: ControlSettings) -> None:
    """Loudly: the battery is left to evcc until a later try, and people are told (once)."""
    state = turn.state
    pause = min(max(2 * state.pause_s, rules.retry_s), rules.retry_max_s)
    retry_at = turn.now + timedelta(seconds=pause)
    text = reasons.lost(target, retry_at)
    if not state.lost:
        turn.emit(EventKind.CONTROL_LOST, text, {"mode": str(target)})
    after = BatteryVerification(BatteryMode.NORMAL, retry_at) if target is BatteryMode.NORMAL else None
    turn.state = replace(state, lost=True, pause_s=pause, retry_at=retry_at, trial=after, error=text.en)
    turn.record("refused", text, state.kept.owner, BatteryAction(mode=target))


def _proven(turn: Transition[BatteryState]) -> None:
    """The power agrees: whatever was wrong is over."""
    state = turn.state
    if state.lost:
        turn.emit(EventKind.CONTROL_BACK, reasons.BACK)
        turn.record("verified", reasons.BACK, Owner(state.kept.owner))
    turn.state = replace(state, lost=False, repairs=0, pause_s=0, retry_at=None, error=None)


def _cycle(seen: Observation) -> timedelta:
    """Evcc's control cycle; its own default where it does not say."""
    return timedelta(seconds=seen.site.evcc.interval_s or 30)
