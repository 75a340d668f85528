"""Commands of people to a loadpoint. Each changes who owns it; the step that follows writes."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from ems.contract.control import Choice, Owner
from ems.contract.people import EventKind
from ems.contract.site import LoadpointMode
from evcc_poller.domain.control.effects import WriteVehicle
from evcc_poller.domain.control.loadpoint.override_detection import set_person_limit, set_person_mode
from evcc_poller.domain.control.loadpoint.state import (
    BoostHold,
    LoadpointMemory,
    LoadpointState,
    LoadpointTarget,
    PendingLoadpointWrite,
)
from evcc_poller.domain.control.loadpoint.writes import write
from evcc_poller.domain.control.settings import ControlSettings
from evcc_poller.domain.control.transition import StepResult, Transition
from evcc_poller.domain.wording.control import BoostEnd, BoostEnded


def set_mode(
    state: LoadpointState, mode: LoadpointMode, now: datetime, rules: ControlSettings
) -> StepResult[LoadpointState]:
    """A person sets a mode and becomes the loadpoint's owner."""
    transition = Transition(_without_pauses(state), state.device, now)
    limit = state.observed.limit_soc_pct if state.observed else 0
    if state.kept.choice is Choice.OFF:
        # Left to evcc: passed on, and owned by nobody from then on.
        write(transition, LoadpointTarget(mode, limit), state.observed or LoadpointTarget(mode, limit))
    else:
        set_person_mode(transition, LoadpointTarget(mode, limit), rules)
    return transition.end()


def set_limit(state: LoadpointState, limit_soc_pct: int, now: datetime) -> StepResult[LoadpointState]:
    """A person sets a SoC limit in %; 0 removes it."""
    transition = Transition(_without_pauses(state), state.device, now)
    if state.kept.choice is Choice.OFF and state.observed is not None:
        write(transition, replace(state.observed, limit_soc_pct=limit_soc_pct), state.observed)
    else:
        set_person_limit(transition, limit_soc_pct)
    return transition.end()


def set_vehicle(state: LoadpointState, vehicle: str | None) -> StepResult[LoadpointState]:
    """A person names the vehicle that is plugged in."""
    return replace(state, named_vehicle=vehicle or ""), (WriteVehicle(state.id, vehicle),)


def boost(state: LoadpointState, minutes: float, now: datetime) -> StepResult[LoadpointState]:
    """A person asks for full power for a while; 0 minutes end it."""
    transition = Transition(_without_pauses(state), state.device, now)
    if minutes > 0:
        hold = BoostHold(now, now + timedelta(minutes=minutes))
        transition.state = replace(
            transition.state, kept=replace(state.kept, boost=hold), charged=False, idle_since=None
        )
    elif state.kept.boost is not None:
        end_boost(transition, BoostEnd.PERSON)
    return transition.end()


def release(state: LoadpointState, now: datetime) -> StepResult[LoadpointState]:
    """A person gives the loadpoint back: what they had set no longer counts."""
    transition = Transition(_without_pauses(state), state.device, now)
    if state.kept.boost is not None:
        end_boost(transition, BoostEnd.RELEASED)
    kept = transition.state.kept
    # Without a controller the loadpoint goes back to what it was: a car that comes to an empty one draws no 11 kW.
    kept = replace(kept, user=None, limit_soc_pct=None, before=None, found=kept.before or kept.found)
    transition.state = replace(transition.state, kept=kept)
    return transition.end()


def choose(state: LoadpointState, choice: Choice, now: datetime) -> StepResult[LoadpointState]:
    """A person chooses who controls the loadpoint; this also ends what they had set."""
    released, effects = release(state, now)
    # `off` leaves the loadpoint as the person has it, if they have set it.
    found = state.kept.found if choice is Choice.OFF else released.kept.found
    return replace(released, kept=replace(released.kept, choice=choice, found=found)), effects


def withdrawn(before: LoadpointMemory) -> Callable[[LoadpointState], StepResult[LoadpointState]]:
    """Takes back what a person asked for and evcc refused; ``before`` is what was remembered until then."""

    def step(state: LoadpointState) -> StepResult[LoadpointState]:
        kept = replace(
            state.kept,
            user=before.user,
            limit_soc_pct=before.limit_soc_pct,
            boost=before.boost,
            before=before.before,
            found=before.found if before.found is not None else state.kept.found,
        )
        return replace(state, kept=kept), ()

    return step


def end_boost(transition: Transition[LoadpointState], why: BoostEnd) -> None:
    """Ends the boost, recorded and as an event."""
    transition.state = replace(transition.state, kept=replace(transition.state.kept, boost=None))
    transition.record("released", BoostEnded(why), Owner.BOOST)
    transition.emit(EventKind.BOOST_ENDED, BoostEnded(why))


def _without_pauses(state: LoadpointState) -> LoadpointState:
    """``state`` without the pauses after failed writes: a person's command is tried at once."""
    return replace(
        state, pending_mode=_without_pause(state.pending_mode), pending_limit=_without_pause(state.pending_limit)
    )


def _without_pause(pending: PendingLoadpointWrite | None) -> PendingLoadpointWrite | None:
    return None if pending is None else replace(pending, failures=0, next_try_at=None)
