"""Polls the cars' sources when it is time, keeps what they answer, publishes what changed. Knows no bus."""

import asyncio
import secrets
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import structlog

from ems.contract.vehicle import ProblemKind, Vehicle
from ems.runtime.clock import Clock
from ems.runtime.errors import PermanentError, TransientError
from ems.runtime.retry import RNG, Backoff
from vehicle_soc.adapters.memory_file import MemoryFile
from vehicle_soc.adapters.provider import AuthRequired, Polled, Pushed, problem
from vehicle_soc.adapters.token_store import TokenStore
from vehicle_soc.config_loader import VehicleConfig
from vehicle_soc.domain.circuit_breaker import ACCOUNT_WIDE, CLOSED, failed
from vehicle_soc.domain.memory import AccountMemory, CarMemory, PollMemory
from vehicle_soc.domain.readings import Reading
from vehicle_soc.domain.schedule import (
    DAY,
    Budget,
    PollRequest,
    PollSituation,
    Trigger,
    next_poll,
    next_step,
)
from vehicle_soc.domain.wake_policy import may_wake
from vehicle_soc.domain.wording import renderer
from vehicle_soc.vehicle import PolledVehicle, fingerprint

CHECK_INTERVAL_S = 60.0
"""Longest time between two checks of a car, in seconds: values age, and another process may log in."""
REPEAT_INTERVAL = timedelta(minutes=5)
"""Time after which an unchanged fact is published again, so that its readers see that we live."""
MANUAL = "manual"
"""The source of what people say."""
READ_TIMEOUT_S = 300.0
"""Longest wait for a source's answer, also a plug-in's, in real seconds."""

_log = structlog.get_logger(__name__)


