"""Asks the right question at the right moment, and says what happened; each once."""

import secrets
from dataclasses import replace
from datetime import datetime, timedelta

from ems.contract.message import Text
from ems.contract.people import Event, EventKind, QuestionKind
from ems.contract.site import LoadpointKind
from ems.contract.topics import EVENT
from notifier.domain import messages, questions
from notifier.domain.memory import Notice, Pending
from notifier.domain.people import silent_until
from notifier.domain.throttle import (
    Reason,
    follow,
    is_news,
    remember,
)
from notifier.domain.triggers import Announcement as Saying
from notifier.domain.triggers import (
    Inquiry,
    Scene,
    Swap,
    Thresholds,
    occasions,
    risk,
)
from notifier.state import NotifierState

INQUIRY_OPEN = timedelta(hours=4)
"""How full a car shall be can be said for so long, also when the cheap hour is over."""


def new_id() -> str:
    """A short name that was never given before; it fits into a button."""
    return secrets.token_hex(6)


class Prompter:
    """Questions and notices: when, and to whom."""

    def __init__(self, desk: NotifierState, thresholds: Thresholds) -> None:
        self._desk, self._thresholds = desk, thresholds

    def asking(self) -> questions.Asking:
        """What the next question needs."""
        return questions.Asking(new_id(), self._desk.now, self._desk.week.zone)

    def look(self) -> None:
        """Looks whether something is worth saying now."""
        desk = self._desk
        for occasion in occasions(self._scene()):
            told = follow(desk.book.told, occasion.reason)
            if told != desk.book.told:
                desk.keep(replace(desk.book, told=told))
            match occasion:
                case Saying(reason, vehicle, text, until, kind):
                    if self.say(reason, vehicle, text, until) and kind:
                        self._publish(kind, vehicle, text)
                case Inquiry(reason, car, eur_per_kwh):
                    until = max(reason.end, desk.now + INQUIRY_OPEN)
                    pending = questions.charge(self.asking(), car, reason.start, eur_per_kwh, until)
                    if self.ask(reason, pending):
                        self._publish(EventKind.CHEAP_AHEAD, car.name, pending.question.text)
                case Swap(reason, car, other, text):
                    pending = questions.swap(self.asking(), car, other, text, reason.end)
                    if self.ask(reason, pending):
                        self._publish(EventKind.SWAP_CARS, car.name, pending.question.text)

    def hear(self, event: Event) -> None:
        """Something happened that people may want to know, or to be asked about."""
        kind, vehicle = event.event_type, event.vehicle
        about = f"{kind}:{vehicle or event.device or 'house'}"
        match kind:
            case EventKind.PLUGGED_IN if vehicle:
                self._plugged_in(vehicle, event)
            case EventKind.UNPLUGGED if vehicle:
                self._left(vehicle)
            case EventKind.CHARGED:
                self.say(Reason(about, event.at, event.at, timedelta(hours=1)), vehicle, event.text)
            case EventKind.CONTROL_LOST | EventKind.CONTROL_BACK:
                self.say(Reason(about, event.at, event.at, timedelta(minutes=15)), vehicle, event.text)
            case EventKind.BOOST_ENDED:
                self.say(Reason(about, event.at, event.at), vehicle, event.text)
            case EventKind.LOGIN_NEEDED if vehicle:
                self._login_needed(vehicle, event)
            case EventKind.DEADLINE_AT_RISK if vehicle:
                goal = self._desk.goal(vehicle)
                by = goal.departure if goal and goal.departure else event.at
                self.say(risk(vehicle, by), vehicle, event.text, by if by > event.at else None)
            case _:
                pass  # told elsewhere, or found by `look`

    def say(self, reason: Reason, vehicle: str | None, text: Text, until: datetime | None = None) -> bool:
        """A notice to those whom it concerns, of no use after ``until``; whether it was news."""
        desk, now = self._desk, self._desk.now
        if not is_news(desk.book.told, reason, now):
            return False
        notices = tuple(
            Notice(new_id(), person.name, now, text, until)
            for person in desk.people.of(vehicle)
            if person.chat_id is not None
        )
        told = remember(desk.book.told, reason, now)
        desk.keep(replace(desk.book, notices=(*desk.book.notices, *notices), told=told))
        return True

    def ask(self, reason: Reason, pending: Pending) -> bool:
        """A question, unless it was asked, another one waits, or everybody who could answer sleeps; whether it is."""
        desk, now, vehicle = self._desk, self._desk.now, pending.question.vehicle
        if desk.book.question(vehicle) or not is_news(desk.book.told, reason, now) or self._all_silent(pending):
            return False
        told = remember(desk.book.told, reason, now)
        desk.keep(replace(desk.book, pending=(*desk.book.pending, pending), told=told))
        return True

    def _publish(self, kind: EventKind, vehicle: str | None, text: Text) -> None:
        """For Home Assistant, and homes without Telegram."""
        event = Event(event_type=kind, at=self._desk.now, vehicle=vehicle, text=text)
        self._desk.bus.publish(EVENT, event, event=kind)

    def _plugged_in(self, vehicle: str, event: Event) -> None:
        desk, car, goal = self._desk, self._desk.car(vehicle), self._desk.goal(vehicle)
        waiting = desk.book.question(vehicle)
        if car is None or (goal is not None and goal.departure is not None):
            return
        if waiting is not None and waiting.question.kind in {QuestionKind.CHARGE, QuestionKind.SWAP}:
            # Who has just plugged in answers the better question.
            desk.keep(desk.closed(desk.book, {waiting.question.id: messages.PLUGGED_IN}))
        reason = Reason(f"departure:{vehicle}", event.at, event.at, timedelta(minutes=30))
        self.ask(reason, questions.departure(self.asking(), car))

    def _left(self, vehicle: str) -> None:
        waiting = self._desk.book.question(vehicle)
        if waiting is not None and waiting.question.kind is QuestionKind.DEPARTURE:
            self._desk.keep(self._desk.closed(self._desk.book, {waiting.question.id: messages.LEFT}))

    def _login_needed(self, vehicle: str, event: Event) -> None:
        car = self._desk.car(vehicle)
        if car is None:
            return
        reason = Reason(f"login:{vehicle}", event.at, event.at, timedelta(days=1))
        if event.details.get("step") == "code":
            self.ask(reason, questions.login(self.asking(), car, event.text))
        else:
            self.say(reason, vehicle, event.text)

    def _all_silent(self, pending: Pending) -> bool:
        """Whether nobody may be asked now. What is about a moment (a car was plugged in) waits on the bus instead."""
        desk, now = self._desk, self._desk.now
        if pending.question.kind not in {QuestionKind.CHARGE, QuestionKind.SWAP}:
            return False
        drivers = desk.people.of(pending.question.vehicle)
        if drivers:
            return silent_until(desk.silent_until(driver) for driver in drivers) is not None
        return desk.people.quiet is not None and desk.people.quiet.over_at(now) is not None

    def _scene(self) -> Scene:
        desk, now = self._desk, self._desk.now
        cars = desk.view.cars(now)
        goals = {name: goal for name in cars if (goal := desk.goal(name))}
        places = [lp for lp in desk.view.loadpoints.items().values() if lp.kind is LoadpointKind.CAR]
        return Scene(
            now=now,
            zone=desk.week.zone,
            cars=cars,
            goals=goals,
            places=len(places),
            prices=desk.view.prices(now),
            plan=desk.view.plan(now),
            thresholds=self._thresholds,
        )
