"""The home of the campaign: five services as processes, a broker with rights, a simulated evcc, a person's hand."""

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiomqtt
import numpy as np
from paho.mqtt.client import topic_matches_sub

from campaign.outside import ANNA, Outside, outside
from campaign.watcher import Watcher
from ems.contract.requests import Result
from ems.contract.service import SERVICES, Service
from ems.contract.site import BatteryMode
from ems.contract.topics import PREFIX, TOPICS
from ems.demo import day
from ems.runtime.clock import VARIABLE, AcceleratedClock
from ems.simulator.environment import Recorded
from ems.simulator.home import CarTrip, SimulatedHome
from ems.simulator.meter import Meter
from ems.simulator.server import SimulatedEvcc
from nix.dynsec import Guarded, guarded
from rl_agent.adapters.model_files import ModelFiles
from rl_agent.domain.learner import Trained
from rl_agent.domain.night import KeptTraining
from support.bus import raw
from support.fake_telegram import TOKEN
from support.gate import Gate
from support.suite import Suite, started

SPEED = 10.0
"""Seconds of the home in a real one."""
ANSWERED_WITHIN_S = 6.0
"""Real seconds that a person waits for an answer."""
EVCC_CYCLE_S = 3.0
"""evcc acts on a mode that has lapsed in its next control cycle: with the default of 30 s it would be so much later."""
PERSON = "homeassistant"
"""Whose account the person's hand uses."""
WIPER = "admin"
"""Whose account may erase the tree: as evcc's own may on a broker without rights."""
WELL_WITHIN_S = 240.0
"""Real seconds within which everybody is back after the last fault; on a machine that is busy with much else, too."""
UNMEASURED = "oldtimer"
"""A car that no source and no loadpoint tells anything of: what was read off it last holds for ever."""
MODEL = KeptTraining(
    Trained("tabular", {"q": np.arange(12.0)}, {"home": "campaign"}), 7, datetime(2024, 6, 2, tzinfo=UTC), day.START
)
"""What the learner had learnt before; three weeks of history are too few for it to learn anew."""


