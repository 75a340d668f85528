"""What people ask of a loadpoint through us. Each changes who owns it; the look that follows writes."""

from dataclasses import replace
from datetime import datetime, timedelta

from ems.contract.control import Choice, Owner
from ems.contract.message import Text
from ems.contract.people import EventKind
from ems.contract.site import LoadpointMode
from evcc_poller.domain.control import reasons
from evcc_poller.domain.control.effects import Effect, WriteVehicle
from evcc_poller.domain.control.loadpoint_state import (
    BoostHold,
    LoadpointState,
    LoadpointTarget,
    PendingLoadpointWrite,
)
from evcc_poller.domain.control.loadpoint_writes import write
from evcc_poller.domain.control.override_detection import person_limit, person_mode
from evcc_poller.domain.control.settings import ControlSettings
from evcc_poller.domain.control.transition import Transition

type Step = tuple[LoadpointState, tuple[Effect, ...]]


def ask_mode(state: LoadpointState, mode: LoadpointMode, now: datetime, rules: ControlSettings) -> Step:
    """A person asks us for a mode and becomes the loadpoint's owner."""
    turn = Transition(_again(state), state.device, now)
    limit = state.observed.limit_soc_pct if state.observed else 0
    if state.kept.choice is Choice.OFF:
        # Left to evcc: passed on, and nobody's from then on.
        write(turn, LoadpointTarget(mode, limit), state.observed or LoadpointTarget(mode, limit))
    else:
        person_mode(turn, LoadpointTarget(mode, limit), rules)
    return turn.end()


def ask_limit(state: LoadpointState, limit_soc_pct: int, now: datetime) -> Step:
    """A person asks us for a SoC limit in %; 0 removes it."""
    turn = Transition(_again(state), state.device, now)
    if state.kept.choice is Choice.OFF and state.observed is not None:
        write(turn, replace(state.observed, limit_soc_pct=limit_soc_pct), state.observed)
    else:
        person_limit(turn, limit_soc_pct)
    return turn.end()


def ask_vehicle(state: LoadpointState, vehicle: str | None) -> Step:
    """A person says who is plugged in."""
    return replace(state, told_vehicle=vehicle or ""), (WriteVehicle(state.id, vehicle),)


def boost(state: LoadpointState, minutes: float, now: datetime) -> Step:
    """A person asks for full power for a while; 0 minutes end it."""
    turn = Transition(_again(state), state.device, now)
    if minutes > 0:
        hold = BoostHold(now, now + timedelta(minutes=minutes))
        turn.state = replace(turn.state, kept=replace(state.kept, boost=hold), charged=False, idle_since=None)
    elif state.kept.boost is not None:
        end_boost(turn, reasons.BOOST_STOPPED)
    return turn.end()


def release(state: LoadpointState, now: datetime) -> Step:
    """A person gives the loadpoint back: what they had set no longer counts."""
    turn = Transition(_again(state), state.device, now)
    if state.kept.boost is not None:
        end_boost(turn, reasons.RELEASED)
    turn.state = replace(turn.state, kept=replace(turn.state.kept, user=None, limit_soc_pct=None))
    return turn.end()


def choose(state: LoadpointState, choice: Choice, now: datetime) -> Step:
    """A person chooses who controls the loadpoint; this also ends what they had set by hand."""
    released, effects = release(state, now)
    return replace(released, kept=replace(released.kept, choice=choice)), effects


def end_boost(turn: Transition[LoadpointState], reason: Text) -> None:
    """Ends the boost and says why."""
    turn.state = replace(turn.state, kept=replace(turn.state.kept, boost=None))
    turn.record("released", reason, Owner.BOOST)
    turn.emit(EventKind.BOOST_ENDED, reason)


def _again(state: LoadpointState) -> LoadpointState:
    """A person's word is tried at once, whatever failed before."""
    return replace(state, asked_mode=_impatient(state.asked_mode), asked_limit=_impatient(state.asked_limit))


def _impatient(asked: PendingLoadpointWrite | None) -> PendingLoadpointWrite | None:
    return None if asked is None else replace(asked, failures=0, next_try_at=None)
