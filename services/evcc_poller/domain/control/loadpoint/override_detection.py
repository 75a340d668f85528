"""Detects that a person has taken over a loadpoint: they did what neither we nor evcc itself did (an override)."""

from dataclasses import replace
from datetime import datetime, timedelta

from ems.contract.control import Choice, Owner
from ems.contract.people import EventKind
from ems.contract.site import Loadpoint, LoadpointMode
from evcc_poller.domain.control.loadpoint.state import (
    LoadpointState,
    LoadpointTarget,
    UserHold,
    target_of,
)
from evcc_poller.domain.control.loadpoint.told_changes import overwritten
from evcc_poller.domain.control.settings import ControlSettings
from evcc_poller.domain.control.timing import SETTLE
from evcc_poller.domain.control.transition import Transition
from evcc_poller.domain.observation import Observation
from evcc_poller.domain.parsing.loadpoint import smart_mode
from evcc_poller.domain.wording.control import (
    BoostEnd,
    BoostEnded,
    CarLeft,
    PersonSetLimit,
    PersonSetMode,
    SettingTakenBack,
)

type _Transition = Transition[LoadpointState]

RESET = timedelta(seconds=60)
"""Longest time after a car has left until evcc has set mode and limit back."""
START = timedelta(seconds=150)
"""Time after a restart in which evcc goes through its loadpoints: sessions begin anew, default cars come back."""
FALLEN_KWH, BEGUN_KWH = 0.05, 0.1
"""By how much less a session shows than before, or up to how much it shows at all, when it is another one."""
_WITHOUT_SUN = {LoadpointMode.OFF, LoadpointMode.NOW}
"""Modes in which evcc's ``alwaysCharge`` does nothing."""
REBOOT = timedelta(minutes=5)
"""Longest absence of ours that is a restart of the machine: too short for a car to leave and come back."""
NEXT_LOOK = timedelta(minutes=1)
"""Between two looks that are nearer than this the same car does not leave and come back."""
SEEN_NOTED = timedelta(minutes=1)
"""Time after which it is noted on disk anew that a loadpoint was seen."""
NOTED_KWH = 1.0
"""How much a session grows before that is noted on disk, for a stay that ends while the service is down."""


def is_current(state: LoadpointState, seen: Observation) -> bool:
    """Whether ``seen`` was read after our last writes were answered."""
    return all(a is None or seen.at >= a.at + SETTLE for a in (state.pending_mode, state.pending_limit))


def observe(transition: _Transition, seen: Observation, loadpoint: Loadpoint, rules: ControlSettings) -> None:
    """Updates the state from what evcc shows: cars that came and left, restarts, and what people changed."""
    state, now, shows = transition.state, transition.now, target_of(loadpoint)
    kept = state.kept
    # evcc shows a loadpoint only after its first cycle: the restart counts until then.
    restarted = seen.restarted or state.restart_unseen or _restarted_unnoticed(state, now, loadpoint)
    restarted_at = now if restarted else state.restarted_at
    starting = restarted_at is not None and now - restarted_at < START
    if kept.connected and restarted_at is not None and now - restarted_at < RESET:
        # An evcc that has just started has not looked at its chargers yet.
        loadpoint = loadpoint.model_copy(update={"connected": True})
    arrived = loadpoint.connected and (not kept.connected or (not starting and _other_stay(state, loadpoint)))
    left = kept.connected and (not loadpoint.connected or arrived)
    reset = left or arrived or (kept.left_at is not None and now - kept.left_at < RESET)
    identified = state.seen_before and loadpoint.vehicle != state.vehicle
    transition.state = replace(
        state,
        observed=shows,
        seen_before=True,
        vehicle=loadpoint.vehicle,
        session_kwh=loadpoint.session_kwh,
        observed_at=now,
        restarted_at=restarted_at,
        restart_unseen=False,
    )
    grown = (loadpoint.session_kwh or 0.0) - (kept.session_kwh or 0.0) >= NOTED_KWH
    if arrived or left or restarted or identified or grown or not state.seen_before:
        _remember(
            transition,
            connected=loadpoint.connected,
            vehicle=loadpoint.vehicle,
            session_kwh=loadpoint.session_kwh,
        )
    _note_seen(transition)
    if left:
        _car_left(transition)
    if arrived:
        _remember(transition, left_at=None)
        transition.state = replace(transition.state, named_vehicle=None)
    known = bool(kept.modes) and kept.choice is not Choice.OFF
    if known and not (reset or identified or restarted):
        _detect_overwritten(transition, seen, shows, rules)
        if is_current(state, seen):
            _detect_person(transition, shows, rules)
            transition.state = replace(transition.state, window=None)
        return
    transition.state = replace(transition.state, window=None)
    differs = shows.mode not in kept.modes or shows.limit_soc_pct not in kept.limits
    if known and restarted and differs:
        transition.record("repaired", SettingTakenBack(), kept.owner, before=shows.action())
    elif known and not loadpoint.connected and shows.mode not in kept.modes:
        _remember(transition, found=None)  # evcc has set its own default: nothing of ours is left.
    if is_current(state, seen):
        _adopt(transition, shows)
    else:  # A write of ours may have come after this observation.
        _remember(
            transition,
            modes=(shows.mode, *kept.modes),
            limits=(shows.limit_soc_pct, *kept.limits),
            always_charge=(shows.always_charge, *kept.always_charge),
        )


