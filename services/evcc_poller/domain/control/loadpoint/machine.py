"""A loadpoint's state machine: user > boost > plan > evcc by itself, one target, one field written at a time."""

from dataclasses import replace
from datetime import datetime, timedelta

from ems.contract.control import Choice, Control, LoadpointAction, Owner, Phase
from ems.contract.site import Loadpoint, LoadpointKind, LoadpointMode
from evcc_poller.domain.control.effects import DesiredAction, WriteVehicle
from evcc_poller.domain.control.loadpoint.commands import end_boost
from evcc_poller.domain.control.loadpoint.override_detection import RESET, is_current, observe
from evcc_poller.domain.control.loadpoint.state import LoadpointState, LoadpointTarget
from evcc_poller.domain.control.loadpoint.writes import write
from evcc_poller.domain.control.messages import MessageMaker
from evcc_poller.domain.control.settings import ControlSettings
from evcc_poller.domain.control.transition import StepResult, Transition
from evcc_poller.domain.observation import Observation
from evcc_poller.domain.wording.control import (
    BoostEnd,
    Boosting,
    ControlReason,
    HandedBack,
    Left,
    LeftToEvcc,
    LimitPinned,
    Overruled,
    PersonTimeOver,
    PersonWants,
    PersonWantsLimit,
    Verified,
)

type _Transition = Transition[LoadpointState]

IDLE_IS_FULL = timedelta(minutes=3)
"""Time without charging after which a boosted car that has charged counts as full."""


def step(
    state: LoadpointState,
    seen: Observation,
    loadpoint: Loadpoint | None,
    desired: DesiredAction,
    now: datetime,
    rules: ControlSettings,
) -> StepResult[LoadpointState]:
    """What follows from evcc's state at ``seen.at`` and from what is desired ``now``.

    ``loadpoint`` is None while evcc does not show it.
    """
    transition = Transition(state, state.device, now, seen.site)
    if now - seen.at > timedelta(seconds=rules.stale_s) or not seen.site.evcc.reachable:
        loadpoint = None
    if state.id in seen.leaving:
        loadpoint = None  # evcc says so in a moment, and has set back mode and limit already.
    if seen.restarted and loadpoint is None:
        transition.state = replace(transition.state, restart_unseen=True)
    if loadpoint is not None:
        observe(transition, seen, loadpoint, rules)
    if transition.state.stopping:
        return transition.end()
    _end_expired(transition, loadpoint)
    _decide_owner(transition, loadpoint, desired, rules)
    if loadpoint is not None:
        _act(transition, seen, loadpoint)
    return transition.end()


def stop(state: LoadpointState, now: datetime, reason: ControlReason) -> StepResult[LoadpointState]:
    """Puts back what was found before the service ends, unless a person has decided since."""
    transition = Transition(replace(state, stopping=True), state.device, now)
    if state.kept.owner is Owner.USER:
        return transition.end()
    transition.state = replace(transition.state, reason=reason, kept=replace(state.kept, owner=Owner.NONE, since=now))
    found, shows = state.kept.found, state.observed
    if found is not None and shows is not None:
        transition.record("released", reason, Owner.NONE, found.action(), shows.action())
        # A write may have been cut off half-way: what evcc may have counts like what it shows.
        mode = next((m for m in (shows.mode, *state.kept.modes) if m is not found.mode), found.mode)
        limits = (shows.limit_soc_pct, *state.kept.limits)
        limit = next((x for x in limits if x != found.limit_soc_pct), found.limit_soc_pct)
        charging = (shows.always_charge, *state.kept.always_charge)
        always = next((x for x in charging if x is not found.always_charge), found.always_charge)
        write(transition, found, LoadpointTarget(mode, limit, always))
    return transition.end()


def problem(state: LoadpointState) -> ControlReason | None:
    """What a person should know is wrong, or None."""
    return state.error


def published(state: LoadpointState, now: datetime, messages: MessageMaker) -> Control:
    """The loadpoint as people and services see it."""
    kept, wrong = state.kept, messages.text(state.error) if state.error else None
    return Control(
        device=state.device,
        at=now,
        owner=kept.owner,
        since=kept.since or now,
        until=state.until,
        controller=state.controller,
        choice=kept.choice,
        desired=state.desired,
        observed=state.observed.action() if state.observed else None,
        found=kept.found.action() if kept.found else None,
        phase=state.phase,
        reason=messages.text(state.reason),
        cause=messages.data(state.reason),
        overruled=messages.text(Overruled(state.overruled_by)) if state.overruled_by else None,
        overruled_by=state.overruled_by,
        error=wrong.en if wrong else None,
        error_text=wrong,
        error_cause=messages.data(state.error) if state.error else None,
    )


