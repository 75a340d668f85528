"""A home with everything real but evcc and the people: broker with rights, services, Home Assistant."""

import json
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from aiohttp import web

from ems.contract.service import Service
from ems.contract.topics import PREFIX
from ems.homeassistant.discovery.wording.tables import labels
from ems.runtime.clock import SystemClock
from ems.simulator.evcc_core import EvccCore
from ems.simulator.home import SimulatedHome
from ems.simulator.server import SimulatedEvcc
from nix.dynsec import Guarded, guarded
from support.bus import Raw, raw
from support.clouds import served
from support.hass_storage import Login
from support.home_assistant import BOOT_S, HomeAssistant, home_assistant
from support.patience import PATIENCE_S
from support.suite import Suite, started
from support.today import afternoon_zone, home_today

HOME_ASSISTANT = "homeassistant"
"""Its account on the broker."""
ANSWERS = ("_answer", "_answer_words")
ALL_PAUSE_S = 0.5
"""Between two looks at all entities: three questions, of which Home Assistant answers each with some 100 kB."""


@dataclass
class Cloud:
    """A car's cloud: how full it says the car is, and how often it was asked."""

    soc_pct: float = 55.0
    asked: int = 0

    async def answer(self, _request: web.Request) -> web.Response:
        """What the ``http`` provider reads."""
        self.asked += 1
        now = datetime.now(UTC).isoformat()
        return web.json_response({"soc": self.soc_pct, "range": round(self.soc_pct * 4), "at": now})

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/limo", self.answer)
        return app


@dataclass
class Household:
    """All of it, and hands."""

    rights: Guarded
    suite: Suite
    hass: HomeAssistant
    cloud: Cloud
    language: str = "en"
    ids: dict[str, str] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    """The kinds of controls that were used: a loadpoint's mode, a car's goal."""

    @property
    def evcc(self) -> EvccCore:
        """The head of the evcc behind it all, as it is at this moment."""
        simulated = self.suite.evcc
        assert simulated.home is not None, "who looks at the home makes it live up to now"
        assert simulated.evcc is not None, "it is down"
        return simulated.evcc

    async def id(self, device: str, key: str) -> str:
        """The id that Home Assistant gave an entity: by rules of its own, which change over the years."""
        if device not in self.ids:
            self.ids = await self.hass.ours()
        return self.ids[f"evcc_ems_{device}_{key}"]

    async def state(self, device: str, key: str) -> str:
        """What Home Assistant shows."""
        return await self.hass.state(await self.id(device, key))

    def called(self, word: StrEnum) -> str:
        """What people read for a word of the bus."""
        return labels(type(word))[word].in_language(self.language)

    async def shows(
        self, device: str, key: str, wanted: str | float | Callable[[str], bool], within_s: float = PATIENCE_S
    ) -> None:
        """Returns when Home Assistant shows this; a number is compared as one, a word of the bus as people read it."""
        entity_id, last = await self.id(device, key), ""
        if isinstance(wanted, StrEnum):
            wanted = self.called(wanted)

        async def there() -> bool:
            nonlocal last
            last = await self.hass.state(entity_id)
            if callable(wanted):
                return wanted(last)
            return last == wanted if isinstance(wanted, str) else _number(last) == wanted

        await self.hass.until(there, within_s, lambda: f"{entity_id} is {last}, wanted {wanted}")

    async def does(self, device: str, key: str, action: str, **data: Any) -> None:
        """What a person does in Home Assistant, as ``select_option`` of an entity."""
        entity_id = await self.id(device, key)
        self.used.add(f"{device.partition('-')[0]} {key}")
        await self.hass.call(f"{entity_id.partition('.')[0]}.{action}", entity_id, **data)

    async def happens(self, condition: Callable[[], object], what: str, within_s: float = PATIENCE_S) -> None:
        """Returns when it is so."""
        await self.hass.until(condition, within_s, what)

    def listening(self, *filters: str) -> AbstractAsyncContextManager[Raw]:
        """Reads along on the broker, with Home Assistant's own account."""
        login = {"username": HOME_ASSISTANT, "password": self.rights.password(HOME_ASSISTANT)}
        return raw(self.rights.broker.settings(), *filters, **login)

    async def announced(self, service: str = "+") -> list[tuple[str, dict[str, Any]]]:
        """The devices that Home Assistant is told of (by one service): id and payload; two may tell of one device."""
        # What is retained for the second filter comes when all is there that is for the first.
        async with self.listening(f"homeassistant/device/{service}/+/config", f"{PREFIX}/{service}/status") as hand:
            await hand.until(lambda: any("status" in m.topic.value for m in hand.seen))
            told = [m for m in hand.seen if m.topic.value.endswith("/config") and m.payload]
            return [(m.topic.value.split("/")[3], json.loads(m.payload)) for m in told]

    async def start_hass(self) -> None:
        """Returns when it runs, and has told the broker so."""
        async with self.listening("homeassistant/status") as hand:
            await self.hass.start()
            await hand.wait_for("homeassistant/status", b"online")

    async def disabled(self) -> set[str]:
        """Entities that are there but switched off."""
        registry = await self.hass.ask("config/entity_registry/list")
        return {e["entity_id"] for e in registry if e["disabled_by"]}

    async def away(self) -> set[str]:
        """What Home Assistant knows of us and shows as unavailable, or not at all; answers need a question."""
        states, ours = await self.hass.states(), await self.hass.ours()
        known = {e for unique, e in ours.items() if not unique.endswith(ANSWERS)} - await self.disabled()
        return {e for e in known if e not in states or states[e]["state"] == "unavailable"}

    async def all_there(self, within_s: float = PATIENCE_S) -> None:
        """Returns when nothing is away, and there is a plan."""
        missing: set[str] = set()

        async def there() -> bool:
            missing.clear()
            missing.update(await self.away())
            return not missing and bool(await self.hass.ours())

        await self.hass.until(there, within_s, lambda: f"all there; away: {sorted(missing)}", pause_s=ALL_PAUSE_S)
        await self.shows("planner", "status", lambda state: state not in {"unknown", "unavailable"}, within_s)


