"""What is asked, and when: words are made for what is asked alone."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ems.contract.topics import EVENT
from notifier import prompter
from notifier.adapters.memory_db import MemoryDb
from notifier.domain import questions
from notifier.domain.cars import KnownCar
from notifier.domain.goal_rules import WeeklySchedules
from notifier.domain.people import People
from notifier.domain.throttle import Reason
from notifier.domain.triggers import Inquiry, Thresholds
from notifier.domain.wording.parts import EnergyPrice
from notifier.prompter import Prompter
from notifier.state import NotifierState
from support.clocks import StandingClock
from support.quiet_bus import QuietBus

NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)


def test_a_cheap_hour_is_put_into_words_once_however_often_it_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cars = [KnownCar("zoe", "Zoe"), KnownCar("ev6", "EV6")]
    hour = [
        Inquiry(Reason(f"cheap:{car.name}", NOW, NOW + timedelta(hours=1)), car, EnergyPrice(0.1, "EUR"))
        for car in cars
    ]
    monkeypatch.setattr(prompter, "occasions", lambda _: hour)
    worded: list[str] = []
    charge = questions.charge

    def noted(context: Any, car: KnownCar, *rest: Any) -> Any:
        worded.append(car.name)
        return charge(context, car, *rest)

    monkeypatch.setattr(questions, "charge", noted)
    bus = QuietBus(StandingClock(NOW))
    with MemoryDb(tmp_path / "notifier.db") as db:
        asking = Prompter(
            NotifierState(bus, db, People(()), WeeklySchedules({}, ZoneInfo("Europe/Berlin"))), Thresholds()
        )
        monkeypatch.setattr(asking, "_close_stale", lambda: None)
        for _ in range(3):
            asking.check()
    assert worded == ["zoe", "ev6"]
    assert [event.vehicle for event in bus.all(EVENT)] == ["zoe", "ev6"]
