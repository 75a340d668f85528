"""Keeps Home Assistant told: new devices, changed ones, gone ones; again whenever it is born."""

import asyncio
import json
import random

from ems.bus.session import MqttBus
from ems.contract.service import Service
from ems.homeassistant.discovery.devices import ServiceDevices, devices, topics_of
from ems.homeassistant.discovery.entity import payload
from ems.runtime.settings import HomeAssistantSettings

LISTEN_S = 2.0
"""How long, after the start, what an earlier run announced is waited for; real seconds."""
LASTS_S = 60.0
"""What is taken back must be gone for so long: evcc shows its state piece by piece as it starts."""
SUBSCRIBED_S = 3.0
"""So long after an announcement Home Assistant listens to what was announced."""
BIRTH_SPREAD_S = 5.0
"""All services at once would be a burst: each waits a random part of this after Home Assistant's birth."""


class Announcer:
    """One service's devices in Home Assistant. Hub first: the order of :meth:`tell` is the order of announcing."""

    def __init__(
        self, bus: MqttBus, settings: HomeAssistantSettings, service: Service, version: str, language: str
    ) -> None:
        self._bus, self._prefix = bus, settings.prefix
        self._node, self._version, self._language = f"{settings.prefix}/device/{service}", version, language
        self._wanted: dict[str, bytes] = {}
        self._complete = False
        self._known: dict[str, bytes] = {}
        """What the broker holds: ours, and what an earlier run announced."""
        self._said: dict[str, bytes] = {}
        self._changed = asyncio.Event()
        bus.on_raw(f"{self._node}/+/config", self._heard)
        bus.on_raw(f"{settings.prefix}/status", self._status)

    def tell(self, all_now: ServiceDevices) -> None:
        """These are the devices now; others of this service are removed from Home Assistant, if these are all."""
        told = {
            f"{self._prefix}/{device.topic}": payload(device, self._bus.prefix, self._version, self._language)
            for device in all_now.devices
        }
        wanted = told if all_now.complete else self._wanted | told
        if (wanted, all_now.complete) != (self._wanted, self._complete):
            self._wanted, self._complete = wanted, all_now.complete
            self._changed.set()

    async def run(self) -> None:
        """Announces for as long as it runs. Nothing is taken back before the first devices are known."""
        # What an earlier run announced comes first, so that what is gone since can be taken back.
        await asyncio.sleep(LISTEN_S)
        while True:
            await self._changed.wait()
            self._changed.clear()
            if self._gone() or any(_farewell(self._known.get(t, b""), said) for t, said in self._wanted.items()):
                await asyncio.sleep(LASTS_S)
                self._changed.clear()
            await self._announce()

    async def _announce(self) -> None:
        for topic in self._gone():
            self._bus.announce(topic, b"")
            self._known[topic] = self._said[topic] = b""
        for topic, wanted in dict(self._wanted).items():
            if self._said.get(topic) == wanted:
                continue
            if farewell := _farewell(self._known.get(topic, b""), wanted):
                self._bus.announce(topic, farewell)
                await self._bus.flush()
            self._bus.announce(topic, wanted)
            self._known[topic] = self._said[topic] = wanted
        self._say_what_is_empty()

    def _gone(self) -> list[str]:
        return [t for t, held in self._known.items() if held and t not in self._wanted] if self._complete else []

    def _heard(self, topic: str, said: bytes, *, retained: bool) -> None:
        if retained and topic not in self._known:
            self._known[topic] = said
            self._changed.set()

    def _status(self, _topic: str, said: bytes, *, retained: bool) -> None:
        if said == b"online" and not retained:
            delay_s = random.uniform(0, BIRTH_SPREAD_S)  # noqa: S311 - spreads load, protects nothing
            asyncio.get_running_loop().call_later(delay_s, self._again)

    def _again(self) -> None:
        for topic, said in self._said.items():
            if said:
                self._bus.announce(topic, said)
        self._say_what_is_empty()

    def _say_what_is_empty(self) -> None:
        """A text that was never told anything would show the word "unknown" to who wants to write in it."""
        asyncio.get_running_loop().call_later(SUBSCRIBED_S, self._bus.republish_cleared)


def _farewell(before: bytes, now: bytes) -> bytes:
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


async def announce(
    bus: MqttBus, settings: HomeAssistantSettings, service: Service, version: str, language: str
) -> None:
    """Keeps Home Assistant told about a service's devices until cancelled."""
    announcer = Announcer(bus, settings, service, version, language)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(announcer.run())
        async for _ in bus.changes(*topics_of(service)):
            announcer.tell(devices(service, bus, language))