def _end_expired(transition: _Transition, loadpoint: Loadpoint | None) -> None:
    """Ends a boost at its end or when the car is full, and a person's hold at its end."""
    state, now = transition.state, transition.now
    kept = state.kept
    if kept.user is not None and now >= kept.user.until:
        transition.state = replace(state, kept=replace(kept, user=None))
        transition.record("released", PersonTimeOver(), Owner.USER)
    if kept.boost is None:
        return
    if now >= kept.boost.until:
        end_boost(transition, BoostEnd.TIME)
    elif loadpoint is not None and loadpoint.charging:
        transition.state = replace(transition.state, charged=True, idle_since=None)
    elif loadpoint is not None:
        idle_since = state.idle_since or now
        transition.state = replace(transition.state, idle_since=idle_since)
        limit = loadpoint.effective_limit_soc_pct or 100.0
        at_limit = loadpoint.soc_pct is not None and loadpoint.soc_pct >= limit
        if at_limit or (state.charged and now - idle_since >= IDLE_IS_FULL):
            end_boost(transition, BoostEnd.FULL)


def _in_charge(
    state: LoadpointState, loadpoint: Loadpoint | None, desired: DesiredAction, now: datetime
) -> tuple[Owner, LoadpointTarget | None, ControlReason]:
    """The loadpoint's owner now, what evcc should have (None: what it has), and why."""
    kept, shows = state.kept, state.observed
    limit = kept.limit_soc_pct if kept.limit_soc_pct is not None else shows.limit_soc_pct if shows else 0
    if kept.choice is Choice.OFF:
        return Owner.NONE, kept.found, LeftToEvcc(Left.PERSON)
    if kept.boost is not None:
        return Owner.BOOST, LoadpointTarget(LoadpointMode.NOW, limit), Boosting(kept.boost.until)
    if kept.user is not None:
        target = LoadpointTarget(kept.user.mode, limit, kept.user.always_charge)
        return Owner.USER, target, PersonWants(kept.user.mode)
    standing_down = state.conflict_until is not None and now < state.conflict_until
    if not desired.settled and not standing_down:
        return kept.owner, None, desired.reason
    connected = loadpoint is None or loadpoint.connected
    if standing_down or not connected or not isinstance(desired.action, LoadpointAction):
        unplugged = LeftToEvcc(Left.UNPLUGGED)
        reason = LeftToEvcc(Left.OPTIMIZER) if standing_down else desired.reason if connected else unplugged
        return Owner.NONE, _unowned_target(state, connected, now), reason
    reason = desired.reason
    if desired.action.limit_soc_pct is not None:
        wanted = round(desired.action.limit_soc_pct)
        if kept.limit_soc_pct is None:
            limit = wanted
        elif 0 < kept.limit_soc_pct < wanted:
            reason = LimitPinned(kept.limit_soc_pct, wanted, reason)
    return desired.owner, LoadpointTarget(desired.action.mode, limit), reason


def _unowned_target(state: LoadpointState, connected: bool, now: datetime) -> LoadpointTarget | None:
    """What evcc should have while nobody owns the loadpoint: what was found, with a person's limit."""
    kept, shows = state.kept, state.observed
    resetting = not connected and kept.left_at is not None and now - kept.left_at < RESET / 3
    back = None if resetting else kept.found
    if kept.limit_soc_pct is None or shows is None:
        return back
    return replace(back or shows, limit_soc_pct=kept.limit_soc_pct)


