"""What drivers can order: /status, /plan, /boost, /stop, /goal, /soc, /mute, /help."""

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from ems.contract.control import Owner
from ems.contract.topics import SET_SOC
from ems.contract.vehicle import SetSoc
from notifier.adapters import svg
from notifier.answer_handler import (
    USUAL_BOOST,
    AnswerHandler,
    NotAnswerable,
    Responder,
)
from notifier.domain.answer_outcomes import NotUnderstood, Settled
from notifier.domain.cars import KnownCar
from notifier.domain.goal_words import goal_is
from notifier.domain.language.normalise import normalise
from notifier.domain.language.reader import says_nothing, span_of, understand, without_cars
from notifier.domain.language.understood import FARTHEST, Intent, Understood
from notifier.domain.late_orders import meaning
from notifier.domain.people import Person
from notifier.domain.wording.goals import GoalIs
from notifier.domain.wording.introductions import Help, Welcome
from notifier.domain.wording.outcomes import (
    BoostOutOfRange,
    BoostUntil,
    Muted,
    SocTaken,
)
from notifier.domain.wording.parts import EnergyPrice
from notifier.domain.wording.records import Said
from notifier.domain.wording.remarks import BotCommand, Remark
from notifier.domain.wording.status import CarStatus, HouseStatus
from notifier.state import NotifierState
from notifier.telegram.chat_sender import ChatReply, receipt_buttons

_OFF = frozenset({"off", "no", "none", "aus", "kein", "keins", "weg", "uit", "geen"})
_BETWEEN_CARS = re.compile(r"\b(?:and|or|und|oder|en|of)\b|&", re.IGNORECASE)
_ALIASES = {
    "ziel": "goal",
    "hilfe": "help",
    "stand": "status",
    "stopp": "stop",
    "ende": "stop",
    "ruhe": "mute",
    "stumm": "mute",
    "laden": "boost",
    "doel": "goal",
    "hulp": "help",
    "stil": "mute",
}
"""Commands as Germans and the Dutch write them."""
KNOWN = frozenset({"start", *BotCommand, *_ALIASES})
"""Every command by each of its names."""
MUTE_MIN = 8 * 60
"""Length of a silence for which no other was said, in minutes."""
MAX_BOOST_MIN = 24 * 60
"""Longest boost that can be ordered, in minutes."""


@dataclass(frozen=True, slots=True)
class Writer:
    """Who orders something, when they wrote it, and in which group; None: in their own chat.

    ``car`` is the vehicle that they have chosen for it when they were asked.
    """

    person: Person
    written: datetime
    group: Person | None = None
    car: str | None = None


class CarNotSaid(NotAnswerable):
    """The order may be for several cars; their names are in ``cars``."""

    def __init__(self, cars: tuple[str, ...]) -> None:
        super().__init__(Remark.WHICH_CAR)
        self.cars = cars


def canonical(name: str) -> str:
    """A command's own name for any that it goes by."""
    return _ALIASES.get(name, name)


