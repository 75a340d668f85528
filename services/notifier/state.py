"""The desk where everything comes together: the book, and the facts on the bus that follow from it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from ems.bus.api import Bus
from ems.contract.message import Text
from ems.contract.people import Driver, Event, EventKind, Goal
from ems.contract.topics import DRIVER, EVENT, GOAL, QUESTION
from notifier.adapters.memory_db import MemoryDb
from notifier.bus_view import BusView
from notifier.domain import messages
from notifier.domain.cars import KnownCar
from notifier.domain.goal_rules import (
    Week,
    goal_of,
    still_open,
    withdraw,
)
from notifier.domain.memory import Memory
from notifier.domain.people import People, Person
from notifier.fact_publisher import FactPublisher

MAX_NOTICES = 200
"""Somebody may be muted for a month."""


class NotifierState:
    """Every change of the book goes over it: saved first, then told.

    ``on_change`` is called after each; the chats look there whether something is to be sent.
    """

    def __init__(self, bus: Bus, store: MemoryDb, people: People, week: Week) -> None:
        self.bus, self.people, self.week = bus, people, week
        self.view = BusView.on(bus, tuple(dict.fromkeys((*people.vehicles, *week.entries))))
        self.on_change: Callable[[], None] = lambda: None
        self._store, self.book = store, store.load()
        self._goals = FactPublisher(bus, GOAL, "vehicle")
        self._questions = FactPublisher(bus, QUESTION, "vehicle")
        self._drivers = FactPublisher(bus, DRIVER, "driver")

    @property
    def now(self) -> datetime:
        """The moment."""
        return self.bus.clock.now()

    def keep(self, book: Memory) -> None:
        """The book as it is from now on."""
        self._store.save(book)
        self.book = book
        self.tell()
        self.on_change()

    async def durable(self) -> None:
        """Returns when the book survives a power cut."""
        await self._store.durable()

    def tell(self) -> None:
        """Publishes what follows from the book, as far as it has changed."""
        now = self.now
        cars = self.view.cars(now)
        for vehicle in {*cars, *self._goals.keys}:
            before, goal = self._goals.newest(vehicle), self.goal(vehicle)
            if self._goals.tell(vehicle, goal) and _alone(before) != _alone(goal):
                self._goal_changed(vehicle, goal)
        pending = {p.question.vehicle: p.question for p in self.book.pending}
        for vehicle in {*cars, *pending, *self._questions.keys}:
            self._questions.tell(vehicle, pending.get(vehicle))
        for name in self._drivers.keys - {person.name for person in self.people.drivers}:
            self._drivers.tell(name, None)
        for person in self.people.drivers:
            until = self.book.muted_until(person.name, now)
            told = self._drivers.newest(person.name)
            if told is None or told.muted_until != until:
                self._drivers.tell(person.name, _driver(person, until, now))

    def goal(self, vehicle: str) -> Goal | None:
        """A car's goal as it stands."""
        return self.goal_in(self.book, vehicle)

    def goal_in(self, book: Memory, vehicle: str) -> Goal | None:
        """A car's goal as it would be with ``book``."""
        return goal_of(vehicle, book.wishes, self.week, self.now)

    def silent_until(self, person: Person) -> datetime | None:
        """When a driver may be spoken to again; None: now."""
        quiet = person.quiet.over_at(self.now) if person.quiet else None
        ends = [end for end in (quiet, self.book.muted_until(person.name, self.now)) if end is not None]
        return max(ends, default=None)

    def tidy(self) -> None:
        """Drops what is over: wishes, questions, silences."""
        now, book = self.now, self.book
        soc_pct = {name: car.soc_pct for name, car in self.view.cars(now).items() if car.soc_pct is not None}
        reachable = {p.name for p in self.people.drivers if p.chat_id is not None}
        expired = [p for p in book.pending if p.question.expires_at <= now]
        outcome = {p.question.id: messages.EXPIRED for p in expired}
        self.keep(
            replace(
                self.closed(book, outcome),
                notices=tuple(n for n in book.notices if n.driver in reachable)[-MAX_NOTICES:],
                wishes=still_open(book.wishes, now, soc_pct),
                muted=tuple((name, until) for name, until in book.muted if until > now),
            )
        )

    def closed(self, book: Memory, outcomes: Mapping[str, Text]) -> Memory:
        """``book`` without these questions (by id); where they stand in chats, their outcome is written."""

        def outcome(question: str, driver: str) -> str:
            person = self.people.named(driver)
            return messages.say(outcomes[question], person.language if person else "en")

        return replace(
            book,
            pending=tuple(p for p in book.pending if p.question.id not in outcomes),
            deliveries=tuple(
                replace(d, outcome=outcome(d.question, d.driver)) if d.question in outcomes else d
                for d in book.deliveries
            ),
        )

    def unwish(self, vehicle: str, asked_by: str | None) -> None:
        """Somebody wants nothing any more; None speaks for everybody."""
        wishes = withdraw(self.book.wishes, vehicle, asked_by, self.goal(vehicle))
        self.keep(replace(self.book, wishes=wishes))

    def car(self, vehicle: str) -> KnownCar | None:
        """A car by its name, if it is known."""
        return self.view.cars(self.now).get(vehicle)

    def _goal_changed(self, vehicle: str, goal: Goal | None) -> None:
        car = self.car(vehicle)
        text = messages.goal_is(car.title if car else vehicle, goal, self.week.zone)
        details: dict[str, str | float | bool | None] = {}
        if goal is not None:
            details = {"soc_pct": goal.soc_pct, "asked_by": goal.asked_by}
            if goal.departure is not None:
                details["departure"] = goal.departure.isoformat()
        event = Event(event_type=EventKind.GOAL_SET, at=self.now, vehicle=vehicle, text=text, details=details)
        self.bus.publish(EVENT, event, event=EventKind.GOAL_SET)


def _alone(goal: Goal | None) -> Goal | None:
    """A goal as people know it: what follows it is for the plan, and no news."""
    return goal.model_copy(update={"following": ()}) if goal else None


def _driver(person: Person, muted_until: datetime | None, now: datetime) -> Driver:
    return Driver(
        name=person.title, at=now, vehicles=person.vehicles, language=person.language, muted_until=muted_until
    )
