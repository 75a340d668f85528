"""The notifier's commands on the bus."""

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
from notifier.domain.goal_command import InvalidGoal, NoGoal, new_goal
from notifier.domain.goal_rules import GoalRequest
from notifier.state import NotifierState


class BusCommands:
    """Answers the command topics."""

    def __init__(self, state: NotifierState, answer_handler: AnswerHandler, *, usual_soc_pct: float) -> None:
        self._state, self._answer_handler, self._usual_soc_pct = state, answer_handler, usual_soc_pct

    def answer_on_bus(self) -> None:
        """Begins to answer."""
        bus = self._state.bus
        bus.on_command(SET_GOAL, self.set_goal)
        bus.on_command(ANSWER, self.answer)
        bus.on_command(MUTE, self.mute)

    async def set_goal(self, command: SetGoal, names: Names) -> str:
        """Sets or removes a goal; with a driver's name in ``asked_by`` it is that driver's request, by the rules."""
        state, vehicle, now = self._state, names["vehicle"], self._state.now
        car = state.car(vehicle)
        if car is None:
            known = ", ".join(sorted(state.bus_view.cars(now))) or "none"
            raise Refused(f"no such vehicle; known are {known}")
        asked_by = command.asked_by or HOUSE.name
        driver = state.people.named(asked_by)
        if driver is not None and vehicle not in driver.vehicles:
            raise Refused(f"{asked_by} does not drive {vehicle}")
        try:
            wanted = new_goal(
                command,
                state.goal(vehicle),
                now,
                state.week.zone,
                usual_soc_pct=self._usual_soc_pct,
                cars=(car.title, car.name),
            )
        except InvalidGoal as why:
            raise Refused(str(why)) from None
        if isinstance(wanted, NoGoal):
            state.withdraw(vehicle, driver.name if driver else None)
        else:
            by = Responder.of(driver) if driver else Responder(asked_by, asked_by, house=True)
            self._answer_handler.request_goal(
                GoalRequest(vehicle, asked_by, now, wanted.soc_pct, wanted.departure, by.house), by
            )
        await state.durable()
        return messages.goal_is(car.title, state.goal(vehicle), state.week.zone).en

    async def answer(self, command: Answer, names: Names) -> str:
        """Answers the pending question about a vehicle."""
        pending = self._state.memory.question(names["vehicle"])
        if pending is None or pending.question.id != command.question:
            raise Refused("this question is not open (any more)")
        if (command.option is None) == (command.text is None):
            raise Refused("give either an option or a text")
        try:
            outcome = await self._answer_handler.answer(pending, command.option, command.text, HOUSE)
        except NotAnswerable as why:
            raise Refused(why.text.en) from None
        await self._state.durable()
        return outcome.en

    async def mute(self, command: Mute, names: Names) -> str:
        """Silence for a driver; 0 minutes end it."""
        state, name = self._state, names["driver"]
        if state.people.named(name) is None:
            known = ", ".join(sorted(p.name for p in state.people.drivers)) or "none"
            raise Refused(f"no such driver; known are {known}")
        muted = tuple(m for m in state.memory.muted if m[0] != name)
        if command.minutes:
            muted = (*muted, (name, state.now + timedelta(minutes=command.minutes)))
        state.keep(replace(state.memory, muted=muted))
        await state.durable()
        return f"{name} is muted for {command.minutes:g} minutes" if command.minutes else f"{name} is not muted"
