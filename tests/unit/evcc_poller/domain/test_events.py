"""Plugged in, unplugged, charged: each said once, and never because we were restarted."""

from datetime import UTC, datetime
from typing import Any

from ems.contract.message import Reason, Text
from ems.contract.people import EventKind
from ems.contract.site import Loadpoint, LoadpointKind, LoadpointMode
from evcc_poller.domain.events import LastSeen, car_event, detect_events
from evcc_poller.domain.wording.events import Unplugged

TEXT = Text(en="So.", de="So.", nl="Zo.")
AT = datetime(2026, 11, 21, 7, 10, tzinfo=UTC)


def lp(**changes: Any) -> Loadpoint:
    nothing: dict[str, Any] = {
        "at": AT, "id": 1, "title": "Garage", "mode": LoadpointMode.NOW, "connected": False, "charging": False,
        "effective_limit_soc_pct": 80,
    }  # fmt: skip
    return Loadpoint(**(nothing | changes))


def car(soc_pct: float | None, *, charging: bool = True, session_kwh: float = 5, **changes: Any) -> Loadpoint:
    return lp(
        connected=True, charging=charging, soc_pct=soc_pct, session_kwh=session_kwh,
        vehicle="limo", vehicle_title="Limousine", **changes,
    )  # fmt: skip


def told(*looks: Loadpoint) -> list[EventKind]:
    seen: LastSeen | None = None
    kinds: list[EventKind] = []
    for look in looks:
        seen, events = detect_events(seen, look)
        kinds += [car_event(event, TEXT).event_type for event in events]
    return kinds


def test_a_whole_visit_is_told_once_each() -> None:
    visit = [lp(), car(50), car(79), car(80), car(80, charging=False), car(80, charging=False), lp()]
    assert told(*visit) == [EventKind.PLUGGED_IN, EventKind.CHARGED, EventKind.UNPLUGGED]


def test_what_was_so_when_we_started_is_no_event() -> None:
    assert told(car(60)) == []
    assert told(car(80, charging=False), car(80, charging=False)) == []


def test_a_soc_that_arrives_after_the_charging_ended_still_counts() -> None:
    assert told(car(78), car(78, charging=False), car(80, charging=False)) == [EventKind.CHARGED]


def test_a_car_that_came_full_is_not_said_to_be_charged() -> None:
    came_full = car(90, charging=False, session_kwh=0)
    assert told(lp(), came_full, came_full) == [EventKind.PLUGGED_IN]


def test_a_pause_below_the_limit_is_not_the_end() -> None:
    assert told(car(60), car(60, charging=False), car(61)) == []


def test_a_raised_limit_makes_it_charge_and_be_charged_again() -> None:
    again = car(100, charging=False, effective_limit_soc_pct=100)
    higher = car(80, effective_limit_soc_pct=100)
    assert told(car(70), car(80, charging=False), higher, again) == [EventKind.CHARGED, EventKind.CHARGED]


def test_a_car_whose_soc_nobody_knows_is_never_said_to_be_charged() -> None:
    assert told(car(None), car(None, charging=False)) == []


def test_heaters_are_no_visitors() -> None:
    heater = {"kind": LoadpointKind.HEATER}
    assert told(lp(**heater), lp(connected=True, charging=True, **heater), lp(**heater)) == []


def test_an_event_names_the_car_and_the_place() -> None:
    seen, _ = detect_events(None, car(70))
    _, (happened,) = detect_events(seen, lp())
    assert happened.happened == Unplugged("Limousine", "Garage")
    event = car_event(happened, TEXT)
    assert (event.text, event.cause) == (
        TEXT,
        Reason(kind="unplugged", parameters={"who": "Limousine", "place": "Garage"}),
    )
    assert (event.device, event.vehicle, event.details) == (
        "loadpoint-1",
        "limo",
        {"loadpoint": "Garage", "soc_pct": 70, "session_kwh": 5},
    )
