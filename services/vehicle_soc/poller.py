"""All cars: asks their sources when it is time, keeps what they say, tells what changed. Knows no bus."""

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
from vehicle_soc.config_loader import CarConfig
from vehicle_soc.domain.circuit_breaker import ACCOUNT_WIDE, CLOSED, failed
from vehicle_soc.domain.memory import AccountMemory, CarMemory, Memory
from vehicle_soc.domain.readings import Reading
from vehicle_soc.domain.schedule import (
    DAY,
    Budget,
    PollRequest,
    Situation,
    Trigger,
    next_poll,
)
from vehicle_soc.domain.wake_policy import may_force
from vehicle_soc.vehicle import PolledVehicle, fingerprint

LOOK_S = 60.0
"""At least so often a car is looked at: values age, and a login may have been made by another process."""
REPEAT = timedelta(minutes=5)
"""At least so often a fact is published, so that its readers see that we live."""
HANGS_S = 300.0
"""Real seconds after which even a plug-in's answer is no longer waited for."""

_log = structlog.get_logger(__name__)


class VehiclePoller:
    """The cars and their accounts. ``tell`` publishes a fact; ``login_needed`` says that a person must act."""

    def __init__(
        self,
        clock: Clock,
        budget: Budget,
        files: MemoryFile,
        tokens: TokenStore,
        tell: Callable[[Vehicle], None],
        login_needed: Callable[[PolledVehicle, AuthRequired], None],
    ) -> None:
        self.clock, self.tokens = clock, tokens
        self.cars: dict[str, PolledVehicle] = {}
        self._budget, self._files, self._tell, self._login_needed = budget, files, tell, login_needed
        kept = files.load()
        self._kept_cars, self.accounts = dict(kept.cars), dict(kept.accounts)
        self._salt = kept.salt or secrets.token_hex(16)
        self._told: dict[str, Vehicle] = {}
        self._logins: dict[str, float | None] = {}
        self._turns: dict[str, asyncio.Lock] = {}
        self._unsaved, self._saved_at = False, clock.now()

    def remembered(self, config: CarConfig) -> CarMemory:
        """What is known of a car from before; with other settings than then its circuits are closed."""
        print_now = fingerprint(config, self._salt)
        memory = self._kept_cars.get(config.name, CarMemory())
        if memory.fingerprint != print_now:
            if config.account and config.account in self.accounts:
                self.accounts[config.account] = replace(self.accounts[config.account], circuit=CLOSED)
            memory = replace(memory, circuit=CLOSED, fingerprint=print_now)
        return memory

    def add(self, car: PolledVehicle) -> None:
        """Takes a car in."""
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
                    tasks.create_task(self._keep(car))
                    if isinstance(car.source, Pushed) and not car.policy.disabled:
                        tasks.create_task(self._listen(car, car.source))
        finally:
            self.save()

    def situation(self, car: PolledVehicle, now: datetime) -> Situation:
        """What the next poll of ``car`` depends on."""
        account = self.accounts[car.account]
        return Situation(
            last_at=car.memory.last_at,
            wish=car.wish,
            live=car.is_live(now),
            charging=car.live is not None and car.live.charging,
            car=car.memory.circuit,
            account=account.circuit,
            calls=account.calls,
        )

    def next_poll(self, car: PolledVehicle, now: datetime, wish: PollRequest | None = None) -> datetime | None:
        """When ``car``'s cloud is asked next (with ``wish`` instead of its own); None: not at all."""
        if not isinstance(car.source, Polled):
            return None
        situation = self.situation(car, now)
        return next_poll(car.policy, self._budget, replace(situation, wish=wish or situation.wish), now)

    def wish(self, car: PolledVehicle, trigger: Trigger) -> None:
        """Asks ``car``'s source out of turn, as soon as it may be asked."""
        car.wish = PollRequest(trigger, self.clock.now())
        car.changed.set()

    def hear(self, car: PolledVehicle, reading: Reading) -> None:
        """Takes a reading of a source that speaks by itself; such may be many, so they are written down later."""
        car.memory = car.memory.heard(reading)
        self._unsaved = True
        car.changed.set()

    def opened(self, account: str) -> None:
        """Somebody logged in: whatever stood between us and this account's cloud is over, the throttle too."""
        self.accounts[account] = replace(self.accounts[account], circuit=CLOSED)
        for car in self._of(account):
            car.memory = replace(car.memory, last_at=None)
            self.wish(car, Trigger.REQUEST)

    def used(self, account: str) -> None:
        """Counts a call to the account's cloud that is not a poll."""
        self.accounts[account] = self.accounts[account].called(self.clock.now())
        self.save()

    def save(self) -> None:
        """Writes the memory down."""
        cars = {name: car.memory for name, car in self.cars.items()}
        self._files.save(Memory(cars, dict(self.accounts), self._salt))
        self._unsaved, self._saved_at = False, self.clock.now()

    def tell(self, car: PolledVehicle) -> None:
        """Publishes ``car`` when something but the time changed, or when it was silent for long."""
        now = self.clock.now()
        fact = car.vehicle(self.accounts[car.account].circuit, now)
        before = self._told.get(car.name)
        if before is None or now - before.at >= REPEAT or fact != before.model_copy(update={"at": fact.at}):
            self._told[car.name] = fact
            self._tell(fact)

    async def poll(self, car: PolledVehicle, source: Polled) -> None:
        """Asks once; the call is on the account before it is made, so that two cars cannot use the same one."""
        now = self.clock.now()
        last = car.memory.readings.get(_newest(car.memory))
        force = may_force(car.forcing, last, car.memory.forced, now)
        forced = tuple(at for at in car.memory.forced if now - at < DAY) + ((now,) if force else ())
        car.memory, car.wish = replace(car.memory, last_at=now, forced=forced), None
        self.used(car.account)
        try:
            async with asyncio.timeout(HANGS_S):
                reading = await source.read(force=force)
        except TimeoutError:
            self._failed(car, TransientError("no answer"))
        except (TransientError, PermanentError) as error:
            self._failed(car, error)
        else:
            self._worked(car, reading)
        self.save()

    async def _poll_if_due(self, car: PolledVehicle, source: Polled) -> None:
        due = self.next_poll(car, self.clock.now())
        if due is not None and due <= self.clock.now():
            await self.poll(car, source)

    def _worked(self, car: PolledVehicle, reading: Reading) -> None:
        car.memory = replace(car.memory.heard(reading), circuit=CLOSED)
        self.accounts[car.account] = replace(self.accounts[car.account], circuit=CLOSED)
        _log.info("read", car=car.name, source=reading.source, soc_pct=reading.soc_pct)

    def _failed(self, car: PolledVehicle, error: TransientError | PermanentError) -> None:
        kind, text = problem(error)
        now, jitter = self.clock.now(), RNG.uniform(0, 1)
        _log.warning("not read", car=car.name, kind=kind, why=text.en)
        if kind not in ACCOUNT_WIDE:
            car.memory = replace(car.memory, circuit=failed(car.memory.circuit, kind, text, now, jitter))
            return
        account = self.accounts[car.account]
        news = account.circuit.kind is not kind
        self.accounts[car.account] = replace(account, circuit=failed(account.circuit, kind, text, now, jitter))
        self._logins[car.account] = self.tokens.changed_at(car.account)
        for other in self._of(car.account):
            other.changed.set()
        if news and isinstance(error, AuthRequired):
            self._login_needed(car, error)

    async def _keep(self, car: PolledVehicle) -> None:
        while True:
            self._notice_login(car.account)
            now = self.clock.now()
            due = self.next_poll(car, now)
            car.next_poll_at = max(due, now) if due else None
            self.tell(car)
            if due is not None and due <= now and isinstance(car.source, Polled):
                # One car of an account after the other: what the first one learns (a quota) the others heed.
                async with self._turns.setdefault(car.account, asyncio.Lock()):
                    await self._poll_if_due(car, car.source)
                continue
            self._unsaved |= car.live is not None
            if self._unsaved and (now - self._saved_at).total_seconds() >= LOOK_S:
                self.save()
            car.changed.clear()
            wait_s = LOOK_S if due is None else min(LOOK_S, (due - now).total_seconds())
            with suppress(TimeoutError):
                async with self.clock.timeout(wait_s):
                    await car.changed.wait()

    async def _listen(self, car: PolledVehicle, source: Pushed) -> None:
        backoff, failures = Backoff(first_s=5, max_s=600), 0

        def deliver(reading: Reading) -> None:
            nonlocal failures
            failures = 0
            car.memory = replace(car.memory, circuit=CLOSED)
            self.hear(car, reading)

        while True:
            try:
                await source.listen(deliver)
            except (TransientError, PermanentError) as error:
                self._failed(car, error)
                car.changed.set()
            failures += 1
            await self.clock.sleep(backoff.delay_s(failures))

    def _notice_login(self, account: str) -> None:
        circuit = self.accounts[account].circuit
        if circuit.kind is not ProblemKind.AUTH_REQUIRED:
            return
        if (written_at := self.tokens.changed_at(account)) != self._logins[account]:
            self._logins[account] = written_at
            self.opened(account)

    def _of(self, account: str) -> Iterable[PolledVehicle]:
        return [car for car in self.cars.values() if car.account == account]


def _newest(memory: CarMemory) -> str:
    return max(memory.readings.values(), key=lambda r: r.asked_at).source if memory.readings else ""