def set_person_mode(transition: _Transition, target: LoadpointTarget, rules: ControlSettings) -> None:
    """Makes a person the owner; their mode is what a handover leaves behind."""
    kept, now = transition.state.kept, transition.now
    user = UserHold(target.mode, now, now + timedelta(hours=rules.override_hours), target.always_charge)
    found = kept.found
    if found is not None:
        always = target.always_charge or (found.always_charge if target.mode in _WITHOUT_SUN else None)
        found = replace(found, mode=target.mode, always_charge=always)
    if kept.boost is not None:
        transition.emit(EventKind.BOOST_ENDED, BoostEnded(BoostEnd.OTHER_MODE))
    _remember(transition, user=user, found=found, boost=None, before=_before(transition))


def set_person_limit(transition: _Transition, limit_soc_pct: int) -> None:
    """Keeps a person's limit until the car leaves; the plan goes on deciding when to charge."""
    found = transition.state.kept.found
    found = None if found is None else replace(found, limit_soc_pct=limit_soc_pct)
    _remember(transition, limit_soc_pct=limit_soc_pct, found=found, before=_before(transition))


def _before(transition: _Transition) -> LoadpointTarget | None:
    """The loadpoint as it was before a person set anything in this stay."""
    kept = transition.state.kept
    if kept.before is not None or kept.found is not None:
        return kept.before or kept.found
    if not kept.modes:
        return transition.state.observed
    return LoadpointTarget(kept.modes[-1], kept.limits[-1], kept.always_charge[-1] if kept.always_charge else None)


def _detect_overwritten(
    transition: _Transition, seen: Observation, shows: LoadpointTarget, rules: ControlSettings
) -> None:
    """A person who was faster than our write by some milliseconds gets back what they set."""
    state = transition.state
    if state.window is None:
        return
    wish = overwritten(state.window, seen.told, state.id, shows)
    if wish is not None:
        transition.state = replace(state, window=None)
        kept = state.kept
        always = kept.always_charge[-1] if kept.always_charge else None
        _take_over(transition, wish.on(LoadpointTarget(kept.modes[-1], kept.limits[-1], always)), rules)


def _detect_person(transition: _Transition, shows: LoadpointTarget, rules: ControlSettings) -> None:
    kept = transition.state.kept
    if shows.mode in _WITHOUT_SUN and _charges_otherwise(transition, shows):
        # It changes nothing now: only what a person holds, and what comes back afterwards.
        if kept.user is not None:
            _remember(transition, user=replace(kept.user, always_charge=shows.always_charge))
        if kept.found is not None:
            mode = kept.found.mode if kept.found.mode in _WITHOUT_SUN else smart_mode(shows.always_charge)
            _remember(transition, found=replace(kept.found, mode=mode, always_charge=shows.always_charge))
    _take_over(transition, shows, rules)
    _adopt(transition, shows)


