"""The home of the campaign: five services as processes, a broker with rights, a simulated evcc, a person's hand."""

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiomqtt

from ems.contract.requests import Result
from ems.contract.service import Service
from ems.contract.site import BatteryMode
from ems.contract.topics import PREFIX
from ems.demo import day
from ems.runtime.clock import VARIABLE, AcceleratedClock
from ems.simulator.server import SimulatedEvcc
from nix.dynsec import Guarded, guarded
from support.bus import raw
from support.suite import Suite, started

SPEED = 10.0
"""Seconds of the home in a real one."""
EVCC_CYCLE_S = 3.0
"""evcc acts on a mode that has lapsed in its next control cycle: with the default of 30 s it would be so much later."""
PERSON = "homeassistant"
"""Whose account the person's hand uses."""
SERVICES = (Service.EVCC_POLLER, Service.VEHICLE_SOC, Service.TARIFF_PLANNER, Service.RL_AGENT, Service.NOTIFIER)
WELL_WITHIN_S = 60.0
"""Real seconds within which everybody is back after the last fault."""


@dataclass
class Home:
    """What runs, and what was heard of it."""

    rights: Guarded
    suite: Suite
    clock: AcceleratedClock
    poller_died_s: float | None = None
    """When the gateway went, by the home's clock; None while it runs."""
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
        try:
            async with self._hand(result) as hand:
                await hand.publish(f"{PREFIX}/{topic}/set", json.dumps({"id": name, **content}))

                def answered() -> Result | None:
                    results = map(Result.parse, hand.payloads(result))
                    return next((r for r in results if r.id == name), None)

                await hand.until(answered, within_s=6)
                answer = answered()
                return None if answer is None else answer.accepted
        except (TimeoutError, aiomqtt.MqttError, ExceptionGroup):
            return None

    async def look(self) -> None:
        """Reads every retained fact anew."""
        async with self._hand(f"{PREFIX}/#", f"{PREFIX}/evcc-poller/status") as hand:
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

    def _hand(self, *filters: str) -> Any:
        login = {"username": PERSON, "password": self.rights.password(PERSON)}
        return raw(self.rights.broker.settings(), *filters, **login)


def _settings(evcc_url: str) -> dict[Service, dict[str, Any]]:
    common = {"timezone": day.ZONE.key}
    control = {"override_hours": 48, "startup_grace_s": 20}
    return {
        Service.EVCC_POLLER: {**common, "evcc": {"url": evcc_url}, "control": control},
        Service.TARIFF_PLANNER: {**common, "vehicles": {"limo": {"max_kw": 11}, "mini": {"max_kw": 3.7}}},
        Service.VEHICLE_SOC: {**common, "vehicles": {"limo": {"provider": "manual"}, "mini": {"provider": "evcc"}}},
        Service.RL_AGENT: common,
        Service.NOTIFIER: {**common, "drivers": {"anna": {"title": "Anna", "vehicles": ["limo", "mini"]}}},
    }


def _account(rights: Guarded, folder: Path) -> Callable[[Service], dict[str, Any]]:
    def account(service: Service) -> dict[str, Any]:
        secret = folder / f"{service}.password"
        secret.touch(mode=0o600)
        secret.write_text(rights.password(service), encoding="utf-8")
        return {"username": service.value, "password_credential": str(secret)}

    return account


@asynccontextmanager
async def campaign_home(folder: Path) -> AsyncGenerator[Home]:
    """The demo's afternoon, everybody well."""
    (folder / "broker").mkdir()
    (folder / "suite").mkdir()
    rights = guarded(folder / "broker")
    rights.apply()
    clock = AcceleratedClock(time.time(), day.START.timestamp(), SPEED)
    evcc = SimulatedEvcc(day.demo_home(day.START), clock, interval_s=EVCC_CYCLE_S, zone=day.ZONE)
    try:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(evcc)
            suite = Suite(
                rights.broker,
                folder / "suite",
                evcc,
                _settings(evcc.url),
                login=_account(rights, folder),
                environment={VARIABLE: clock.variable()},
            )
            await stack.enter_async_context(started(suite))
            home = Home(rights, suite, clock)
            await home.well()
            yield home
    finally:
        rights.broker.thaw()
        rights.broker.stop()
