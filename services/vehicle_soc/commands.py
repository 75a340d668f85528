"""vehicle-soc's commands on the bus: a value by hand, a fresh reading, a code for a car's cloud."""

from collections.abc import Awaitable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from ems.bus.api import Bus, Names, Refused
from ems.contract.topics import LOGIN_CODE, REFRESH, SET_SOC
from ems.contract.vehicle import LoginCode, Refresh, SetSoc
from ems.i18n.records import CommandAnswer
from ems.runtime.errors import PermanentError, TransientError
from vehicle_soc.adapters.provider import Polled, Pushed, TwoFactor, problem
from vehicle_soc.domain.readings import Reading
from vehicle_soc.domain.schedule import PollRequest, Trigger
from vehicle_soc.domain.wording import renderer
from vehicle_soc.domain.wording.answers import (
    BeingAsked,
    CarAnswer,
    CodeJustSent,
    CodeSent,
    Disabled,
    LoggedIn,
    MeasuredInFuture,
    MeasuredLongAgo,
    NoCodeAwaited,
    NoCodes,
    NoSuchVehicle,
    NothingToAsk,
    SocTaken,
    SpeaksByItself,
    TooSoon,
)
from vehicle_soc.poller import VehiclePoller
from vehicle_soc.vehicle import PolledVehicle

MAX_AGE = timedelta(days=2)
"""Greatest age of a value by hand: an older one is more likely a typing error than a help."""
MAX_SKEW = timedelta(minutes=2)
"""How far a value by hand may lie in the future, by the clock of whoever sends it."""
CODE_INTERVAL = timedelta(minutes=2)
"""Shortest time between two codes for an account."""
MAX_TRIES = 3
"""Wrong codes after which a new one must be asked for: clouds lock accounts."""


class VehicleCommands:
    """Answers the three command topics."""

    def __init__(self, poller: VehiclePoller, zone: ZoneInfo) -> None:
        self._poller, self._wording = poller, renderer.answers(zone)
        self._codes: dict[str, SentCode] = {}

    def answer_on(self, bus: Bus) -> None:
        """Begins to answer."""
        bus.on_command(SET_SOC, self.set_soc)
        bus.on_command(REFRESH, self.refresh)
        bus.on_command(LOGIN_CODE, self.login)

    async def set_soc(self, command: SetSoc, names: Names) -> CommandAnswer:
        """A state of charge that a person read off the car."""
        car, now = self._car(names), self._poller.clock.now()
        measured = command.measured_at or now
        if measured > now + MAX_SKEW:
            raise self._refused(MeasuredInFuture())
        if measured < now - MAX_AGE:
            raise self._refused(MeasuredLongAgo(MAX_AGE))
        before = car.memory
        self._poller.take_reading(car, Reading("manual", now, soc_pct=command.soc_pct, measured_at=min(measured, now)))
        if (why := self._poller.save()) is not None:
            # Who is told that it is taken must find it after a restart, too.
            car.memory = before
            raise PermanentError(why)
        return self._answer(SocTaken(car.title or car.name, command.soc_pct))

    async def refresh(self, _command: Refresh, names: Names) -> CommandAnswer:
        """Asks the car's cloud now, unless that would be impolite."""
        car, now = self._car(names), self._poller.clock.now()
        if isinstance(car.source, Pushed):
            raise self._refused(SpeaksByItself())
        if not isinstance(car.source, Polled):
            raise self._refused(NothingToAsk(car.config.common.provider))
        due = self._poller.next_poll(car, now, PollRequest(Trigger.REQUEST, now))
        if due is None:
            raise self._refused(Disabled())
        if due > now:
            raise self._refused(TooSoon(due))
        self._poller.request_poll(car, Trigger.REQUEST)
        return self._answer(BeingAsked(car.title or car.name))

    async def login(self, command: LoginCode, names: Names) -> CommandAnswer:
        """Has a code sent, or finishes a login with one."""
        car, now = self._car(names), self._poller.clock.now()
        source = car.source
        if not isinstance(source, TwoFactor):
            raise self._refused(NoCodes(car.config.common.provider))
        if command.code is None:
            pending = self._codes.get(car.account)
            if pending and now - pending.sent_at < CODE_INTERVAL:
                raise self._refused(CodeJustSent(CODE_INTERVAL))
            self._poller.count_call(car.account)
            self._codes[car.account] = SentCode(now)
            where = await self._ask(source.send_code())
            if where is None:
                del self._codes[car.account]
                self._poller.reopen(car.account)
                return self._answer(LoggedIn(code_needed=False))
            return self._answer(CodeSent(where))
        pending = self._codes.get(car.account)
        if pending is None or pending.tries >= MAX_TRIES:
            raise self._refused(NoCodeAwaited())
        pending.tries += 1
        self._poller.count_call(car.account)
        await self._ask(source.complete(command.code))
        del self._codes[car.account]
        self._poller.reopen(car.account)
        return self._answer(LoggedIn(code_needed=True))

    def _car(self, names: Names) -> PolledVehicle:
        car = self._poller.cars.get(names["vehicle"])
        if car is None:
            raise self._refused(NoSuchVehicle(tuple(sorted(self._poller.cars))))
        return car

    async def _ask[T](self, call: Awaitable[T]) -> T:
        """What the cloud answers; what it has against it is a refusal in every language."""
        try:
            return await call
        except (TransientError, PermanentError) as error:
            raise self._refused(problem(error)[1]) from error

    def _answer(self, answer: CarAnswer) -> CommandAnswer:
        return self._wording.answer(answer, self._poller.clock.now())

    def _refused(self, answer: CarAnswer) -> Refused:
        return Refused(self._answer(answer))


class SentCode:
    """A code that was sent, and how often it was answered."""

    def __init__(self, sent_at: datetime) -> None:
        self.sent_at, self.tries = sent_at, 0
