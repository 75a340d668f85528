"""The notifier's state: its memory, which is assigned here alone, and the facts on the bus that follow from it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from ems.bus.api import Bus
from ems.contract.people import Driver, Event, EventKind, Goal
from ems.contract.topics import DRIVER, EVENT, GOAL, QUESTION
from notifier.adapters.memory_db import MemoryDb
from notifier.bus_view import BusView
from notifier.domain.cars import KnownCar
from notifier.domain.goal_rules import (
    WeeklySchedules,
    goal_of,
    still_open,
    take_back,
    withdraw,
)
from notifier.domain.goal_words import goal_is
from notifier.domain.memory import ORDER_OPEN, RECENT, Delivery, GivenOrder, Memory, OpenOrder, Receipt
from notifier.domain.people import People, Person
from notifier.domain.questions import shown
from notifier.domain.wording.records import Said
from notifier.domain.wording.remarks import Remark
from notifier.domain.wording.renderer import Renderer
from notifier.fact_publisher import FactPublisher

HEARD_SAVED_EVERY = timedelta(minutes=5)
"""How exactly it is known after a crash until when Telegram was heard."""
MAX_NOTICES = 200
"""Most notices kept for later: a driver may be muted for a month."""


class NotifierState:
    """Owns the memory: what is kept is saved first, then published.

    ``on_change`` is called after each :meth:`keep`; whoever sends messages looks then whether there is something new.

    :meth:`advance_offset`, :meth:`mark_pressed`, :meth:`confirm_delivery`, :meth:`use_receipt`, :meth:`take_back` and
    :meth:`close_order` change the memory without saving or publishing: the next :meth:`keep` or :meth:`commit` does. So
    an update of Telegram's is saved together with what follows from it, and both or neither survive a crash.
    """

    def __init__(self, bus: Bus, db: MemoryDb, people: People, week: WeeklySchedules) -> None:
        self.bus, self.people, self.week = bus, people, week
        self.bus_view = BusView.on(bus, tuple(dict.fromkeys((*people.vehicles, *week.entries))))
        self.on_change: Callable[[], None] = lambda: None
        self._db, self._memory = db, db.load(partial(bus.health.file_set_aside, "memory"))
        self._goals = FactPublisher(bus, GOAL, "vehicle")
        self._questions = FactPublisher(bus, QUESTION, "vehicle")
        self._drivers = FactPublisher(bus, DRIVER, "driver")

    @property
    def now(self) -> datetime:
        """The moment."""
        return self.bus.clock.now()

    @property
    def says(self) -> Renderer:
        """What words are made with at this moment."""
        return Renderer(self.week.zone, self.now)

    @property
    def memory(self) -> Memory:
        """Everything that must not be forgotten, as it stands."""
        return self._memory

    def keep(self, memory: Memory) -> None:
        """Makes this the memory: saved, then published."""
        self._db.save(memory)
        self._memory = memory
        self.publish()
        self.on_change()

    def commit(self) -> None:
        """Saves and publishes what was changed without being kept."""
        self.keep(self._memory)

    def advance_offset(self, update_id: int) -> None:
        """Counts one of Telegram's updates as handled; not saved by itself."""
        self._memory = replace(self._memory, offset=update_id + 1)

    def mark_pressed(self, press_id: str) -> None:
        """Remembers a pressed button, so that it counts once; not saved by itself."""
        self._memory = replace(self._memory, pressed=(*self._memory.pressed[-RECENT:], press_id))

    def confirm_delivery(self, doubted: Delivery, message_id: int) -> None:
        """Says as which message a doubted delivery did arrive; not saved by itself."""
        known = replace(doubted, message_id=message_id)
        deliveries = tuple(known if d == doubted else d for d in self._memory.deliveries)
        self._memory = replace(self._memory, deliveries=deliveries)

    def use_receipt(self, receipt: Receipt) -> None:
        """Takes a receipt out: its buttons count once; not saved by itself."""
        self._memory = replace(self._memory, receipts=tuple(r for r in self._memory.receipts if r != receipt))

    def take_back(self, given: GivenOrder) -> None:
        """Undoes a goal, and closes a question, that an order has led to; not saved by itself."""
        memory = self._memory
        if given.goal is not None:
            memory = replace(memory, wishes=take_back(memory.wishes, given.goal))
        if given.led_to is not None and memory.question_by_id(given.led_to):
            memory = self.closed(memory, {given.led_to: Remark.CORRECTED})
        self._memory = memory

    def close_order(self, order: OpenOrder, outcome: Said) -> None:
        """Ends the question about an order that waits for a word; not saved by itself."""
        memory = replace(self._memory, open_orders=tuple(o for o in self._memory.open_orders if o != order))
        self._memory = self.closed(memory, {order.id: outcome})

    def ask_again(self, question: str, driver: str, why: Said) -> None:
        """Asks a pending question once more where it stands: the earlier message says ``why`` and loses its buttons."""
        memory = self._memory
        words = self.says.words(why, self.people.language_of(driver))
        deliveries = tuple(
            replace(d, outcome=words) if (d.question, d.driver) == (question, driver) else d for d in memory.deliveries
        )
        pending = tuple(
            replace(p, talking=driver) if p.question.id == question and p.group is None else p for p in memory.pending
        )
        self.keep(replace(memory, deliveries=deliveries, pending=pending))

    def hear(self, now: datetime) -> None:
        """Telegram has told all that it had; saved now and then."""
        before = self._memory.heard_at
        self._memory = replace(self._memory, heard_at=now)
        if before is None or now - before > HEARD_SAVED_EVERY:
            self.commit()

    def group_chat(self, group: Person) -> int:
        """A group's id of today."""
        chat_id = group.chat_id or 0
        return dict(self._memory.moved).get(chat_id, chat_id)

    def move_group(self, group: Person, chat_id: int) -> None:
        """A group has another id from now on."""
        old = group.chat_id or 0
        kept = tuple(pair for pair in self._memory.moved if pair[0] != old)
        self.keep(replace(self._memory, moved=(*kept, (old, chat_id))))

    async def durable(self) -> None:
        """Returns when the memory survives a power cut."""
        await self._db.durable()

    def publish(self) -> None:
        """Publishes the facts that follow from the memory, as far as they have changed."""
        now = self.now
        cars = self.bus_view.cars(now)
        for vehicle in {*cars, *self._goals.keys}:
            before, goal = self._goals.newest(vehicle), self.goal(vehicle)
            if self._goals.publish(vehicle, goal) and _without_following(before) != _without_following(goal):
                self._goal_changed(vehicle, goal)
        says = self.says
        pending = {p.question.vehicle: shown(p, says) for p in self._memory.pending}
        for vehicle in {*cars, *pending, *self._questions.keys}:
            self._questions.publish(vehicle, pending.get(vehicle))
        for name in self._drivers.keys - {person.name for person in self.people.drivers}:
            self._drivers.publish(name, None)
        for person in self.people.drivers:
            until = self._memory.muted_until(person.name, now)
            published = self._drivers.newest(person.name)
            if published is None or published.muted_until != until:
                self._drivers.publish(person.name, _driver(person, until, now))

    def goal(self, vehicle: str) -> Goal | None:
        """A car's goal as it stands."""
        return self.goal_in(self._memory, vehicle)

    def goal_in(self, memory: Memory, vehicle: str) -> Goal | None:
        """A car's goal as it would be with ``memory``."""
        return goal_of(vehicle, memory.wishes, self.week, self.now)

    def silent_until(self, person: Person) -> datetime | None:
        """When a driver may be spoken to again; None: now."""
        quiet = person.quiet.end_after(self.now) if person.quiet else None
        ends = [end for end in (quiet, self._memory.muted_until(person.name, self.now)) if end is not None]
        return max(ends, default=None)

    def tidy(self) -> None:
        """Drops what is over: goal requests, questions, silences."""
        now, memory = self.now, self._memory
        soc_pct = {name: car.soc_pct for name, car in self.bus_view.cars(now).items() if car.soc_pct is not None}
        reachable = {p.name for p in self.people.drivers if p.chat_id is not None}
        expired = [p for p in memory.pending if p.question.expires_at <= now]
        outcome: dict[str, Said] = {p.question.id: Remark.EXPIRED for p in expired}
        drivers = {p.name for p in self.people.drivers}
        forgotten = [o for o in memory.open_orders if now - o.written > ORDER_OPEN or o.driver not in drivers]
        outcome |= {o.id: Remark.EXPIRED for o in forgotten}
        self.keep(
            replace(
                self.closed(memory, outcome),
                notices=tuple(n for n in memory.notices if n.driver in reachable)[-MAX_NOTICES:],
                wishes=still_open(memory.wishes, now, soc_pct),
                open_orders=tuple(o for o in memory.open_orders if o not in forgotten),
                muted=tuple((name, until) for name, until in memory.muted if until > now),
            )
        )

    def closed(self, memory: Memory, outcomes: Mapping[str, Said]) -> Memory:
        """``memory`` without these questions (by id); where they stand in chats, their outcome is written."""
        says = self.says

        def outcome(question: str, driver: str) -> str:
            return says.words(outcomes[question], self.people.language_of(driver))

        return replace(
            memory,
            pending=tuple(p for p in memory.pending if p.question.id not in outcomes),
            deliveries=tuple(
                replace(d, outcome=outcome(d.question, d.driver)) if d.question in outcomes else d
                for d in memory.deliveries
            ),
        )

    def withdraw(self, vehicle: str, asked_by: str | None) -> None:
        """Takes back what ``asked_by`` wants of a car; None speaks for everybody."""
        requests = withdraw(self._memory.wishes, vehicle, asked_by, self.goal(vehicle))
        self.keep(replace(self._memory, wishes=requests))

    def car(self, vehicle: str) -> KnownCar | None:
        """A car by its name, if it is known."""
        return self.bus_view.cars(self.now).get(vehicle)

    def _goal_changed(self, vehicle: str, goal: Goal | None) -> None:
        car = self.car(vehicle)
        text = self.says.text(goal_is(car.title if car else vehicle, goal))
        details: dict[str, str | float | bool | None] = {}
        if goal is not None:
            details = {"soc_pct": goal.soc_pct, "asked_by": goal.asked_by}
            if goal.departure is not None:
                details["departure"] = goal.departure.isoformat()
        event = Event(event_type=EventKind.GOAL_SET, at=self.now, vehicle=vehicle, text=text, details=details)
        self.bus.publish(EVENT, event, event=EventKind.GOAL_SET)


def _without_following(goal: Goal | None) -> Goal | None:
    """A goal as people know it: what follows it is for the plan, and no news."""
    return goal.model_copy(update={"following": ()}) if goal else None


def _driver(person: Person, muted_until: datetime | None, now: datetime) -> Driver:
    return Driver(
        name=person.title, at=now, vehicles=person.vehicles, language=person.language, muted_until=muted_until
    )
