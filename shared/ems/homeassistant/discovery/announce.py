"""A service's devices in Home Assistant: announced, changed, removed; again whenever Home Assistant starts."""

import asyncio
import json
import random
from urllib.parse import urlsplit

from ems.bus.session import MqttBus
from ems.contract.service import Service
from ems.homeassistant.discovery.devices import ServiceDevices, devices, topics_of
from ems.homeassistant.discovery.entity import HomeContext, payload, reworded
from ems.runtime.settings import HomeAssistantSettings

LISTEN_S = 2.0
"""Wait after the start for what an earlier run announced, in real seconds."""
REMOVE_AFTER_S = 60.0
"""Wait before something is removed, in real seconds: evcc shows its state piece by piece as it starts."""
SUBSCRIBED_S = 3.0
"""Time after which Home Assistant has subscribed to what was announced, in real seconds."""
BIRTH_SPREAD_S = 5.0
"""Longest wait after Home Assistant's birth, in real seconds; a random part of it, so that services make no burst."""

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class Announcer:
    """One service's devices in Home Assistant. Hub first: the order of :meth:`update` is the order of announcing."""

    def __init__(
        self, bus: MqttBus, settings: HomeAssistantSettings, service: Service, version: str, language: str
    ) -> None:
        self._bus, self._prefix = bus, settings.prefix
        self._node, self._version, self._language = f"{settings.prefix}/device/{service}", version, language
        self._newest = ServiceDevices(complete=False)
        self._wanted: dict[str, bytes] = {}
        self._complete = False
        self._known: dict[str, bytes] = {}
        """What the broker holds: ours, and what an earlier run announced."""
        self._sent: dict[str, bytes] = {}
        self._reworded: set[str] = set()
        """Topics on which the broker holds other words for what was sent."""
        self._changed = asyncio.Event()
        bus.on_raw(f"{self._node}/+/config", self._on_config)
        bus.on_raw(f"{settings.prefix}/status", self._on_status)

    def update(self, now: ServiceDevices) -> None:
        """Announces ``now``; unless it is incomplete, other devices of this service are removed from Home Assistant."""
        if now == self._newest:
            return
        self._newest = now
        configs = {
            f"{self._prefix}/{device.topic}": payload(device, self._bus.prefix, self._version, self._language)
            for device in now.devices
        }
        wanted = configs if now.complete else self._wanted | configs
        if (wanted, now.complete) != (self._wanted, self._complete):
            self._wanted, self._complete = wanted, now.complete
            self._changed.set()

    async def run(self) -> None:
        """Announces until cancelled. Nothing is removed before the first devices are known."""
        # What an earlier run announced comes first, so that what is gone since can be taken back.
        await asyncio.sleep(LISTEN_S)
        while True:
            await self._changed.wait()
            self._changed.clear()
            if self._gone() or any(
                _with_removals(self._known.get(t, b""), config) for t, config in self._wanted.items()
            ):
                await asyncio.sleep(REMOVE_AFTER_S)
                self._changed.clear()
            await self._announce()

    async def _announce(self) -> None:
        for topic in self._gone():
            self._bus.announce(topic, b"")
            self._known[topic] = self._sent[topic] = b""
        for topic, wanted in dict(self._wanted).items():
            if self._sent.get(topic) == wanted:
                continue
            if removals := _with_removals(self._known.get(topic, b""), wanted):
                self._bus.announce(topic, removals)
                await self._bus.flush()
            self._bus.announce(topic, wanted)
            self._known[topic] = self._sent[topic] = wanted
            self._reworded.discard(topic)
        self._republish_cleared_later()

    def _gone(self) -> list[str]:
        return [t for t, held in self._known.items() if held and t not in self._wanted] if self._complete else []

    def _on_config(self, topic: str, config: bytes, *, retained: bool) -> None:
        if retained and topic not in self._known:
            self._known[topic] = config
            self._changed.set()

    def _on_status(self, _topic: str, status: bytes, *, retained: bool) -> None:
        if status == b"online" and not retained:
            delay_s = random.uniform(0, BIRTH_SPREAD_S)  # noqa: S311 - spreads load, protects nothing
            asyncio.get_running_loop().call_later(delay_s, self._announce_again)

    def _announce_again(self) -> None:
        for topic, config in self._sent.items():
            if config:
                self._reworded ^= {topic}
                self._bus.announce(topic, reworded(config) if topic in self._reworded else config)
        self._republish_cleared_later()

    def _republish_cleared_later(self) -> None:
        """A text without any state would show the word "unknown" to whoever wants to write in it."""
        asyncio.get_running_loop().call_later(SUBSCRIBED_S, self._bus.republish_cleared)


def _with_removals(before: bytes, now: bytes) -> bytes:
    """``now`` with every component that only ``before`` had marked as gone, or nothing when none is."""
    try:
        old = json.loads(before)["components"]
        platforms = {key: old[key]["platform"] for key in old}
    except (ValueError, KeyError, TypeError):
        return b""
    whole = json.loads(now)
    gone = {key: {"platform": p} for key, p in platforms.items() if key not in whole["components"]}
    if not gone:
        return b""
    whole["components"] |= gone
    return json.dumps(whole, ensure_ascii=False).encode()


def _url_for_people(settings: HomeAssistantSettings, evcc_url: str | None) -> str | None:
    """The link to evcc: as set, else as the service reaches it; one that only this machine has is none."""
    if settings.evcc_url:
        return str(settings.evcc_url)
    host = urlsplit(evcc_url).hostname if evcc_url else None
    return evcc_url if host and host not in _LOOPBACK else None


async def announce(
    bus: MqttBus,
    settings: HomeAssistantSettings,
    service: Service,
    version: str,
    language: str,
    *,
    evcc_url: str | None = None,
) -> None:
    """Keeps a service's devices in Home Assistant up to date until cancelled.

    Args:
        bus: the service's, open.
        settings: how Home Assistant is told.
        service: whose devices.
        version: the service's.
        language: the home's.
        evcc_url: where the service itself reaches evcc, if it does.
    """
    announcer = Announcer(bus, settings, service, version, language)
    home = HomeContext(
        language,
        cents=settings.prices == "small",
        datetime=settings.datetime,
        evcc_url=_url_for_people(settings, evcc_url),
    )
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(announcer.run())
        async for _ in bus.changes(*topics_of(service)):
            announcer.update(devices(service, bus, home))
