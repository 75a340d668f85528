"""Events that people want to hear of: plugged in, unplugged, charged, decided."""

from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from ems.contract.control import Decision
from ems.contract.message import Text
from ems.contract.people import Event, EventKind
from ems.contract.site import Loadpoint, LoadpointKind
from ems.i18n.records import reason
from evcc_poller.domain.wording.events import CarEvent, Charged, PluggedIn, Unplugged

MIN_CHARGED_KWH = 0.1
"""Least energy in kWh since plug-in for a car to be reported as charged; one that took less arrived full."""


@dataclass(frozen=True, slots=True)
class LastSeen:
    """A loadpoint as last seen; ``charged`` when that was reported of the car that is there."""

    last: Loadpoint
    charged: bool = True


@dataclass(frozen=True, slots=True)
class SeenEvent:
    """What happened at a loadpoint, and the loadpoint's facts of the car that it is about."""

    happened: CarEvent
    at: datetime
    loadpoint: Loadpoint


def detect_events(seen: LastSeen | None, now: Loadpoint) -> tuple[LastSeen, tuple[SeenEvent, ...]]:
    """The events since ``seen``, and what was seen now; without ``seen`` none: a restart of ours is no event.

    A car is charged once its SoC has reached the limit that evcc charges to and it no longer charges; reported once.
    """
    if seen is None or now.kind is not LoadpointKind.CAR:
        return LastSeen(now, charged=_full(now) or not now.connected), ()
    events, charged = [], seen.charged
    if seen.last.connected and not now.connected:
        events.append(SeenEvent(Unplugged(_car(seen.last), _place(seen.last)), now.at, seen.last))
        charged = True
    if now.connected and not seen.last.connected:
        events.append(SeenEvent(PluggedIn(_car(now), _place(now)), now.at, now))
        charged = False
    if not now.connected:
        return LastSeen(now, charged=True), tuple(events)
    if not _full(now):
        charged = False
    elif not charged and not now.charging:
        if (now.session_kwh or 0) >= MIN_CHARGED_KWH:
            events.append(SeenEvent(Charged(_car(now), now.soc_pct or 0.0), now.at, now))
        charged = True
    return LastSeen(now, charged), tuple(events)


def decision_event(decision: Decision) -> Event:
    """The event of a decision; absent details are left out."""
    action, before = decision.action, decision.before
    details: dict[str, str | float | bool | None] = {
        "owner": decision.owner,
        "controller": decision.controller,
        "outcome": decision.outcome,
        "mode": action.mode if action else None,
        "limit_soc_pct": action.limit_soc_pct if action and action.kind == "loadpoint" else None,
        "mode_before": before.mode if before else None,
        "import_eur_per_kwh": decision.import_eur_per_kwh,
        "export_eur_per_kwh": decision.export_eur_per_kwh,
    }
    return Event(
        event_type=EventKind.DECISION,
        at=decision.at,
        device=decision.device,
        text=decision.reason,
        cause=decision.cause,
        details={key: value for key, value in details.items() if value is not None},
    )


def _full(lp: Loadpoint) -> bool:
    limit = lp.effective_limit_soc_pct or 100
    return lp.connected and lp.soc_pct is not None and lp.soc_pct >= limit - 0.5


def car_event(seen: SeenEvent, text: Text) -> Event:
    """The event of something that happened to a car, in the words ``text``; absent details are left out."""
    lp, kind = seen.loadpoint, _kind(seen.happened)
    details: dict[str, str | float | bool | None] = {"loadpoint": lp.title or str(lp.id)}
    if lp.soc_pct is not None:
        details["soc_pct"] = lp.soc_pct
    if kind is not EventKind.PLUGGED_IN and lp.session_kwh is not None:
        details["session_kwh"] = lp.session_kwh
    return Event(
        event_type=kind,
        at=seen.at,
        device=f"loadpoint-{lp.id}",
        vehicle=lp.vehicle,
        text=text,
        details=details,
        cause=reason(seen.happened),
    )


def _kind(happened: CarEvent) -> EventKind:
    match happened:
        case PluggedIn():
            return EventKind.PLUGGED_IN
        case Unplugged():
            return EventKind.UNPLUGGED
        case Charged():
            return EventKind.CHARGED
    assert_never(happened)


def _car(lp: Loadpoint) -> str | None:
    return lp.vehicle_title or lp.vehicle


def _place(lp: Loadpoint) -> str:
    return lp.title or f"#{lp.id}"
