"""Goals on the bus: set, kept over a restart, ended."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ems.bus.api import Refused
from ems.contract.message import Language
from ems.contract.people import Driver, EventKind, Goal, Mute, SetGoal
from ems.contract.site import EvccFact, EvccVehicle, Site
from ems.contract.topics import DRIVER, EVENT, GOAL, MUTE, QUESTION, SET_GOAL, SITE, VEHICLE
from ems.contract.vehicle import AgeClass, Vehicle
from notifier.adapters.memory_db import MemoryDb
from notifier.answer_handler import AnswerHandler
from notifier.bus_commands import BusCommands
from notifier.domain import questions
from notifier.domain.cars import KnownCar
from notifier.domain.goal_rules import WeeklySchedules
from notifier.domain.memory import IN_DOUBT, Delivery, Receipt
from notifier.domain.people import People, Person
from notifier.domain.questions import QuestionContext
from notifier.domain.triggers import Thresholds
from notifier.domain.weekly_goals import WeeklyEntry
from notifier.domain.wording.parts import EnergyPrice
from notifier.prompter import Prompter
from notifier.state import NotifierState
from support.clocks import StandingClock
from support.quiet_bus import QuietBus

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 18, 18, tzinfo=UTC)
TOMORROW = datetime(2026, 11, 19, 6, tzinfo=UTC)
PEOPLE = People((Person("anna", "Anna", ("zoe",), Language.DE), Person("ben", "Ben", ("ev6",), Language.EN)))


@contextmanager
def state(
    home: Path, clock: StandingClock | None = None, week: WeeklySchedules | None = None
) -> Iterator[tuple[NotifierState, QuietBus]]:
    """A state; the same ``home`` again is a restart."""
    bus = QuietBus(clock or StandingClock(NOW))
    with MemoryDb(home / "notifier.db") as db:
        made = NotifierState(bus, db, PEOPLE, week or WeeklySchedules({}, BERLIN))
        BusCommands(made, AnswerHandler(made, Prompter(made, Thresholds())), usual_soc_pct=80).answer_on_bus()
        made.publish()
        yield made, bus


async def test_a_goal_that_is_set_is_on_the_bus_and_told_and_is_still_there_after_a_restart(tmp_path: Path) -> None:
    with state(tmp_path) as (_, bus):
        answer = await bus.command(SET_GOAL, SetGoal(soc_pct=80, departure=TOMORROW), vehicle="zoe")
        assert answer == "zoe: 80 % by tomorrow 07:00 (Home Assistant)"
        goal = bus.last(GOAL, vehicle="zoe")
        assert goal is not None
        assert (goal.soc_pct, goal.departure, goal.asked_by, goal.asked_at) == (80, TOMORROW, "homeassistant", NOW)
        (event,) = bus.all(EVENT)
        assert (event.event_type, event.vehicle) == (EventKind.GOAL_SET, "zoe")
        assert event.text.de == "zoe: 80 % bis morgen 07:00 Uhr (Home Assistant)"
    with state(tmp_path) as (_, bus):
        assert bus.last(GOAL, vehicle="zoe") == goal
        assert bus.all(EVENT) == [], "a restart is no news"


async def test_a_goal_ends_at_its_departure(tmp_path: Path) -> None:
    clock = StandingClock(NOW)
    with state(tmp_path, clock) as (made, bus):
        await bus.command(SET_GOAL, SetGoal(soc_pct=80, departure=TOMORROW), vehicle="zoe")
        clock.moment = TOMORROW
        made.tidy()
        assert bus.last(GOAL, vehicle="zoe") is None
        assert made.memory.wishes.wishes == ()


async def test_a_goal_from_before_a_restart_that_ended_meanwhile_is_cleared(tmp_path: Path) -> None:
    with state(tmp_path) as (_, bus):
        await bus.command(SET_GOAL, SetGoal(soc_pct=80, departure=TOMORROW), vehicle="zoe")
    with state(tmp_path, StandingClock(TOMORROW)) as (_, bus):
        assert (GOAL, {"vehicle": "zoe"}, None) in bus.published


async def test_a_goal_without_departure_ends_when_the_car_is_that_full(tmp_path: Path) -> None:
    with state(tmp_path) as (made, bus):
        await bus.command(SET_GOAL, SetGoal(soc_pct=80), vehicle="zoe")
        for soc_pct, age, there in ((80.0, AgeClass.STALE, True), (79.0, AgeClass.FRESH, True), (80, "fresh", False)):
            bus.set(VEHICLE, Vehicle(name="zoe", at=NOW, soc_pct=soc_pct, age=AgeClass(age)), "zoe")
            made.tidy()
            assert (bus.last(GOAL, vehicle="zoe") is not None) is there


async def test_without_a_soc_the_goal_is_removed_and_the_week_skipped_once(tmp_path: Path) -> None:
    with state(tmp_path, week=WeeklySchedules({"zoe": (WeeklyEntry(70, time(7)),)}, BERLIN)) as (_, bus):
        goal = bus.last(GOAL, vehicle="zoe")
        assert goal is not None
        assert (goal.asked_by, goal.departure) == ("schedule", TOMORROW)
        await bus.command(SET_GOAL, SetGoal(), vehicle="zoe")
        skipped = bus.last(GOAL, vehicle="zoe")
        assert skipped is not None
        assert skipped.departure == TOMORROW + timedelta(days=1)


async def test_what_follows_a_goal_is_told_with_it_and_is_no_news_by_itself(tmp_path: Path) -> None:
    with state(tmp_path, week=WeeklySchedules({"zoe": (WeeklyEntry(70, time(7)),)}, BERLIN)) as (_, bus):
        told = bus.last(GOAL, vehicle="zoe")
        assert told is not None
        assert [g.departure for g in told.following] == [TOMORROW + timedelta(days=d) for d in range(1, 7)]
        party = TOMORROW + timedelta(days=1, hours=1)
        await bus.command(SET_GOAL, SetGoal(soc_pct=90, departure=party), vehicle="zoe")
        again = bus.last(GOAL, vehicle="zoe")
        assert again is not None
        assert (again.soc_pct, again.departure) == (70, TOMORROW)
        assert (again.following[0].soc_pct, again.following[0].departure) == (90, party)
        assert bus.all(EVENT) == []


async def test_a_dashboard_sets_how_full_and_by_when_one_after_the_other(tmp_path: Path) -> None:
    with state(tmp_path) as (_, bus):
        say = await bus.command(SET_GOAL, SetGoal(by="morgen 7 Uhr", keep=True), vehicle="zoe")
        assert say == "zoe: 80 % by tomorrow 07:00 (Home Assistant)"
        say = await bus.command(SET_GOAL, SetGoal(soc_pct=90, keep=True), vehicle="zoe")
        assert say == "zoe: 90 % by tomorrow 07:00 (Home Assistant)"
        say = await bus.command(SET_GOAL, SetGoal(by="", keep=True), vehicle="zoe")
        assert say == "zoe: 90 %, whenever it is cheap (Home Assistant)"


async def test_the_weeks_goal_is_changed_for_once_by_keeping_its_departure(tmp_path: Path) -> None:
    with state(tmp_path, week=WeeklySchedules({"zoe": (WeeklyEntry(70, time(7)),)}, BERLIN)) as (made, bus):
        await bus.command(SET_GOAL, SetGoal(soc_pct=100, keep=True), vehicle="zoe")
        goal = bus.last(GOAL, vehicle="zoe")
        assert goal is not None
        assert (goal.soc_pct, goal.departure, goal.asked_by) == (100, TOMORROW, "homeassistant")
        await bus.command(SET_GOAL, SetGoal(), vehicle="zoe")
        goal = made.goal("zoe")
        assert goal is not None
        assert (goal.soc_pct, goal.departure) == (70, TOMORROW + timedelta(days=1))


async def test_what_an_earlier_run_told_of_and_is_gone_since_is_cleared(tmp_path: Path) -> None:
    with state(tmp_path) as (made, bus):
        bus.set(GOAL, Goal(vehicle="sold", soc_pct=80, asked_by="carl", asked_at=NOW), "sold")
        bus.set(DRIVER, Driver(name="Carl", at=NOW, vehicles=("sold",), language="en"), "carl")
        bus.published.clear()
        made.publish()
        assert bus.published == [(GOAL, {"vehicle": "sold"}, None), (DRIVER, {"driver": "carl"}, None)]


@pytest.mark.parametrize(
    ("vehicle", "command", "words"),
    [
        ("limo", SetGoal(soc_pct=80), "known are ev6 and zoe"),
        ("zoe", SetGoal(soc_pct=80, departure=NOW), "moment has passed"),
        ("zoe", SetGoal(departure=TOMORROW), "needs a soc_pct"),
        ("zoe", SetGoal(soc_pct=80, asked_by="ben"), "Ben does not drive zoe"),
    ],
)
async def test_a_goal_that_makes_no_sense_changes_nothing(
    tmp_path: Path, vehicle: str, command: SetGoal, words: str
) -> None:
    with state(tmp_path) as (made, bus):
        before = made.memory
        with pytest.raises(Refused, match=words):
            await bus.command(SET_GOAL, command, vehicle=vehicle)
        assert made.memory == before


async def test_a_car_that_only_evcc_knows_can_have_a_goal(tmp_path: Path) -> None:
    with state(tmp_path) as (_, bus):
        limo = EvccVehicle(name="limo", title="Limousine")
        bus.set(SITE, Site(at=NOW, evcc=EvccFact(reachable=True), vehicles=(limo,)))
        assert "Limousine: 80 %" in await bus.command(SET_GOAL, SetGoal(soc_pct=80), vehicle="limo")


async def test_a_muted_driver_is_told_of_on_the_bus(tmp_path: Path) -> None:
    clock = StandingClock(NOW)
    with state(tmp_path, clock) as (made, bus):
        await bus.command(MUTE, Mute(minutes=30), driver="anna")
        told = bus.last(DRIVER, driver="anna")
        assert told is not None
        assert (told.name, told.muted_until) == ("Anna", NOW + timedelta(minutes=30))
        clock.advance(1800)
        made.tidy()
        told = bus.last(DRIVER, driver="anna")
        assert told is not None
        assert told.muted_until is None
        with pytest.raises(Refused, match="known are anna and ben"):
            await bus.command(MUTE, Mute(minutes=30), driver="carl")


async def test_an_update_is_saved_with_what_follows_from_it_and_not_before(tmp_path: Path) -> None:
    receipt = Receipt("r1", "anna", "zoe")
    doubted = Delivery("q1", "anna", IN_DOUBT, "How full?")
    with state(tmp_path) as (made, _):
        made.keep(replace(made.memory, receipts=(receipt,), deliveries=(doubted,)))
        saved, changes = made.memory, list[None]()
        made.on_change = lambda: changes.append(None)
        made.advance_offset(7000)
        made.mark_pressed("4000")
        made.confirm_delivery(doubted, 101)
        made.use_receipt(receipt)
        assert changes == []
        known = replace(doubted, message_id=101)
        assert made.memory == replace(saved, offset=7001, pressed=("4000",), deliveries=(known,), receipts=())
        with state(tmp_path) as (crashed, _):
            assert crashed.memory == saved
        made.commit()
        assert len(changes) == 1
    with state(tmp_path) as (again, _):
        assert again.memory == made.memory


async def test_a_question_that_waits_on_the_bus_over_midnight_names_its_days_anew(tmp_path: Path) -> None:
    clock = StandingClock(NOW)
    with state(tmp_path, clock) as (made, bus):
        start, price = datetime(2026, 11, 19, 1, tzinfo=UTC), EnergyPrice(0.1, "EUR")
        context = QuestionContext("q", NOW, BERLIN)
        asked = questions.charge(context, KnownCar("zoe", "Zoe"), start, price, start + timedelta(hours=4))
        made.keep(replace(made.memory, pending=(asked,)))
        told = bus.last(QUESTION, vehicle="zoe")
        assert told is not None
        assert "from tomorrow 02:00 on" in told.text.en
        clock.moment = datetime(2026, 11, 18, 23, 30, tzinfo=UTC)
        made.publish()
        told = bus.last(QUESTION, vehicle="zoe")
        assert told is not None
        assert "from 02:00 on" in told.text.en


async def test_a_refused_goal_says_why_as_data_and_in_every_language(tmp_path: Path) -> None:
    with state(tmp_path) as (_, bus):
        bus.set(VEHICLE, Vehicle(name="zoe", at=NOW, soc_pct=63.0, age=AgeClass.FRESH, title="Zoe"), "zoe")
        answer = await bus.answer(SET_GOAL, SetGoal(soc_pct=50), vehicle="zoe")
        assert answer.kind == "goal_reached"
        assert answer.parameters == {"car": "Zoe", "soc_pct": 63, "wanted_soc_pct": 50}
        assert answer.text.nl == "Zoe heeft al 63 %: een doel van 50 % vraagt niets."
        assert (
            await bus.answer(SET_GOAL, SetGoal(soc_pct=80, departure="soon"), vehicle="zoe")
        ).kind == "bad_departure"