@dataclass
class Home:
    """What runs, and what was heard of it."""

    rights: Guarded
    suite: Suite
    clock: AcceleratedClock
    outside: Outside
    lines: Mapping[Service, Gate]
    """Each service's line to the broker."""
    evcc_line: Gate
    watcher: Watcher
    poller_died_s: float | None = None
    """When the gateway went, by the home's clock; None while it runs."""
    kills: int = 0
    """Services that were ended by kill -9."""
    broker_restarts: int = 0
    unanswered: dict[str, str] = field(default_factory=dict)
    """By the id of each command that got no answer in time: what kept it from one."""
    facts: dict[str, bytes] = field(default_factory=dict)
    """The newest payload of each topic, as somebody sees who has just come."""

    @property
    def evcc(self) -> SimulatedEvcc:
        """The simulated evcc."""
        return self.suite.evcc

    @property
    def battery_mode(self) -> BatteryMode:
        """What the battery itself does."""
        return self.evcc.home.battery_mode

    def fact(self, topic: str) -> dict[str, Any]:
        """A fact of the suite's, or nothing."""
        payload = self.facts.get(f"{PREFIX}/{topic}", b"")
        found: dict[str, Any] = json.loads(payload) if payload else {}
        return found

    async def command(self, topic: str, **content: Any) -> bool | None:
        """Whether a command was accepted; None where nobody answered (the fault may have met it)."""
        name = f"campaign-{time.monotonic_ns()}"
        result = f"{PREFIX}/{topic}/result"
        sent, away = False, list[str]()
        looking = asyncio.create_task(self._note_away(topic, away))
        try:
            async with self._hand(PERSON, result) as hand:
                await hand.publish(f"{PREFIX}/{topic}/set", json.dumps({"id": name, **content}))
                sent = True

                def answered() -> Result | None:
                    results = map(Result.parse, hand.payloads(result))
                    return next((r for r in results if r.id == name), None)

                await hand.until(answered, within_s=ANSWERED_WITHIN_S)
                answer = answered()
                return None if answer is None else answer.accepted
        except (TimeoutError, aiomqtt.MqttError, ExceptionGroup):
            self.unanswered[name] = f"{'sent' if sent else 'not even sent'}: {away[0] if away else 'nobody was away'}"
            return None
        finally:
            looking.cancel()

    async def _note_away(self, topic: str, away: list[str]) -> None:
        """Adds to ``away`` whatever is away at any moment, until cancelled."""
        while True:
            if why := self.away(topic):
                away.append(why)
            await asyncio.sleep(0.05)

    def away(self, topic: str) -> str | None:
        """What keeps a command on ``topic`` from whoever answers it, at the moment; None where nothing does."""
        service = _who_answers(topic)
        process = self.suite.processes.get(service)
        if self.rights.broker.away:
            return "the broker is away"
        if process is None or process.poll() is not None:
            return "the service is dead"
        if not self.lines[service].passes:
            return "the service's line to the broker stalls or is cut"
        return None if self.watcher.status.get(service) == b"online" else "the service is not on the broker (yet)"

    async def wipe(self) -> None:
        """Erases every fact of the suite's on the broker; what cannot be reached meanwhile stays."""
        with suppress(TimeoutError, aiomqtt.MqttError, ExceptionGroup):
            await self.look()
            async with self._hand(WIPER, f"{PREFIX}/none") as hand:
                for topic, payload in sorted(self.facts.items()):
                    if payload:
                        await hand.publish(topic, b"", retain=True)

    async def look(self) -> None:
        """Reads every retained fact anew."""
        async with self._hand(PERSON, f"{PREFIX}/#", f"{PREFIX}/evcc-poller/status") as hand:
            # What is retained for the second filter comes when all is there that is for the first.
            status = f"{PREFIX}/evcc-poller/status"
            await hand.until(lambda: len(hand.payloads(status)) > 1, within_s=10)
            self.facts = {m.topic.value: m.payload for m in hand.seen}

    async def well(self) -> None:
        """Returns when all services are online and in good health, evcc is seen, and there is a plan."""
        end = time.monotonic() + WELL_WITHIN_S
        while True:
            with suppress(TimeoutError, aiomqtt.MqttError, ExceptionGroup):
                await self.look()
                if not self.troubles():
                    return
            assert time.monotonic() < end, self.troubles()
            await asyncio.sleep(0.3)

    def troubles(self) -> list[str]:
        """Why all is not well."""
        found = [f"{s} has ended" for s in self.suite.dead()]
        for service in SERVICES:
            if self.facts.get(f"{PREFIX}/{service}/status") != b"online":
                found.append(f"{service} is offline")
            health = self.fact(f"{service}/health")
            if health.get("state") == "failed":
                found.append(f"{service}: {health['reasons']}")
        if not self.fact("site").get("evcc", {}).get("reachable"):
            found.append("evcc is not seen")
        if not self.fact("plan").get("slots"):
            found.append("there is no plan")
        return found

    def _hand(self, who: str, *filters: str) -> Any:
        return hand(self.rights, who, *filters)


def _who_answers(topic: str) -> Service:
    """Of a topic without its ``/set``."""
    wanted = f"{PREFIX}/{topic}/set"
    (found,) = (t.owner for t in TOPICS if topic_matches_sub(f"{PREFIX}/{t.filter}", wanted) and t.owner is not None)
    return found


def hand(rights: Guarded, who: str, *filters: str) -> Any:
    """A client with somebody's account; an async context of :class:`support.bus.Raw`."""
    return raw(rights.broker.settings(), *filters, username=who, password=rights.password(who))


