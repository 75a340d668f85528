"""What Home Assistant and others may ask of the notifier on the bus."""

from dataclasses import replace
from datetime import timedelta

from ems.bus.api import Names, Refused
from ems.contract.people import Answer, Mute, SetGoal
from ems.contract.topics import ANSWER, MUTE, SET_GOAL
from notifier.answer_handler import (
    HOUSE,
    AnswerHandler,
    NotAnswerable,
    Responder,
)
from notifier.domain import messages
from notifier.domain.goal_command import Nothing, Unfit, wanted
from notifier.domain.goal_rules import GoalRequest
from notifier.state import NotifierState


class BusCommands:
    """Answers the command topics."""

    def __init__(self, desk: NotifierState, answers: AnswerHandler, *, usual_soc_pct: float) -> None:
        self._desk, self._answers, self._usual_soc_pct = desk, answers, usual_soc_pct

    def answer_on_bus(self) -> None:
        """Begins to answer."""
        bus = self._desk.bus
        bus.on_command(SET_GOAL, self.set_goal)
        bus.on_command(ANSWER, self.answer)
        bus.on_command(MUTE, self.mute)

    async def set_goal(self, command: SetGoal, names: Names) -> str:
        """Sets or removes a goal; a driver's name in ``asked_by`` makes it that driver's wish, by the rule of goals."""
        desk, vehicle, now = self._desk, names["vehicle"], self._desk.now
        car = desk.car(vehicle)
        if car is None:
            known = ", ".join(sorted(desk.view.cars(now))) or "none"
            raise Refused(f"no such vehicle; known are {known}")
        asked_by = command.asked_by or HOUSE.name
        driver = desk.people.named(asked_by)
        if driver is not None and vehicle not in driver.vehicles:
            raise Refused(f"{asked_by} does not drive {vehicle}")
        try:
            what = wanted(command, desk.goal(vehicle), now, desk.week.zone, usual_soc_pct=self._usual_soc_pct)
        except Unfit as why:
            raise Refused(str(why)) from None
        if isinstance(what, Nothing):
            desk.unwish(vehicle, driver.name if driver else None)
        else:
            by = Responder.of(driver) if driver else Responder(asked_by, asked_by, house=True)
            self._answers.wish(GoalRequest(vehicle, asked_by, now, what.soc_pct, what.departure, by.house), by)
        await desk.durable()
        return messages.goal_is(car.title, desk.goal(vehicle), desk.week.zone).en

    async def answer(self, command: Answer, names: Names) -> str:
        """Answers the pending question about a vehicle."""
        pending = self._desk.book.question(names["vehicle"])
        if pending is None or pending.question.id != command.question:
            raise Refused("this question is not open (any more)")
        if (command.option is None) == (command.text is None):
            raise Refused("give either an option or a text")
        try:
            outcome = await self._answers.answer(pending, command.option, command.text, HOUSE)
        except NotAnswerable as why:
            raise Refused(why.text.en) from None
        await self._desk.durable()
        return outcome.en

    async def mute(self, command: Mute, names: Names) -> str:
        """Silence for a driver; 0 minutes end it."""
        desk, name = self._desk, names["driver"]
        if desk.people.named(name) is None:
            known = ", ".join(sorted(p.name for p in desk.people.drivers)) or "none"
            raise Refused(f"no such driver; known are {known}")
        muted = tuple(m for m in desk.book.muted if m[0] != name)
        if command.minutes:
            muted = (*muted, (name, desk.now + timedelta(minutes=command.minutes)))
        desk.keep(replace(desk.book, muted=muted))
        await desk.durable()
        return f"{name} is muted for {command.minutes:g} minutes" if command.minutes else f"{name} is not muted"
