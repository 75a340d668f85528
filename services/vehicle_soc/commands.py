"""vehicle-soc's commands on the bus: a value by hand, a fresh reading, a code for a car's cloud."""

from datetime import datetime, timedelta

from ems.bus.api import Bus, Names, Refused
from ems.contract.topics import LOGIN_CODE, REFRESH, SET_SOC
from ems.contract.vehicle import LoginCode, Refresh, SetSoc
from vehicle_soc.adapters.provider import Polled, Pushed, TwoFactor
from vehicle_soc.domain.readings import Reading
from vehicle_soc.domain.schedule import PollRequest, Trigger
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

    def __init__(self, poller: VehiclePoller) -> None:
        self._poller = poller
        self._codes: dict[str, SentCode] = {}

    def answer_on(self, bus: Bus) -> None:
        """Begins to answer."""
        bus.on_command(SET_SOC, self.set_soc)
        bus.on_command(REFRESH, self.refresh)
        bus.on_command(LOGIN_CODE, self.login)

    async def set_soc(self, command: SetSoc, names: Names) -> str:
        """A state of charge that a person read off the car."""
        car, now = self._car(names), self._poller.clock.now()
        measured = command.measured_at or now
        if measured > now + MAX_SKEW:
            raise Refused("measured_at lies in the future")
        if measured < now - MAX_AGE:
            raise Refused("measured_at is more than 2 days ago")
        self._poller.take_reading(car, Reading("manual", now, soc_pct=command.soc_pct, measured_at=min(measured, now)))
        self._poller.save()
        return f"{car.name} is at {command.soc_pct:g} %, says a person"

    async def refresh(self, _command: Refresh, names: Names) -> str:
        """Asks the car's cloud now, unless that would be impolite."""
        car, now = self._car(names), self._poller.clock.now()
        if isinstance(car.source, Pushed):
            raise Refused("this car's source speaks by itself and cannot be asked")
        if not isinstance(car.source, Polled):
            raise Refused(f"provider {car.config.common.provider!r} has nothing to ask; set the SoC by hand instead")
        due = self._poller.next_poll(car, now, PollRequest(Trigger.REQUEST, now))
        if due is None:
            raise Refused("this car is disabled in the settings")
        if due > now:
            raise Refused(f"asked too recently or too often; possible again at {due:%Y-%m-%dT%H:%M:%SZ}")
        self._poller.request_poll(car, Trigger.REQUEST)
        return f"{car.name}'s cloud is being asked"

    async def login(self, command: LoginCode, names: Names) -> str:
        """Has a code sent, or finishes a login with one."""
        car, now = self._car(names), self._poller.clock.now()
        source = car.source
        if not isinstance(source, TwoFactor):
            raise Refused(f"provider {car.config.common.provider!r} knows no codes")
        if command.code is None:
            pending = self._codes.get(car.account)
            if pending and now - pending.sent_at < CODE_INTERVAL:
                raise Refused("a code was sent less than 2 minutes ago; wait for it")
            self._poller.count_call(car.account)
            self._codes[car.account] = SentCode(now)
            where = await source.send_code()
            if where is None:
                del self._codes[car.account]
                self._poller.reopen(car.account)
                return "logged in; no code was needed"
            return f"a code was sent to {where}"
        pending = self._codes.get(car.account)
        if pending is None or pending.tries >= MAX_TRIES:
            raise Refused("no code is awaited; ask for one first, with a command without code")
        pending.tries += 1
        self._poller.count_call(car.account)
        await source.complete(command.code)
        del self._codes[car.account]
        self._poller.reopen(car.account)
        return "logged in"

    def _car(self, names: Names) -> PolledVehicle:
        car = self._poller.cars.get(names["vehicle"])
        if car is None:
            raise Refused(f"no such vehicle; known are {', '.join(sorted(self._poller.cars)) or 'none'}")
        return car


class SentCode:
    """A code that was sent, and how often it was answered."""

    def __init__(self, sent_at: datetime) -> None:
        self.sent_at, self.tries = sent_at, 0