def _settings(evcc_url: str, world: Outside, token: Path) -> dict[Service, dict[str, Any]]:
    common = {"timezone": day.ZONE.key}
    control = {"override_hours": 48, "startup_grace_s": 20}
    influx = {"version": 1, "url": world.influx.url, "database": "home", "timeout_s": 3}
    mini = {"provider": "http", "url": f"{world.cloud.url}/mini", "soc": "/soc", "interval_minutes": 10}
    by_hand = {"provider": "manual"}
    telegram = {"token_credential": str(token), "api_url": world.telegram.url}
    anna = {"title": "Anna", "vehicles": ["limo", "mini"], "telegram_chat_id": ANNA}
    return {
        Service.EVCC_POLLER: {**common, "evcc": {"url": evcc_url}, "control": control, "influx": influx},
        Service.TARIFF_PLANNER: {**common, "vehicles": {"limo": {"max_kw": 11}, "mini": {"max_kw": 3.7}}},
        Service.VEHICLE_SOC: {**common, "vehicles": {"limo": by_hand, "mini": mini, UNMEASURED: by_hand}},
        Service.RL_AGENT: common,
        Service.NOTIFIER: {**common, "drivers": {"anna": anna}, "telegram": telegram, "quiet_hours": None},
    }


def _secret(file: Path, words: str) -> Path:
    file.touch(mode=0o600)
    file.write_text(words, encoding="utf-8")
    return file


def _account(rights: Guarded, folder: Path, lines: Mapping[Service, Gate]) -> Callable[[Service], dict[str, Any]]:
    def account(service: Service) -> dict[str, Any]:
        secret = _secret(folder / f"{service}.password", rights.password(service))
        return {"username": service.value, "password_credential": str(secret), "port": lines[service].port}

    return account


def _demo_at(start: datetime) -> SimulatedHome:
    """The demo's home, its sun, prices and trips, with that day at another date."""
    home, by = day.demo_home(day.START), start - day.START
    if by:
        recorded = day.real_home()
        starts = [each + by for each in recorded.starts]
        home.environment = Recorded(starts, recorded.rows, recorded.end + by, day.ZONE)
        home.now, home.meter = start, Meter()
        for car in home.cars.values():
            car.on = _moved(car.on, by) if car.on else None
            car.trips = tuple(_moved(trip, by) for trip in car.trips)
    return home


def _moved(trip: CarTrip, by: timedelta) -> CarTrip:
    return CarTrip(trip.leave + by, trip.back + by, trip.kwh)


@asynccontextmanager
async def campaign_home(
    folder: Path,
    speed: float = SPEED,
    start: datetime = day.START,
    environment: Mapping[str, str] | None = None,
) -> AsyncGenerator[Home]:
    """The demo's afternoon (or another date's), everybody well.

    With ``environment`` the services live by the machine's clock, as that makes them see it; the home goes on by its
    own.
    """
    (folder / "broker").mkdir()
    (folder / "suite").mkdir(exist_ok=True)
    rights = guarded(folder / "broker")
    rights.apply()
    may = rights.ctrl("dynsec", "addRoleACL", "admin", "publishClientSend", f"{PREFIX}/#", "allow")
    assert may.returncode == 0, may.stderr
    ModelFiles(folder / "suite" / "rl_agent").save(MODEL)
    clock = AcceleratedClock(time.time(), start.timestamp(), speed)
    evcc = SimulatedEvcc(_demo_at(start), clock, interval_s=EVCC_CYCLE_S, zone=day.ZONE)
    try:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(evcc)
            world = await stack.enter_async_context(outside(lambda car: evcc.home.cars[car].soc_pct))
            lines: dict[Service, Gate] = {
                s: await stack.enter_async_context(Gate(rights.broker.port)) for s in SERVICES
            }
            evcc_line = await stack.enter_async_context(Gate(int(evcc.url.rpartition(":")[2])))
            suite = Suite(
                rights.broker,
                folder / "suite",
                evcc,
                _settings(evcc_line.url, world, _secret(folder / "token", TOKEN)),
                login=_account(rights, folder, lines),
                environment={VARIABLE: clock.variable()} if environment is None else environment,
            )
            watcher = Watcher(clock, evcc)
            home = Home(rights, suite, clock, world, lines, evcc_line, watcher)
            await stack.enter_async_context(watcher.at_work(lambda: hand(rights, PERSON, f"{PREFIX}/#")))
            await stack.enter_async_context(started(suite))
            await home.well()
            yield home
    finally:
        rights.broker.thaw()
        rights.broker.stop()
