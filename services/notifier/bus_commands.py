"""The notifier's commands on the bus."""

from dataclasses import replace
from datetime import timedelta

from ems.bus.api import Names, Refused
from ems.contract.people import Answer, Mute, SetGoal
from ems.contract.topics import ANSWER, MUTE, SET_GOAL
from ems.i18n.records import CommandAnswer
from notifier.answer_handler import (
    HOUSE,
    AnswerHandler,
    NotAnswerable,
    Responder,
)
from notifier.domain.goal_command import InvalidGoal, NoGoal, new_goal
from notifier.domain.goal_rules import GoalRequest
from notifier.domain.goal_words import goal_is
from notifier.domain.wording.outcomes import (
    DoesNotDrive,
    DriverMuted,
    NoSuchDriver,
    NoSuchVehicle,
)
from notifier.domain.wording.records import Said
from notifier.domain.wording.remarks import Remark
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

    async def set_goal(self, command: SetGoal, names: Names) -> CommandAnswer:
        """Sets or removes a goal; with a driver's name in ``asked_by`` it is that driver's request, by the rules."""
        state, vehicle, now = self._state, names["vehicle"], self._state.now
        car = state.car(vehicle)
        if car is None:
            raise self._refused(NoSuchVehicle(tuple(sorted(state.bus_view.cars(now)))))
        asked_by = command.asked_by or HOUSE.name
        driver = state.people.named(asked_by)
        if driver is not None and vehicle not in driver.vehicles:
            raise self._refused(DoesNotDrive(driver.title, car.title))
        try:
            wanted = new_goal(
                command,
                state.goal(vehicle),
                now,
                state.week.zone,
                usual_soc_pct=self._usual_soc_pct,
                car=car,
            )
        except InvalidGoal as why:
            raise self._refused(why.why) from None
        if isinstance(wanted, NoGoal):
            state.withdraw(vehicle, driver.name if driver else None)
        else:
            by = Responder.of(driver) if driver else Responder(asked_by, asked_by, house=True)
            self._answer_handler.request_goal(
                GoalRequest(vehicle, asked_by, now, wanted.soc_pct, wanted.departure, by.house), by
            )
        await state.durable()
        return state.says.answer(goal_is(car.title, state.goal(vehicle)))

    async def answer(self, command: Answer, names: Names) -> CommandAnswer:
        """Answers the pending question about a vehicle."""
        pending = self._state.memory.question(names["vehicle"])
        if pending is None or pending.question.id != command.question:
            raise self._refused(Remark.QUESTION_NOT_OPEN)
        if (command.option is None) == (command.text is None):
            raise self._refused(Remark.OPTION_OR_TEXT)
        try:
            outcome = await self._answer_handler.answer(pending, command.option, command.text, HOUSE)
        except NotAnswerable as why:
            raise self._refused(why.why) from None
        await self._state.durable()
        return self._state.says.answer(outcome)

    async def mute(self, command: Mute, names: Names) -> CommandAnswer:
        """Silence for a driver; 0 minutes end it."""
        state, name = self._state, names["driver"]
        person = state.people.named(name)
        if person is None:
            raise self._refused(NoSuchDriver(tuple(sorted(p.name for p in state.people.drivers))))
        until = state.now + timedelta(minutes=command.minutes) if command.minutes else None
        muted = tuple(m for m in state.memory.muted if m[0] != name)
        if until is not None:
            muted = (*muted, (name, until))
        state.keep(replace(state.memory, muted=muted))
        await state.durable()
        return state.says.answer(DriverMuted(person.title, until))

    def _refused(self, why: Said) -> Refused:
        return Refused(self._state.says.answer(why))