class VehiclePoller:
    """The cars and their accounts.

    ``publish`` takes a fact that changed, ``login_needed`` a car whose owner must log in, and ``kept`` why the memory
    cannot be kept on disk (None: it can).
    """

    def __init__(
        self,
        clock: Clock,
        budget: Budget,
        files: MemoryFile,
        memory: PollMemory,
        tokens: TokenStore,
        publish: Callable[[Vehicle], None],
        login_needed: Callable[[PolledVehicle, AuthRequired], None],
        kept: Callable[[str | None], None] = lambda _: None,
    ) -> None:
        self.clock, self.tokens = clock, tokens
        self.cars: dict[str, PolledVehicle] = {}
        self._budget, self._files, self._publish, self._login_needed = budget, files, publish, login_needed
        self._report_kept = kept
        self._kept_cars, self.accounts = dict(memory.cars), dict(memory.accounts)
        self._salt = memory.salt or secrets.token_hex(16)
        self._published: dict[str, Vehicle] = {}
        self._logins: dict[str, float | None] = {}
        self._account_locks: dict[str, asyncio.Lock] = {}
        self._unsaved, self._saved_at = False, clock.now()

    def remembered(self, config: VehicleConfig) -> CarMemory:
        """What is known of a car from before; with other settings than then its circuits are closed."""
        print_now = fingerprint(config, self._salt)
        memory = self._kept_cars.get(config.name, CarMemory())
        if memory.fingerprint != print_now:
            if config.account and config.account in self.accounts:
                self.accounts[config.account] = replace(self.accounts[config.account], circuit=CLOSED)
            memory = replace(memory, circuit=CLOSED, fingerprint=print_now)
        return memory

    def add(self, car: PolledVehicle) -> None:
        """Adds a car."""
        self.cars[car.name] = car
        circuit = self.accounts.setdefault(car.account, AccountMemory()).circuit
        written_at = self.tokens.changed_at(car.account)
        self._logins.setdefault(car.account, written_at)
        refused = circuit.kind is ProblemKind.AUTH_REQUIRED and circuit.since is not None
        # Somebody may have logged in while we were away.
        if refused and written_at and datetime.fromtimestamp(written_at, UTC) > (circuit.since or self.clock.now()):
            self.accounts[car.account] = replace(self.accounts[car.account], circuit=CLOSED)

    async def run(self) -> None:
        """Polls and listens until cancelled; each car by itself."""
        try:
            async with asyncio.TaskGroup() as tasks:
                for car in self.cars.values():
                    tasks.create_task(self._run_car(car))
                    if isinstance(car.source, Pushed) and not car.poll_policy.disabled:
                        tasks.create_task(self._listen(car, car.source))
        finally:
            self.save()

    def situation(self, car: PolledVehicle, now: datetime) -> PollSituation:
        """What the next poll of ``car`` depends on."""
        account = self.accounts[car.account]
        return PollSituation(
            last_at=car.memory.last_at,
            request=car.request,
            live=car.is_live(now),
            charging=car.live is not None and car.live.charging,
            car=car.memory.circuit,
            account=account.circuit,
            calls=account.calls,
        )

    def next_poll(self, car: PolledVehicle, now: datetime, request: PollRequest | None = None) -> datetime | None:
        """When ``car``'s cloud is asked next (with ``request`` instead of its own); None: not at all."""
        if not isinstance(car.source, Polled):
            return None
        situation = self.situation(car, now)
        return next_poll(car.poll_policy, self._budget, replace(situation, request=request or situation.request), now)

    def request_poll(self, car: PolledVehicle, trigger: Trigger) -> None:
        """Asks ``car``'s source out of turn, as soon as it may be asked."""
        car.request = PollRequest(trigger, self.clock.now())
        car.changed.set()

    def take_reading(self, car: PolledVehicle, reading: Reading) -> None:
        """Takes a reading that was not polled; such may be many, so they are saved later."""
        if reading.source == MANUAL:
            car.memory = car.memory.after(reading)  # a person's word is not doubted
        else:
            self._judge(car, reading)
        self._unsaved = True
        car.changed.set()

    def take_reading_of(self, name: str, reading: Reading) -> None:
        """The same, of the car with this name."""
        self.take_reading(self.cars[name], reading)

    def reopen(self, account: str) -> None:
        """Closes an account's circuit after a login, and polls its cars at once, whatever the throttle says."""
        self.accounts[account] = replace(self.accounts[account], circuit=CLOSED)
        for car in self._of(account):
            car.memory = replace(car.memory, last_at=None)
            self.request_poll(car, Trigger.REQUEST)

    def count_call(self, account: str) -> None:
        """Counts a call to the account's cloud that is not a poll."""
        self.accounts[account] = self.accounts[account].after_call(self.clock.now())
        self.save()

    def save(self) -> str | None:
        """Saves the memory; on a disk that takes nothing it lasts until a restart, and is tried again.

        Returns:
            Why it is not on disk; None when it is.
        """
        cars = {name: car.memory for name, car in self.cars.items()}
        self._saved_at = self.clock.now()
        try:
            self._files.save(PollMemory(cars, dict(self.accounts), self._salt))
        except PermanentError as error:
            self._unsaved = True
            self._report_kept(str(error))
            return str(error)
        self._unsaved = False
        self._report_kept(None)
        return None

    def publish(self, car: PolledVehicle) -> None:
        """Publishes ``car`` when something but the time changed, or when it was silent for long."""
        now = self.clock.now()
        fact = car.vehicle(self.accounts[car.account].circuit, now)
        before = self._published.get(car.name)
        if before is None or now - before.at >= REPEAT_INTERVAL or fact != before.model_copy(update={"at": fact.at}):
            self._published[car.name] = fact
            self._publish(fact)

    async def poll(self, car: PolledVehicle, source: Polled) -> None:
        """Asks once; the call is on the account before it is made, so that two cars cannot use the same one."""
        now = self.clock.now()
        last = car.memory.readings.get(_newest(car.memory))
        force = may_wake(car.wake_policy, last, car.memory.forced, now)
        forced = tuple(at for at in car.memory.forced if now - at < DAY) + ((now,) if force else ())
        car.memory, car.request = replace(car.memory, last_at=now, forced=forced), None
        self.count_call(car.account)
        try:
            async with asyncio.timeout(READ_TIMEOUT_S):
                reading = await source.read(force=force)
        except TimeoutError:
            self._failed(car, TransientError("no answer"))
        except (TransientError, PermanentError) as error:
            self._failed(car, error)
        else:
            self._succeeded(car, reading)
        if car.request is None:
            car.request = self._next_request(car)
        self.save()

    def _next_request(self, car: PolledVehicle) -> PollRequest | None:
        """What is asked for next: the plug-in again until the cloud knows of it, or a second reading."""
        now, plugged_at, held = self.clock.now(), car.memory.stay.plugged_at, car.memory.held
        request = None
        if plugged_at is not None and car.doubted_since_plug_in(now):
            request = next_step(Trigger.PLUGGED_IN, plugged_at, now)
        if request is None and held is not None:
            request = next_step(Trigger.DOUBT, held.since, now)
        return request

    def _judge(self, car: PolledVehicle, reading: Reading) -> None:
        car.take(reading, self.clock.now())

    async def _poll_if_due(self, car: PolledVehicle, source: Polled) -> None:
        due = self.next_poll(car, self.clock.now())
        if due is not None and due <= self.clock.now():
            await self.poll(car, source)

    def _succeeded(self, car: PolledVehicle, reading: Reading) -> None:
        self._judge(car, reading)
        car.memory = replace(car.memory, circuit=CLOSED)
        self.accounts[car.account] = replace(self.accounts[car.account], circuit=CLOSED)
        _log.info("read", car=car.name, source=reading.source, soc_pct=reading.soc_pct)

    def _failed(self, car: PolledVehicle, error: TransientError | PermanentError) -> None:
        kind, reason = problem(error)
        now, jitter = self.clock.now(), RNG.uniform(0, 1)
        _log.info("not read", car=car.name, kind=kind, why=renderer.text(reason).en)
        if kind not in ACCOUNT_WIDE:
            car.memory = replace(car.memory, circuit=failed(car.memory.circuit, kind, reason, now, jitter))
            return
        account = self.accounts[car.account]
        news = account.circuit.kind is not kind
        self.accounts[car.account] = replace(account, circuit=failed(account.circuit, kind, reason, now, jitter))
        self._logins[car.account] = self.tokens.changed_at(car.account)
        for other in self._of(car.account):
            other.changed.set()
        if news and isinstance(error, AuthRequired):
            self._login_needed(car, error)

    async def _run_car(self, car: PolledVehicle) -> None:
        while True:
            self._check_login(car.account)
            now = self.clock.now()
            due = self.next_poll(car, now)
            car.next_poll_at = max(due, now) if due else None
            self.publish(car)
            if due is not None and due <= now and isinstance(car.source, Polled):
                # One car of an account after the other: what the first one learns (a quota) the others heed.
                async with self._account_locks.setdefault(car.account, asyncio.Lock()):
                    await self._poll_if_due(car, car.source)
                continue
            self._unsaved |= car.live is not None
            if self._unsaved and (now - self._saved_at).total_seconds() >= CHECK_INTERVAL_S:
                self.save()
            car.changed.clear()
            wait_s = CHECK_INTERVAL_S if due is None else min(CHECK_INTERVAL_S, (due - now).total_seconds())
            with suppress(TimeoutError):
                async with self.clock.timeout(wait_s):
                    await car.changed.wait()

    async def _listen(self, car: PolledVehicle, source: Pushed) -> None:
        backoff, failures = Backoff(first_s=5, max_s=600), 0

        def deliver(reading: Reading) -> None:
            nonlocal failures
            failures = 0
            car.memory = replace(car.memory, circuit=CLOSED)
            self.take_reading(car, reading)

        while True:
            try:
                await source.listen(deliver)
            except (TransientError, PermanentError) as error:
                self._failed(car, error)
                car.changed.set()
            failures += 1
            await self.clock.sleep(backoff.delay_s(failures))

    def _check_login(self, account: str) -> None:
        circuit = self.accounts[account].circuit
        if circuit.kind is not ProblemKind.AUTH_REQUIRED:
            return
        if (written_at := self.tokens.changed_at(account)) != self._logins[account]:
            self._logins[account] = written_at
            self.reopen(account)

    def _of(self, account: str) -> Iterable[PolledVehicle]:
        return [car for car in self.cars.values() if car.account == account]


def _newest(memory: CarMemory) -> str:
    return max(memory.readings.values(), key=lambda r: r.asked_at).source if memory.readings else ""
