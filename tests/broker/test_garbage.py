"""Whatever is thrown at any topic that is read: the session stays up, says it, and keeps the last good value."""

from pathlib import Path
from typing import Any

import pytest

from ems.bus.api import Names, Watch
from ems.bus.session import MqttBus
from ems.contract.message import Command, Message
from ems.contract.service import HealthState, Service
from ems.contract.topic import Json, Kind, Topic
from ems.contract.topics import TOPICS
from support.brokers import Broker
from support.bus import raw, session

GOLDEN = Path(__file__).parents[1] / "contract" / "golden"
SAMPLE = {
    "service": "rl-agent",
    "id": "1",
    "tariff": "grid",
    "device": "battery",
    "vehicle": "zoe",
    "driver": "anna",
    "forecast": "load",
    "controller": "lp",
    "event": "charged",
}
GARBAGE = {
    "no json": b"{broken",
    "wrong types": b'{"v": "one", "at": 5, "state": [], "power_w": "much"}',
    "nan": b'{"v": 1, "soc_pct": NaN, "at": Infinity}',
    "list": b"[1, 2, 3]",
    "null": b"null",
    "not text": bytes(range(256)),
    "5 MB": b"x" * 5_000_000,
}


def path(topic: Topic[Any]) -> str:
    return "evcc/ems/" + topic.pattern.format(**SAMPLE)


def good(topic: Topic[Any]) -> bytes:
    if isinstance(topic.codec, Json):
        return (GOLDEN / f"{topic.codec.model.__name__}.full.json").read_bytes()
    return b"online" if "status" in topic.pattern else b"<svg></svg>"


def others(watches: dict[Topic[Any], Watch[Any]]) -> dict[tuple[str, str], Any]:
    """What all have said but the notifier, which is us."""
    return {(t.pattern, key): v for t, w in watches.items() for key, v in w.items().items() if key != "notifier"}


FACTS = [t for t in TOPICS if t.kind is Kind.FACT]
ASKED = [t for t in TOPICS if t.kind in {Kind.COMMAND, Kind.REQUEST}]


@pytest.mark.parametrize("kind", GARBAGE)
async def test_garbage_on_every_fact_is_refused_said_and_over_when_a_good_one_comes(broker: Broker, kind: str) -> None:
    settings = broker.settings()
    async with session(settings, Service.NOTIFIER) as bus, raw(settings, "nothing") as hand:
        watches = {topic: bus.watch(topic) for topic in FACTS}
        changes = bus.changes(*FACTS)
        changed: set[tuple[Topic[Any], str]] = set()
        await bus.subscribed()
        for topic in FACTS:
            await hand.publish(path(topic), good(topic), retain=True)
        while {topic for topic, _ in changed} < set(FACTS):
            changed |= await anext(changes)
        before = others(watches)

        for topic in FACTS:
            await hand.publish(path(topic), GARBAGE[kind], retain=True)
        await hand.publish("evcc/ems/loadpoint/7", b"the last one")
        async with raw(settings, "evcc/ems/notifier/health") as doctor:
            await doctor.until(
                lambda: (
                    b"loadpoint/7: refused, the whole payload: not valid JSON"
                    in b"".join(m.payload for m in doctor.seen)
                )
            )
        assert bus.connected
        assert others(watches) == before
        reasons = bus.health.snapshot().reasons
        assert bus.health.state is HealthState.DEGRADED
        assert all(any(f"{t.pattern.format(**SAMPLE)}: refused" in r for r in reasons) for t in FACTS)

        async with raw(settings, "evcc/ems/notifier/health") as doctor:
            for topic in FACTS:
                await hand.publish(path(topic), good(topic), retain=True)
            await hand.publish("evcc/ems/loadpoint/7", b"")
            await doctor.until(lambda: b'"state":"ok"' in doctor.seen[-1].payload if doctor.seen else False)


# The demo's broker does not pass on that a command was sent to be retained.
@pytest.mark.parametrize("kind", [*GARBAGE, pytest.param("retained", marks=pytest.mark.mosquitto)])
async def test_garbage_on_every_command_and_request_is_answered_and_carries_out_nothing(
    broker: Broker, kind: str
) -> None:
    carried_out: list[Command] = []

    async def command(asked: Command, _: Names) -> str:
        carried_out.append(asked)
        return "done"

    async def request(asked: Command, _: Names) -> Message:
        carried_out.append(asked)
        raise AssertionError

    def attach(bus: MqttBus) -> None:
        for topic in ASKED:
            if topic.kind is Kind.COMMAND:
                bus.on_command(topic, command)
            else:
                bus.on_request(topic, request)

    settings = broker.settings()
    async with (
        session(settings, Service.NOTIFIER, prepare=attach) as bus,
        raw(settings, "evcc/ems/+/result", "evcc/ems/+/+/result", "evcc/ems/+/+/+/result") as hand,
    ):
        await bus.subscribed()
        for topic in ASKED:
            if kind == "retained":
                await hand.publish(path(topic), good(topic), retain=True)
            else:
                await hand.publish(path(topic), GARBAGE[kind])
        await hand.until(lambda: len({m.topic.value for m in hand.seen}) == len(ASKED))
        assert carried_out == []
        assert bus.connected
        assert all(b'"accepted":false' in m.payload or b'"refused":' in m.payload for m in hand.seen)
