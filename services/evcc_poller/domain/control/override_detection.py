"""Who changed a loadpoint: a person, evcc itself, or we. What we did not do and evcc does not do is a person's."""

from dataclasses import replace
from datetime import datetime, timedelta

from ems.contract.control import Choice, Owner
from ems.contract.people import EventKind
from ems.contract.site import Loadpoint
from evcc_poller.domain.control import reasons
from evcc_poller.domain.control.loadpoint_state import (
    SETTLE,
    LoadpointState,
    LoadpointTarget,
    UserHold,
    settings_of,
)
from evcc_poller.domain.control.settings import ControlSettings
from evcc_poller.domain.control.transition import Transition
from evcc_poller.domain.observation import Observation

type _Turn = Transition[LoadpointState]

RESET = timedelta(seconds=60)
"""After a car has left evcc sets mode and limit back within this time."""
SAME_STAY = timedelta(seconds=90)
"""Plugged in later than this after what we remember means another stay."""


def fresh(state: LoadpointState, seen: Observation) -> bool:
    """Whether evcc was asked after our last writes were answered."""
    return all(a is None or seen.at >= a.at + SETTLE for a in (state.asked_mode, state.asked_limit))


def notice(turn: _Turn, seen: Observation, loadpoint: Loadpoint, rules: ControlSettings) -> None:
    """Takes in how evcc looks: cars that came and went, restarts, and what people changed."""
    state, now, shows = turn.state, turn.now, settings_of(loadpoint)
    kept = state.kept
    restarted_at = now if seen.restarted else state.restarted_at
    if kept.connected and restarted_at is not None and now - restarted_at < RESET:
        # An evcc that has just started has not looked at its chargers yet.
        loadpoint = loadpoint.model_copy(update={"connected": True})
    plugged_at = _plugged_at(seen, loadpoint)
    came = loadpoint.connected and (
        not kept.connected or (not seen.restarted and _other_stay(kept.plugged_at, plugged_at))
    )
    left = kept.connected and (not loadpoint.connected or came)
    reset = left or came or (kept.left_at is not None and now - kept.left_at < RESET)
    identified = state.looked and loadpoint.vehicle != state.vehicle
    turn.state = replace(state, observed=shows, looked=True, vehicle=loadpoint.vehicle, restarted_at=restarted_at)
    if came or left or seen.restarted or not state.looked:
        _keep(turn, connected=loadpoint.connected, plugged_at=plugged_at)
    if left:
        _car_left(turn)
    if came:
        _keep(turn, left_at=None)
        turn.state = replace(turn.state, told_vehicle=None)
    known = bool(kept.modes) and kept.choice is not Choice.OFF
    if known and not (reset or identified or seen.restarted):
        if fresh(state, seen):
            _persons(turn, shows, rules)
        return
    differs = shows.mode not in kept.modes or shows.limit_soc_pct not in kept.limits
    if known and seen.restarted and differs:
        turn.record("repaired", reasons.TAKEN_BACK, kept.owner, before=shows.action())
    elif known and not loadpoint.connected and shows.mode not in kept.modes:
        _keep(turn, found=None)  # evcc has set its own default: nothing of ours is left.
    if fresh(state, seen):
        _adopt(turn, shows)
    else:  # A write of ours may have come after this look.
        _keep(turn, modes=(shows.mode, *kept.modes), limits=(shows.limit_soc_pct, *kept.limits))


def person_mode(turn: _Turn, settings: LoadpointTarget, rules: ControlSettings) -> None:
    """A person's mode: they own the loadpoint, and theirs is what a handover leaves behind."""
    kept, now = turn.state.kept, turn.now
    user = UserHold(settings.mode, now, now + timedelta(hours=rules.override_hours))
    found = None if kept.found is None else replace(kept.found, mode=settings.mode)
    if kept.boost is not None:
        turn.emit(EventKind.BOOST_ENDED, reasons.BOOST_TAKEN)
    _keep(turn, user=user, found=found, boost=None)


def person_limit(turn: _Turn, limit_soc_pct: int) -> None:
    """A person's limit: kept until the car leaves; the plan goes on deciding when to charge."""
    found = turn.state.kept.found
    found = None if found is None else replace(found, limit_soc_pct=limit_soc_pct)
    _keep(turn, limit_soc_pct=limit_soc_pct, found=found)


def _persons(turn: _Turn, shows: LoadpointTarget, rules: ControlSettings) -> None:
    kept = turn.state.kept
    if shows.mode not in kept.modes:
        before = LoadpointTarget(kept.modes[-1], shows.limit_soc_pct)
        reason = reasons.person_set(f"`{shows.mode}`")
        person_mode(turn, shows, rules)
        turn.record("override", reason, Owner.USER, shows.action(), before.action())
        turn.emit(EventKind.OVERRIDE, reason, {"mode": str(shows.mode)})
    if shows.limit_soc_pct not in kept.limits:
        reason = reasons.person_set(f"{shows.limit_soc_pct} %" if shows.limit_soc_pct else reasons.NO_LIMIT)
        person_limit(turn, shows.limit_soc_pct)
        turn.record("override", reason, Owner.USER, shows.action())
        turn.emit(EventKind.OVERRIDE, reason, {"limit_soc_pct": float(shows.limit_soc_pct)})
    _adopt(turn, shows)


def _car_left(turn: _Turn) -> None:
    kept = turn.state.kept
    if kept.boost is not None:
        turn.emit(EventKind.BOOST_ENDED, reasons.CAR_LEFT)
    if kept.user is not None:
        turn.record("released", reasons.CAR_LEFT, Owner.USER)
    _keep(turn, user=None, boost=None, limit_soc_pct=None, left_at=turn.now)
    turn.state = replace(turn.state, asked_mode=None, asked_limit=None, error=None)


def _adopt(turn: _Turn, shows: LoadpointTarget) -> None:
    """What evcc shows now is what it has, and nobody's news."""
    if (turn.state.kept.modes, turn.state.kept.limits) != ((shows.mode,), (shows.limit_soc_pct,)):
        _keep(turn, modes=(shows.mode,), limits=(shows.limit_soc_pct,))


def _keep(turn: _Turn, **changes: object) -> None:
    turn.state = replace(turn.state, kept=replace(turn.state.kept, **changes))  # type: ignore[arg-type]  # fields by name


def _plugged_at(seen: Observation, loadpoint: Loadpoint) -> datetime | None:
    if not loadpoint.connected or loadpoint.connected_s is None:
        return None
    return seen.at - timedelta(seconds=loadpoint.connected_s)


def _other_stay(remembered: datetime | None, shown: datetime | None) -> bool:
    return remembered is not None and shown is not None and shown - remembered > SAME_STAY
