"""Asks the right question at the right moment, and says what happened; each once."""

import secrets
from dataclasses import replace
from datetime import datetime, timedelta

from ems.contract.message import Text
from ems.contract.people import Event, EventKind, QuestionKind
from ems.contract.site import LoadpointKind
from ems.contract.topics import EVENT
from notifier.domain import questions
from notifier.domain.memory import Notice, Pending
from notifier.domain.people import silent_until
from notifier.domain.stale_questions import Facts, gone
from notifier.domain.throttle import (
    Reason,
    extend,
    is_news,
    remember,
)
from notifier.domain.triggers import (
    Announcement,
    HouseSnapshot,
    Inquiry,
    Swap,
    Thresholds,
    occasions,
    risk,
)
from notifier.domain.wording.news import InOthersWords, News
from notifier.domain.wording.remarks import Remark
from notifier.state import NotifierState

INQUIRY_OPEN = timedelta(hours=4)
"""Shortest time that a charge inquiry stays open, also when the cheap hour is over."""


def new_id() -> str:
    """A short name that was never given before; it fits into a button."""
    return secrets.token_hex(6)


class Prompter:
    """Decides when a question or a notice is due, and to whom."""

    def __init__(self, state: NotifierState, thresholds: Thresholds) -> None:
        self._state, self._thresholds = state, thresholds

    def question_context(self, written: datetime | None = None) -> questions.QuestionContext:
        """What the next question needs; ``written`` is when the words were that lead to it."""
        return questions.QuestionContext(new_id(), self._state.now, self._state.week.zone, written)

    def check(self) -> None:
        """Asks and says whatever is worth it now; closes what is not worth an answer any more."""
        state = self._state
        self._close_stale()
        for occasion in occasions(self._snapshot()):
            past = extend(state.memory.told, occasion.reason)
            if past != state.memory.told:
                state.keep(replace(state.memory, told=past))
            match occasion:
                case Announcement(reason, vehicle, news, until, kind):
                    if self.notify(reason, vehicle, news, until) and kind:
                        self._publish(kind, vehicle, state.says.text(news))
                # Most occasions last for hours and were told: words in three languages are made for new ones alone.
                case Inquiry(reason, car) | Swap(reason, car) if not self._is_due(reason, car.name, wakes=False):
                    pass
                case Inquiry(reason, car, price):
                    until = max(reason.end, state.now + INQUIRY_OPEN)
                    pending = questions.charge(self.question_context(), car, reason.start, price, until)
                    if self.ask(reason, pending):
                        self._publish(EventKind.CHEAP_AHEAD, car.name, pending.question.text)
                case Swap(reason, car, other, asks):
                    pending = questions.swap(self.question_context(), car, other, asks, reason.end)
                    if self.ask(reason, pending):
                        self._publish(EventKind.SWAP_CARS, car.name, pending.question.text)

    def handle_event(self, event: Event) -> None:
        """Something happened that people may want to know, or to be asked about."""
        kind, vehicle, news = event.event_type, event.vehicle, InOthersWords(event.text)
        about = f"{kind}:{vehicle or event.device or 'house'}"
        match kind:
            case EventKind.PLUGGED_IN if vehicle:
                self._plugged_in(vehicle, event)
            case EventKind.UNPLUGGED if vehicle:
                self._left(vehicle)
            case EventKind.CHARGED:
                self.notify(Reason(about, event.at, event.at, timedelta(hours=1)), vehicle, news)
            case EventKind.CONTROL_LOST | EventKind.CONTROL_BACK:
                self.notify(Reason(about, event.at, event.at, timedelta(minutes=15)), vehicle, news)
            case EventKind.BOOST_ENDED:
                self.notify(Reason(about, event.at, event.at), vehicle, news)
            case EventKind.LOGIN_NEEDED if vehicle:
                self._login_needed(vehicle, event)
            case EventKind.DEADLINE_AT_RISK if vehicle:
                goal = self._state.goal(vehicle)
                by = goal.departure if goal and goal.departure else event.at
                self.notify(risk(vehicle, by), vehicle, news, by if by > event.at else None)
            case _:
                pass  # told elsewhere, or found by `check`

    def notify(self, reason: Reason, vehicle: str | None, news: News, until: datetime | None = None) -> bool:
        """A notice to those whom it concerns, of no use after ``until``; whether it was news."""
        state, now = self._state, self._state.now
        if not is_news(state.memory.told, reason, now):
            return False
        text = state.says.text(news)
        notices = tuple(
            Notice(new_id(), person.name, now, text, until, news)
            for person in state.people.of(vehicle)
            if person.chat_id is not None
        )
        past = remember(state.memory.told, reason, now)
        state.keep(replace(state.memory, notices=(*state.memory.notices, *notices), told=past))
        return True

    def ask(self, reason: Reason, pending: Pending) -> bool:
        """A question, unless it was asked, another one waits, or everybody who could answer sleeps; whether it is."""
        state, vehicle = self._state, pending.question.vehicle
        # What is about a moment (a car was plugged in) waits on the bus meanwhile.
        wakes = pending.question.kind not in {QuestionKind.CHARGE, QuestionKind.SWAP}
        if not self._is_due(reason, vehicle, wakes=wakes):
            return False
        past = remember(state.memory.told, reason, state.now)
        state.keep(replace(state.memory, pending=(*state.memory.pending, pending), told=past))
        return True

    def _close_stale(self) -> None:
        state, view = self._state, self._state.bus_view
        if not state.memory.pending:
            return
        cars = view.cars(state.now)
        goals = {name: goal for name in cars if (goal := state.goal(name))}
        facts = Facts(cars, goals, view.vehicles.items(), view.loadpoints.items(), self._thresholds.up_to_soc_pct)
        stale = {p.question.id: why for p in state.memory.pending if (why := gone(p, facts))}
        if stale:
            state.keep(state.closed(state.memory, stale))

    def _publish(self, kind: EventKind, vehicle: str | None, text: Text) -> None:
        """For Home Assistant, and homes without Telegram."""
        event = Event(event_type=kind, at=self._state.now, vehicle=vehicle, text=text)
        self._state.bus.publish(EVENT, event, event=kind)

    def _plugged_in(self, vehicle: str, event: Event) -> None:
        state, car, goal = self._state, self._state.car(vehicle), self._state.goal(vehicle)
        waiting = state.memory.question(vehicle)
        if car is None or (goal is not None and goal.departure is not None):
            return
        if waiting is not None and waiting.question.kind in {QuestionKind.CHARGE, QuestionKind.SWAP}:
            # Who has just plugged in answers the better question.
            state.keep(state.closed(state.memory, {waiting.question.id: Remark.PLUGGED_IN_MEANWHILE}))
        reason = Reason(f"departure:{vehicle}", event.at, event.at, timedelta(minutes=30))
        self.ask(reason, questions.departure(self.question_context(), car))

    def _left(self, vehicle: str) -> None:
        waiting = self._state.memory.question(vehicle)
        if waiting is not None and waiting.question.kind is QuestionKind.DEPARTURE:
            self._state.keep(self._state.closed(self._state.memory, {waiting.question.id: Remark.CAR_LEFT}))

    def _login_needed(self, vehicle: str, event: Event) -> None:
        car = self._state.car(vehicle)
        if car is None:
            return
        reason = Reason(f"login:{vehicle}", event.at, event.at, timedelta(days=1))
        if event.details.get("step") == "code":
            self.ask(reason, questions.login(self.question_context(), car, event.text))
        else:
            self.notify(reason, vehicle, InOthersWords(event.text))

    def _is_due(self, reason: Reason, vehicle: str, *, wakes: bool) -> bool:
        """Whether it was not asked, no other question waits, and somebody is awake who could answer, or ``wakes``."""
        state = self._state
        if state.memory.question(vehicle) or not is_news(state.memory.told, reason, state.now):
            return False
        return wakes or not self._all_silent(vehicle)

    def _all_silent(self, vehicle: str) -> bool:
        """Whether nobody may be asked about ``vehicle`` now."""
        state, now = self._state, self._state.now
        drivers = state.people.of(vehicle)
        if drivers:
            return silent_until(state.silent_until(driver) for driver in drivers) is not None
        return state.people.quiet is not None and now in state.people.quiet

    def _snapshot(self) -> HouseSnapshot:
        state, now = self._state, self._state.now
        cars = state.bus_view.cars(now)
        goals = {name: goal for name in cars if (goal := state.goal(name))}
        places = [lp for lp in state.bus_view.loadpoints.items().values() if lp.kind is LoadpointKind.CAR]
        return HouseSnapshot(
            now=now,
            zone=state.week.zone,
            cars=cars,
            goals=goals,
            places=len(places),
            prices=state.bus_view.prices(now),
            plan=state.bus_view.plan(now),
            thresholds=self._thresholds,
        )