def _charges_otherwise(transition: _Transition, wish: LoadpointTarget) -> bool:
    """Whether ``alwaysCharge`` is what neither we nor evcc made it; one that evcc did not have before is no sign."""
    known = transition.state.kept.always_charge
    return bool(known) and None not in {wish.always_charge, *known} and wish.always_charge not in known


def _take_over(transition: _Transition, wish: LoadpointTarget, rules: ControlSettings) -> None:
    """Makes a person's wish theirs, where it differs from what evcc may have without one."""
    kept = transition.state.kept
    once = wish.mode is LoadpointMode.MINPV and _charges_otherwise(transition, wish)
    if wish.mode not in kept.modes or once:
        before = LoadpointTarget(kept.modes[-1], wish.limit_soc_pct)
        set_person_mode(transition, wish, rules)
        transition.record("override", PersonSetMode(wish.mode), Owner.USER, wish.action(), before.action())
        transition.emit(EventKind.OVERRIDE, PersonSetMode(wish.mode), {"mode": str(wish.mode)})
    if wish.limit_soc_pct not in kept.limits:
        reason = PersonSetLimit(wish.limit_soc_pct or None)
        set_person_limit(transition, wish.limit_soc_pct)
        transition.record("override", reason, Owner.USER, wish.action())
        transition.emit(EventKind.OVERRIDE, reason, {"limit_soc_pct": float(wish.limit_soc_pct)})


def _car_left(transition: _Transition) -> None:
    kept = transition.state.kept
    if kept.boost is not None:
        transition.emit(EventKind.BOOST_ENDED, BoostEnded(BoostEnd.CAR_LEFT))
    if kept.user is not None:
        transition.record("released", CarLeft(), Owner.USER)
    # What a person set was for this stay: the next car finds what was there before, where we have to give it back.
    found = None if kept.found is None else (kept.before or kept.found).after_stay()
    _remember(transition, user=None, boost=None, limit_soc_pct=None, before=None, left_at=transition.now, found=found)
    transition.state = replace(transition.state, pending_mode=None, pending_limit=None, error=None)


def _adopt(transition: _Transition, shows: LoadpointTarget) -> None:
    """Takes what evcc shows as known, without attributing it to anybody."""
    _remember(transition, modes=(shows.mode,), limits=(shows.limit_soc_pct,), always_charge=(shows.always_charge,))


def _remember(transition: _Transition, **changes: object) -> None:
    transition.state = replace(transition.state, kept=replace(transition.state.kept, **changes))  # type: ignore[arg-type]  # fields by name


def _note_seen(transition: _Transition) -> None:
    seen_at = transition.state.kept.seen_at
    if seen_at is None or not timedelta() <= transition.now - seen_at < SEEN_NOTED:
        _remember(transition, seen_at=transition.now)


def _restarted_unnoticed(state: LoadpointState, now: datetime, loadpoint: Loadpoint) -> bool:
    """Whether a session began anew because evcc was restarted, although nobody saw it away.

    It was while we were away for a short time, as with their machine; or evcc was back before the next look.
    """
    if not (loadpoint.connected and state.kept.connected and _other_stay(state, loadpoint)):
        return False
    if not state.seen_before:
        seen_at = state.kept.seen_at
        return seen_at is not None and timedelta() <= now - seen_at < REBOOT
    same_car = loadpoint.vehicle in {state.vehicle, None}
    return same_car and state.observed_at is not None and now - state.observed_at < NEXT_LOOK


def _other_stay(state: LoadpointState, loadpoint: Loadpoint) -> bool:
    """Whether the car that is plugged in came after the one that was, although none was seen to leave.

    evcc's ``connectedDuration`` does not tell: it is 0 for a whole stay. A session that has begun anew does.
    """
    kept, kwh = state.kept, loadpoint.session_kwh
    before_kwh = state.session_kwh if state.seen_before else kept.session_kwh
    vehicle = state.vehicle if state.seen_before else kept.vehicle
    if kwh is None:
        return False
    fallen = before_kwh is not None and kwh < before_kwh - FALLEN_KWH
    another_car = None not in {vehicle, loadpoint.vehicle} and vehicle != loadpoint.vehicle and kwh < BEGUN_KWH
    return fallen or (another_car and loadpoint.vehicle != state.named_vehicle)