def settings(
    evcc_url: str, cloud_url: str, zone: str, language: str, *, hurry: bool
) -> dict[Service, Mapping[str, Any]]:
    """All services; in a hurry, or with the default settings."""
    common = {"timezone": zone, "language": language}
    control = {"offline_grace_s": 5, "startup_grace_s": 3, "dwell_s": 0, "tick_s": 1}
    quick = {"poll_interval_s": 1, "control": control} if hurry else {}
    where = {"soc": "/soc", "range": "/range", "measured_at": "/at"}
    limo = {"provider": "http", "url": f"{cloud_url}/limo", "capacity_kwh": 60, **where}
    return {
        Service.EVCC_POLLER: {**common, "evcc": {"url": evcc_url}, **quick},
        Service.TARIFF_PLANNER: {**common, "vehicles": {"limo": {"max_kw": 11}, "mini": {"max_kw": 3.7}}},
        Service.VEHICLE_SOC: {**common, "vehicles": {"limo": limo, "mini": {"provider": "evcc"}}},
        Service.NOTIFIER: {**common, "drivers": {"anna": {"title": "Anna", "vehicles": ["limo", "mini"]}}},
    }


@asynccontextmanager
async def household(
    home: Path,
    language: str = "en",
    prepare: Callable[[SimulatedHome], None] = lambda _: None,
    *,
    hurry: bool = True,
) -> AsyncGenerator[Household]:
    """Everything runs and has a state; what is played is the demo's day, and it is three in the afternoon.

    Args:
        home: a folder for it all.
        language: the home's, and Home Assistant's.
        prepare: changes the simulated home before it begins.
        hurry: whether the services poll every second and wait for little, instead of their default settings.
    """
    rights = guarded(_folder(home, "broker"))
    rights.apply()
    try:
        async with AsyncExitStack() as stack:
            now = datetime.now(UTC)
            zone = afternoon_zone(now)
            simulated = home_today(now, zone)
            prepare(simulated)
            evcc = SimulatedEvcc(simulated, SystemClock(), interval_s=1, zone=zone)
            await stack.enter_async_context(evcc)
            cloud = Cloud()
            cloud_url = await stack.enter_async_context(served(cloud.app()))
            password = rights.password(HOME_ASSISTANT)
            login = Login("127.0.0.1", rights.broker.port, HOME_ASSISTANT, password)
            hass = await stack.enter_async_context(
                home_assistant(_folder(home, "hass"), login, zone=zone.key, language=language)
            )
            suite = Suite(
                rights.broker,
                _folder(home, "suite"),
                evcc,
                settings(evcc.url, cloud_url, zone.key, language, hurry=hurry),
                login=lambda service: _account(rights, _folder(home, "secrets"), service),
            )
            await stack.enter_async_context(started(suite))
            made = Household(rights, suite, hass, cloud, language)
            await made.start_hass()
            await made.all_there(BOOT_S)
            yield made
    finally:
        rights.broker.stop()


def _number(state: str) -> float | None:
    try:
        return float(state)
    except ValueError:
        return None


def _folder(home: Path, name: str) -> Path:
    made = home / name
    made.mkdir(exist_ok=True)
    return made


def _account(rights: Guarded, folder: Path, service: Service) -> Mapping[str, Any]:
    """The service's own account on the broker."""
    secret = folder / service
    secret.touch(mode=0o600)
    secret.write_text(rights.password(service), encoding="utf-8")
    return {"username": service.value, "password_credential": str(secret)}