class BotCommands:
    """Carries out the commands; each takes the words after it and returns the reply."""

    def __init__(self, state: NotifierState, answer_handler: AnswerHandler, rsvg_convert: Path | None) -> None:
        self._state, self._answer_handler, self._rsvg_convert = state, answer_handler, rsvg_convert

    async def carry_out(self, by: Writer, name: str, words: str) -> ChatReply | None:
        """The reply to ``/name words``; None when a question follows instead.

        Raises:
            NotAnswerable: it cannot be done; the text says why.
        """
        person = by.person
        match canonical(name):
            case "start":
                return self._reply(person, Welcome(person.title))
            case "status":
                return self._status(person)
            case "plan":
                return await self._plan(person)
            case "goal":
                return self._goal(by, words)
            case "boost" | "stop" | "soc" | "mute" as order:
                return ChatReply(self._state.says.lines(await self._order(by, order, words), person.language))
        return self._reply(person, Help())

    def meaning(self, by: Writer, name: str, words: str) -> Said | None:
        """What ``/name words`` would do; None: nothing that would have to be asked first. Nothing is changed.

        Raises:
            NotAnswerable: it cannot be done (any more); the text says why.
        """
        match canonical(name):
            case "boost":
                car, length = self._boosted(by, words)
                self._answer_handler.boost_minutes(length, by.written)
                return BoostUntil(car.title, by.written + length)
            case "stop":
                if not self._boosts(by, words):
                    raise NotAnswerable(Remark.NO_BOOST)
                return Remark.END_BOOST
            case "mute":
                until = self._silence(by, words)
                return Muted(until) if until else Remark.END_SILENCE
            case "goal" if words:
                return self._goal_meant(by, words)
        return None

    def subject(self, by: Writer, name: str, words: str) -> str:
        """What an order is about; of two about the same the newer one counts."""
        name = canonical(name)
        if name in {"goal", "boost", "stop"}:
            with suppress(NotAnswerable):
                return f"{name}:{self._which(by, words, plugged_in=name == 'boost')[0].name}"
        return name

    async def _order(self, by: Writer, name: str, words: str) -> list[Said]:
        """What came of it; several boosts end with a line each."""
        match name:
            case "boost":
                car, length = self._boosted(by, words)
                return [await self._answer_handler.boost(car, self._answer_handler.boost_minutes(length, by.written))]
            case "stop":
                boosted = self._boosts(by, words)
                return [await self._answer_handler.boost(car, 0) for car in boosted] or [Remark.NO_BOOST]
            case "soc":
                return [await self._soc(by, words)]
        return [self._mute(by, words)]

    def _goal(self, by: Writer, words: str) -> ChatReply | None:
        """A goal in a driver's own words; alone: the goals as they are."""
        state, person = self._state, by.person
        if not words:
            goals = [goal_is(car.title, state.goal(car.name)) for car in self._cars(person)]
            return ChatReply(state.says.lines(goals, person.language) or "-")
        car, rest = self._which(by, words)
        if self._is_removed(rest):
            state.withdraw(car.name, person.name)
            return self._reply(person, goal_is(car.title, state.goal(car.name)))
        responder = Responder.of(person, by.group)
        outcome = self._answer_handler.request_goal_in_words(car, rest, responder, by.written)
        if outcome is None:
            return None
        return self._reply(person, outcome, receipt=state.memory.receipts[-1].id)

    def _goal_meant(self, by: Writer, words: str) -> Said | None:
        car, rest = self._which(by, words)
        if self._is_removed(rest):
            return GoalIs(car.title)
        handler = self._answer_handler
        match handler.would_answer(handler.open_question(car), rest, by.written):
            case NotUnderstood(why):
                raise NotAnswerable(why)
            case Settled(None, said) if said is not None:
                raise NotAnswerable(said)
            case outcome:
                return meaning(outcome, car, by.person.name, by.written, USUAL_BOOST)

    def _is_removed(self, words: str) -> bool:
        """Whether words such as "off" or "doch nicht" take a goal back."""
        understood = understand(words, self._state.now, self._state.week.zone)
        return words.lower() in _OFF or (isinstance(understood, Understood) and understood.intent is Intent.CANCEL)

    def _status(self, person: Person) -> ChatReply:
        state = self._state
        site, prices = state.bus_view.site.get(), state.bus_view.prices(state.now)
        lines: list[Said] = [
            CarStatus(car.title, car.soc_pct, car.loadpoint is not None, goal_is(car.title, state.goal(car.name)))
            for car in self._cars(person)
        ]
        battery = site.battery.soc_pct if site and site.battery else None
        price = EnergyPrice(prices.now_eur_per_kwh, prices.currency) if prices else None
        if price is not None or battery is not None:
            lines.append(HouseStatus(price, battery))
        return ChatReply(state.says.lines(lines or [Help()], person.language))

    async def _plan(self, person: Person) -> ChatReply:
        plan = self._state.bus_view.plan(self._state.now)
        if plan is None:
            return self._reply(person, Remark.NO_PLAN)
        soon = sorted(plan.explanations, key=lambda e: e.start)[:6]
        lines = [plan.summary, *(e.text for e in soon), *(s.text for s in plan.shortfalls)]
        text = "\n".join(line.in_language(person.language) for line in lines)
        picture = self._state.bus_view.chart.get()
        return ChatReply(text, file=await svg.as_file(picture, self._rsvg_convert) if picture else None)

    def _boosted(self, by: Writer, words: str) -> tuple[KnownCar, timedelta]:
        """Which car is to have full power, and for how long."""
        car, rest = self._which(by, words, plugged_in=True)
        length = span_of(rest) if rest else USUAL_BOOST
        if length is None:
            raise NotAnswerable(Remark.HOW_LONG)
        if not 1 <= length / timedelta(minutes=1) <= MAX_BOOST_MIN:
            raise NotAnswerable(BoostOutOfRange(MAX_BOOST_MIN))
        return car, length

    def _boosts(self, by: Writer, words: str) -> list[KnownCar]:
        """The cars with full power, among those that ``words`` name, or all of a driver's."""
        cars = [self._which(by, words)[0]] if words else self._cars(by.person)
        controls = self._state.bus_view.controls
        return [
            car
            for car in cars
            if car.loadpoint and (c := controls.get(f"loadpoint-{car.loadpoint}")) and c.owner is Owner.BOOST
        ]

    async def end_boost(self, vehicle: str) -> None:
        """Ends the boost of a car, unless it is known to be over.

        Raises:
            NotAnswerable: it is not plugged in, or the gateway refuses.
        """
        car = self.car(vehicle)
        control = self._state.bus_view.controls.get(f"loadpoint-{car.loadpoint}")
        if control is None or control.owner is Owner.BOOST:
            await self._answer_handler.boost(car, 0)

    async def _soc(self, by: Writer, words: str) -> Said:
        car, rest = self._which(by, words)
        found = re.fullmatch(r"(\d{1,3}(?:[.,]\d)?)\s*%?", rest)
        soc_pct = float(found[1].replace(",", ".")) if found else 101.0
        if soc_pct > 100:
            raise NotAnswerable(Remark.SOC_OUT_OF_RANGE)
        await self._answer_handler.call_service(
            SET_SOC, SetSoc(soc_pct=soc_pct, measured_at=by.written), vehicle=car.name
        )
        return SocTaken(car.title, soc_pct)

    def _mute(self, by: Writer, words: str) -> Said:
        state, name = self._state, by.person.name
        muted = tuple(m for m in state.memory.muted if m[0] != name)
        until = self._silence(by, words)
        state.keep(replace(state.memory, muted=(*muted, (name, until)) if until else muted))
        return Muted(until) if until else Remark.UNMUTED

    def _silence(self, by: Writer, words: str) -> datetime | None:
        """Until when a driver wants to hear nothing; None: they want to hear again."""
        if words.lower() in _OFF:
            return None
        until = by.written + timedelta(minutes=MUTE_MIN)
        if words:
            # "3h" and "bis morgen früh" alike; a number alone says neither hours nor minutes.
            length = None if words.isdigit() else span_of(words)
            understood = understand(words, by.written, self._state.week.zone)
            if length is not None and timedelta(0) < length <= FARTHEST:
                until = by.written + length
            elif isinstance(understood, Understood) and understood.departure is not None:
                until = understood.departure
            else:
                raise NotAnswerable(Remark.SILENCE_UNCLEAR)
        if until <= self._state.now:
            raise NotAnswerable(Remark.MOMENT_PASSED)
        return until

    def _cars(self, person: Person) -> list[KnownCar]:
        known = self._state.bus_view.cars(self._state.now)
        return [known[name] for name in person.vehicles]

    def car(self, vehicle: str) -> KnownCar:
        """A car by its name, as far as it is known."""
        return self._state.car(vehicle) or KnownCar(vehicle, vehicle)

    def mentioned(self, person: Person, words: str) -> list[KnownCar]:
        """The driver's cars that ``words`` name."""
        return [car for car in self._cars(person) if without_cars(normalise(words), (car.title, car.name))[1]]

    def only_car(self, person: Person, words: str) -> str | None:
        """The car that ``words`` name when they say nothing else."""
        named = self.mentioned(person, words)
        return named[0].name if len(named) == 1 and says_nothing(_without(named, words)) else None

    def _which(self, by: Writer, words: str, *, plugged_in: bool = False) -> tuple[KnownCar, str]:
        """The car that ``words`` name and the rest of them; a driver's only (plugged in) car need not be said."""
        cars = self._cars(by.person)
        if by.car is not None:
            rest = _without(cars, words)
            # Between the names of several.
            return self.car(by.car), _BETWEEN_CARS.sub(" ", rest) if len(self.mentioned(by.person, words)) > 1 else rest
        named = self.mentioned(by.person, words)
        likely = [c for c in cars if c.loadpoint] if plugged_in else []
        choice = named or (likely if len(likely) == 1 else cars)
        if not choice:
            raise NotAnswerable(Remark.NO_CAR)
        if len(choice) != 1:
            raise CarNotSaid(tuple(car.name for car in choice))
        return choice[0], _without(named, words) if named else words

    def _reply(self, person: Person, said: Said, receipt: str | None = None) -> ChatReply:
        says, language = self._state.says, person.language
        buttons = receipt_buttons(receipt, says, language) if receipt else ()
        return ChatReply(says.words(said, language), buttons)


def _without(cars: Sequence[KnownCar], words: str) -> str:
    """``words`` without the names of ``cars``."""
    rest, _ = without_cars(normalise(words), [name for car in cars for name in (car.title, car.name)])
    return rest.strip(" :,")
