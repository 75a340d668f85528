"""A house with the real notifier on a real broker, a Bot API on loopback, and neighbours that answer."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, override

from ems.bus.api import Names, Refused
from ems.bus.session import MqttBus
from ems.contract.control import Boost
from ems.contract.message import Text
from ems.contract.people import Event, EventKind, Goal, Question
from ems.contract.plan import Explanation, Plan, PlanStatus, Prices, Window
from ems.contract.service import Service
from ems.contract.site import Loadpoint, LoadpointMode
from ems.contract.topic import Topic
from ems.contract.topics import (
    BOOST,
    CHART,
    EVENT,
    GOAL,
    LOADPOINT,
    LOGIN_CODE,
    PLAN,
    PRICES,
    QUESTION,
    SET_SOC,
    VEHICLE,
)
from ems.contract.vehicle import AgeClass, LoginCode, SetSoc, Vehicle
from notifier.app import run
from notifier.settings import Settings
from support.brokers import Broker
from support.bus import eventually, session
from support.clocks import StandingClock
from support.clouds import served
from support.fake_telegram import TOKEN, FakeTelegram, Sent
from support.patience import PATIENCE_S

NOON = datetime(2026, 11, 18, 11, tzinfo=UTC)
"""A Wednesday, 12:00 in Berlin."""
CHART_SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="60" height="30"><rect width="60" height="30" fill="#08f"/></svg>'
)
ANNA, BEN, STRANGER = 1001, 1002, 6666


class HandClock(StandingClock):
    """Shows what it is told; who sleeps on it wakes soon and looks again."""

    nap_s = 0.05
    naps = 0
    """How many sleeps have ended."""

    @override
    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(min(seconds, self.nap_s))
        self.naps += 1


@dataclass
class House:
    """Everything a test needs in one hand."""

    home: Path
    broker: Broker
    clock: HandClock
    telegram: FakeTelegram
    neighbours: MqttBus
    settings: Settings
    boosts: list[tuple[str, float]] = field(default_factory=list)
    socs: list[tuple[str, float]] = field(default_factory=list)
    codes: list[str | None] = field(default_factory=list)
    events: list[tuple[EventKind, str | None]] = field(default_factory=list)
    inside: MqttBus | None = None
    """The notifier's own bus, while it runs."""
    told: dict[tuple[Topic[Any], str], Any] = field(default_factory=dict)
    """The newest facts of the house."""

    @asynccontextmanager
    async def notifier(self) -> AsyncGenerator[MqttBus]:
        """The notifier at work; entered again it is a restart."""
        async with session(self.broker.settings(), Service.NOTIFIER, clock=self.clock) as bus:
            task = asyncio.create_task(run(bus, self.settings))
            # The bus keeps no events: one that comes before the notifier listens is lost, here and in a house.
            listening = asyncio.create_task(bus.subscribed())
            self.inside = bus
            try:
                await asyncio.wait({task, listening}, timeout=PATIENCE_S, return_when=asyncio.FIRST_COMPLETED)
                yield bus
            finally:
                self.inside = None
                listening.cancel()
                task.cancel()
                await asyncio.wait({task})
                if not task.cancelled():
                    task.result()

    def car(self, name: str = "zoe", soc_pct: float | None = 40) -> None:
        """A car as vehicle-soc tells it: 50 kWh."""
        fact = Vehicle(
            name=name,
            at=self.clock.now(),
            soc_pct=soc_pct,
            capacity_kwh=50,
            age=AgeClass.FRESH,
            title=name.capitalize(),
        )
        self.told[VEHICLE, name] = fact
        self.neighbours.publish(VEHICLE, fact, vehicle=name)

    def plug(self, name: str | None = "zoe", number: int = 1, soc_pct: float | None = None) -> None:
        """A car at a loadpoint, or nobody."""
        fact = Loadpoint(
            at=self.clock.now(),
            id=number,
            mode=LoadpointMode.PV,
            connected=name is not None,
            charging=False,
            vehicle=name,
            soc_pct=soc_pct,
        )
        self.told[LOADPOINT, str(number)] = fact
        self.neighbours.publish(LOADPOINT, fact, id=str(number))

    def prices(self, now: float, *, cheap_in: timedelta | None = None) -> None:
        """P30 is 20 ct; ``now`` in EUR/kWh; two cheap hours of 15 ct."""
        at = self.clock.now()
        window = None
        if cheap_in is not None:
            window = Window(start=at + cheap_in, end=at + cheap_in + timedelta(hours=2), mean_eur_per_kwh=0.15)
        made = Prices(
            at=at,
            start=at,
            end=at + timedelta(days=1),
            fetched_at=at,
            now_eur_per_kwh=now,
            p20_eur_per_kwh=0.15,
            p30_eur_per_kwh=0.2,
            p40_eur_per_kwh=0.25,
            p60_eur_per_kwh=0.3,
            p80_eur_per_kwh=0.35,
            rank=0.5,
            spread_eur_per_kwh=0.3,
            next_cheap=window,
        )
        self.told[PRICES, ""] = made
        self.neighbours.publish(PRICES, made)

    def plan(self, *explanations: Explanation) -> None:
        """A plan that says that all is well, and its chart."""
        at = self.clock.now()
        words = Text(en="All is well", de="Alles ist gut")
        made = Plan(
            id="1",
            at=at,
            valid_until=at + timedelta(hours=1),
            status=PlanStatus.OPTIMAL,
            summary=words,
            explanations=explanations,
        )
        self.told |= {(PLAN, ""): made, (CHART, ""): CHART_SVG}
        self.neighbours.publish(PLAN, made)
        self.neighbours.publish(CHART, CHART_SVG)

    def event(self, kind: EventKind, vehicle: str | None = "zoe", en: str = "It happened", **details: Any) -> None:
        """Something happens."""
        text = Text(en=en, de=f"{en} (deutsch)")
        event = Event(event_type=kind, at=self.clock.now(), vehicle=vehicle, text=text, details=details)
        self.neighbours.publish(EVENT, event, event=kind)

    def goal(self, vehicle: str = "zoe") -> Goal | None:
        """A car's goal on the bus."""
        return self.neighbours.watch(GOAL).get(vehicle)

    def question(self, vehicle: str = "zoe") -> Question | None:
        """A car's question on the bus."""
        return self.neighbours.watch(QUESTION).get(vehicle)

    async def until(self, condition: Callable[[], object]) -> None:
        """Returns when ``condition`` holds on the bus."""
        await eventually(condition)

    async def pressed(self, sent: Sent, label: str, user: int | None = None) -> str:
        """Presses a button and returns the words that are shown for a moment."""
        query = self.telegram.press(user or sent.chat_id, sent, sent.data(label))
        await self.telegram.until(lambda: query in dict(self.telegram.answered))
        return dict(self.telegram.answered)[query]

    async def looked_around(self) -> None:
        """Whoever sleeps on the clock has looked around since now: it has slept twice."""
        naps = self.clock.naps
        await eventually(lambda: self.clock.naps >= naps + 2)

    async def settled(self) -> None:
        """What people wrote was handled and confirmed; the notifier knows all facts, and has looked around twice."""
        await eventually(self.knows_all)
        await self.telegram.until(lambda: self.telegram.confirmed)
        await self.looked_around()
        await self.telegram.until(lambda: self.telegram.confirmed)

    def knows_all(self) -> bool:
        """Whether what was told of the house has reached the notifier, while it runs."""
        bus = self.inside
        return bus is None or all(bus.watch(topic).get(key) == fact for (topic, key), fact in self.told.items())


