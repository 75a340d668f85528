"""Detects that a person has taken over a loadpoint: they did what neither we nor evcc itself did (an override)."""

from dataclasses import replace
from datetime import datetime, timedelta

from ems.contract.control import Choice, Owner
from ems.contract.people import EventKind
from ems.contract.site import Loadpoint
from evcc_poller.domain.control import reasons
from evcc_poller.domain.control.loadpoint.state import (
    LoadpointState,
    LoadpointTarget,
    UserHold,
    target_of,
)
from evcc_poller.domain.control.settings import ControlSettings
from evcc_poller.domain.control.timing import SETTLE
from evcc_poller.domain.control.transition import Transition
from evcc_poller.domain.observation import Observation

type _Transition = Transition[LoadpointState]

RESET = timedelta(seconds=60)
"""Longest time after a car has left until evcc has set mode and limit back."""
SAME_STAY = timedelta(seconds=90)
"""Longest difference between two plug-in times that are taken for the same stay."""


def is_current(state: LoadpointState, seen: Observation) -> bool:
    """Whether ``seen`` was read after our last writes were answered."""
    return all(a is None or seen.at >= a.at + SETTLE for a in (state.pending_mode, state.pending_limit))


def observe(transition: _Transition, seen: Observation, loadpoint: Loadpoint, rules: ControlSettings) -> None:
    """Updates the state from what evcc shows: cars that came and left, restarts, and what people changed."""
    state, now, shows = transition.state, transition.now, target_of(loadpoint)
    kept = state.kept
    restarted_at = now if seen.restarted else state.restarted_at
    if kept.connected and restarted_at is not None and now - restarted_at < RESET:
        # An evcc that has just started has not looked at its chargers yet.
        loadpoint = loadpoint.model_copy(update={"connected": True})
    plugged_at = _plugged_at(seen, loadpoint)
    arrived = loadpoint.connected and (
        not kept.connected or (not seen.restarted and _other_stay(kept.plugged_at, plugged_at))
    )
    left = kept.connected and (not loadpoint.connected or arrived)
    reset = left or arrived or (kept.left_at is not None and now - kept.left_at < RESET)
    identified = state.seen_before and loadpoint.vehicle != state.vehicle
    transition.state = replace(
        state, observed=shows, seen_before=True, vehicle=loadpoint.vehicle, restarted_at=restarted_at
    )
    if arrived or left or seen.restarted or not state.seen_before:
        _remember(transition, connected=loadpoint.connected, plugged_at=plugged_at)
    if left:
        _car_left(transition)
    if arrived:
        _remember(transition, left_at=None)
        transition.state = replace(transition.state, named_vehicle=None)
    known = bool(kept.modes) and kept.choice is not Choice.OFF
    if known and not (reset or identified or seen.restarted):
        if is_current(state, seen):
            _detect_person(transition, shows, rules)
        return
    differs = shows.mode not in kept.modes or shows.limit_soc_pct not in kept.limits
    if known and seen.restarted and differs:
        transition.record("repaired", reasons.TAKEN_BACK, kept.owner, before=shows.action())
    elif known and not loadpoint.connected and shows.mode not in kept.modes:
        _remember(transition, found=None)  # evcc has set its own default: nothing of ours is left.
    if is_current(state, seen):
        _adopt(transition, shows)
    else:  # A write of ours may have come after this observation.
        _remember(transition, modes=(shows.mode, *kept.modes), limits=(shows.limit_soc_pct, *kept.limits))


def set_person_mode(transition: _Transition, target: LoadpointTarget, rules: ControlSettings) -> None:
    """Makes a person the owner; their mode is what a handover leaves behind."""
    kept, now = transition.state.kept, transition.now
    user = UserHold(target.mode, now, now + timedelta(hours=rules.override_hours))
    found = None if kept.found is None else replace(kept.found, mode=target.mode)
    if kept.boost is not None:
        transition.emit(EventKind.BOOST_ENDED, reasons.BOOST_TAKEN)
    _remember(transition, user=user, found=found, boost=None)


def set_person_limit(transition: _Transition, limit_soc_pct: int) -> None:
    """Keeps a person's limit until the car leaves; the plan goes on deciding when to charge."""
    found = transition.state.kept.found
    found = None if found is None else replace(found, limit_soc_pct=limit_soc_pct)
    _remember(transition, limit_soc_pct=limit_soc_pct, found=found)


def _detect_person(transition: _Transition, shows: LoadpointTarget, rules: ControlSettings) -> None:
    kept = transition.state.kept
    if shows.mode not in kept.modes:
        before = LoadpointTarget(kept.modes[-1], shows.limit_soc_pct)
        reason = reasons.person_set(f"`{shows.mode}`")
        set_person_mode(transition, shows, rules)
        transition.record("override", reason, Owner.USER, shows.action(), before.action())
        transition.emit(EventKind.OVERRIDE, reason, {"mode": str(shows.mode)})
    if shows.limit_soc_pct not in kept.limits:
        reason = reasons.person_set(f"{shows.limit_soc_pct} %" if shows.limit_soc_pct else reasons.NO_LIMIT)
        set_person_limit(transition, shows.limit_soc_pct)
        transition.record("override", reason, Owner.USER, shows.action())
        transition.emit(EventKind.OVERRIDE, reason, {"limit_soc_pct": float(shows.limit_soc_pct)})
    _adopt(transition, shows)


def _car_left(transition: _Transition) -> None:
    kept = transition.state.kept
    if kept.boost is not None:
        transition.emit(EventKind.BOOST_ENDED, reasons.CAR_LEFT)
    if kept.user is not None:
        transition.record("released", reasons.CAR_LEFT, Owner.USER)
    _remember(transition, user=None, boost=None, limit_soc_pct=None, left_at=transition.now)
    transition.state = replace(transition.state, pending_mode=None, pending_limit=None, error=None)


def _adopt(transition: _Transition, shows: LoadpointTarget) -> None:
    """Takes what evcc shows as known, without attributing it to anybody."""
    if (transition.state.kept.modes, transition.state.kept.limits) != ((shows.mode,), (shows.limit_soc_pct,)):
        _remember(transition, modes=(shows.mode,), limits=(shows.limit_soc_pct,))


def _remember(transition: _Transition, **changes: object) -> None:
    transition.state = replace(transition.state, kept=replace(transition.state.kept, **changes))  # type: ignore[arg-type]  # fields by name


def _plugged_at(seen: Observation, loadpoint: Loadpoint) -> datetime | None:
    if not loadpoint.connected or loadpoint.connected_s is None:
        return None
    return seen.at - timedelta(seconds=loadpoint.connected_s)


def _other_stay(remembered: datetime | None, shown: datetime | None) -> bool:
    return remembered is not None and shown is not None and shown - remembered > SAME_STAY