def _decide_owner(
    transition: _Transition, loadpoint: Loadpoint | None, desired: DesiredAction, rules: ControlSettings
) -> None:
    """Settles owner and target; a change of either is recorded in the audit."""
    state, now = transition.state, transition.now
    kept = state.kept
    owner, target, reason = _in_charge(state, loadpoint, desired, now)
    if loadpoint is not None and loadpoint.kind is not LoadpointKind.CAR and target is not None:
        target = replace(target, limit_soc_pct=0)
    if loadpoint is not None and target is not None and target.mode not in loadpoint.modes:
        # evcc itself then takes the other one.
        target = replace(target, mode=next(m for m in (LoadpointMode.PV, LoadpointMode.MINPV) if m in loadpoint.modes))
    mode = target.mode if target else None
    before = state.target.mode if state.target else None
    dwelling = state.changed_at is not None and now - state.changed_at < timedelta(seconds=rules.dwell_s)
    if owner is Owner.PLAN is kept.owner and dwelling and mode is not before and before is not None:
        return
    takes_over = owner in {Owner.PLAN, Owner.BOOST} and target is not None
    found = kept.found or (state.observed if takes_over else None)
    moved = owner is not kept.owner or kept.since is None
    transition.state = replace(
        state,
        target=target,
        desired=_desired(owner, target, desired),
        controller=desired.controller if owner is Owner.PLAN else None,
        reason=reason,
        until=_owned_until(state, owner),
        changed_at=now if mode is not before else state.changed_at,
        kept=replace(kept, owner=owner, since=now if moved else kept.since, found=found),
    )
    if moved or target != state.target:
        transition.record(
            "released" if owner is Owner.NONE else "accepted",
            reason if moved else _limit_asked(state, transition.state) or reason,
            owner,
            target.action() if target else None,
            state.observed.action() if state.observed else None,
            transition.state.controller,
        )


def _limit_asked(before: LoadpointState, after: LoadpointState) -> PersonWantsLimit | None:
    """That a person's limit is all that has changed of the target."""
    was, is_now, asked = before.target, after.target, after.kept.limit_soc_pct
    if was is None or is_now is None or asked is None or is_now.limit_soc_pct != asked:
        return None
    only = was != is_now and replace(was, limit_soc_pct=asked) == is_now
    return PersonWantsLimit(asked or None) if only else None


def _desired(owner: Owner, target: LoadpointTarget | None, desired: DesiredAction) -> LoadpointAction | None:
    if target is None or owner is Owner.NONE:
        return None
    vehicle = desired.action.vehicle if owner is Owner.PLAN and isinstance(desired.action, LoadpointAction) else None
    return target.action().model_copy(update={"vehicle": vehicle})


def _owned_until(state: LoadpointState, owner: Owner) -> datetime | None:
    """When the owner's time ends."""
    if owner is Owner.BOOST and state.kept.boost is not None:
        return state.kept.boost.until
    if owner is Owner.USER and state.kept.user is not None:
        return state.kept.user.until
    return None


def _act(transition: _Transition, seen: Observation, loadpoint: Loadpoint) -> None:
    """Writes what differs and sets the phase; what was found is forgotten once evcc has it again."""
    state, shows = transition.state, transition.state.observed
    wanted = state.desired.vehicle if state.desired else None
    if wanted and loadpoint.connected and loadpoint.vehicle is None and state.named_vehicle is None:
        # Only where evcc does not know who is there: whom it knows, or a person named, is not contradicted.
        transition.state = state = replace(state, named_vehicle=wanted)
        transition.do(WriteVehicle(state.id, wanted))
    if state.target is None or shows is None:
        transition.state = replace(state, phase=Phase.IDLE, error=None, overruled_by=None)
        return
    if not is_current(state, seen):
        # What evcc said yes to counts until it can be read back.
        always = state.kept.always_charge[-1] if state.kept.always_charge else None
        believed = LoadpointTarget(state.kept.modes[-1], state.kept.limits[-1], always)
        if not state.target.is_in(believed):
            write(transition, state.target, believed)
        return
    if state.target.is_in(shows):
        owned = state.kept.owner is not Owner.NONE
        by = loadpoint.overruled_by if owned else None
        settled = Phase.IDLE if not owned else Phase.VERIFIED if by is None else Phase.PENDING
        transition.state = replace(
            state, phase=settled, pending_mode=None, pending_limit=None, error=None, overruled_by=by
        )
        if by is not None and by is not state.overruled_by:
            transition.record("overruled", Overruled(by), state.kept.owner, shows.action(), controller=state.controller)
        if state.kept.owner is Owner.NONE and state.kept.found is not None:
            transition.state = replace(transition.state, kept=replace(state.kept, found=None))
            transition.record("verified", HandedBack(), Owner.NONE, shows.action())
        elif settled is not state.phase and settled is Phase.VERIFIED:
            transition.record("verified", Verified(), state.kept.owner, shows.action(), controller=state.controller)
        return
    transition.state = replace(state, overruled_by=None)
    write(transition, state.target, shows)