@asynccontextmanager
async def house(
    broker: Broker,
    tmp_path: Path,
    language: str = "en",
    at: datetime = NOON,
    groups: tuple[int, ...] = (),
    **settings: Any,
) -> AsyncGenerator[House]:
    """Anna and Ben drive the Zoe; Ben alone drives the EV6."""
    clock = HandClock(at)
    telegram = FakeTelegram(ANNA, BEN, now=clock.now)
    token = tmp_path / "token"
    token.write_text(TOKEN)
    token.chmod(0o600)
    async with served(telegram.app()) as url, session(broker.settings(), Service.EVCC_POLLER, clock=clock) as bus:
        given = {
            "state_dir": tmp_path / "state",
            "language": language,
            "quiet_hours": None,
            "drivers": {
                "anna": {"vehicles": ["zoe"], "telegram_chat_id": ANNA, "title": "Anna"},
                "ben": {"vehicles": ["zoe", "ev6"], "telegram_chat_id": BEN, "title": "Ben"},
            },
            "telegram": {
                "token_credential": str(token),
                "api_url": url,
                "seconds_between_messages": 0,
                "groups": groups,
            },
        }
        made = House(tmp_path, broker, clock, telegram, bus, Settings.model_validate(given | settings))
        telegram.seen_before = made.knows_all
        _answer(made)
        bus.watch(GOAL)
        bus.watch(QUESTION)
        await bus.subscribed()
        yield made


def _answer(made: House) -> None:
    """The neighbours take boosts, values by hand, and the code 4711."""

    async def boost(command: Boost, names: Names) -> str:
        made.boosts.append((names["id"], command.minutes))
        return "boosting"

    async def soc(command: SetSoc, names: Names) -> str:
        made.socs.append((names["vehicle"], command.soc_pct))
        return "noted"

    async def login(command: LoginCode, _: Names) -> str:
        made.codes.append(command.code)
        if command.code not in {None, "4711"}:
            raise Refused("the code is wrong")
        return "done"

    made.neighbours.on_command(BOOST, boost)
    made.neighbours.on_event(EVENT, lambda event, _: made.events.append((event.event_type, event.vehicle)))
    made.neighbours.on_command(SET_SOC, soc)
    made.neighbours.on_command(LOGIN_CODE, login)
