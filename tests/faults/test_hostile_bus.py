"""Whatever comes on the bus, the services stay up, say what they refused, and their facts are there again."""

import json
from functools import partial
from pathlib import Path

from ems.contract.access import access
from ems.contract.service import Health, Service
from ems.contract.topic import MAX_PAYLOAD_BYTES, Kind
from ems.contract.topics import PREFIX, TOPICS
from support.brokers import Broker
from support.bus import Raw, eventually, raw
from support.suite import MODULES, Suite, suite

NAMES = {
    "service": "notifier",
    "id": "1",
    "tariff": "grid",
    "device": "battery",
    "vehicle": "limo",
    "forecast": "load",
    "controller": "lp",
    "driver": "anna",
    "event": "charged",
}
FOUND = {
    Service.EVCC_POLLER: ("site", "loadpoint/1", "loadpoint/2", "tariff/grid", "control/battery", "decisions"),
    Service.TARIFF_PLANNER: ("plan", "prices", "plan/chart", "planning", "forecast/load", "proposal/lp/battery"),
}
GARBAGE = {
    "malformed": b'{"at": "2024-06-05T1',
    "wrong types": b'{"at": 5, "mode": [], "start": {}, "rates": "many", "evcc": 7}',
    "not a number": b'{"grid_w": NaN, "power_w": Infinity, "soc_pct": -Infinity}',
    "no object": b"[[[[]]]]",
    "not text": bytes(range(256)),
}


def filled(topic_filter: str) -> str:
    """A topic that matches a registry's filter, with names that exist in the home."""
    for topic in TOPICS:
        candidates = {topic.filter, topic.result.replace("{", "+{")}
        if topic_filter in candidates:
            return f"{PREFIX}/{topic.pattern.format(**NAMES)}"
    return f"{PREFIX}/{topic_filter.replace('+', 'x1')}"


def read_by(service: Service) -> list[str]:
    """Every topic that a service reads, but the ones that it owns itself."""
    return sorted({filled(f) for f in access(service).receive} - {f"{PREFIX}/{f}" for f in FOUND[service]})


def newest(hand: Raw, topic: str) -> bytes:
    return hand.payloads(topic)[-1] if hand.payloads(topic) else b""


async def up(hand: Raw) -> None:
    for service, facts in FOUND.items():
        for fact in facts:
            await hand.wait_for(f"{PREFIX}/{fact}")
        await hand.wait_for(f"{PREFIX}/{service}/status", b"online")


async def well(hand: Raw, running: Suite) -> None:
    """All are alive and still at work: a new look at evcc arrives."""
    assert running.dead() == []
    site = f"{PREFIX}/site"
    seen = len(hand.payloads(site))
    await hand.until(lambda: len(hand.payloads(site)) > seen)
    assert running.dead() == []


async def test_garbage_on_every_topic_that_a_service_reads_is_refused_and_said(broker: Broker, tmp_path: Path) -> None:
    async with raw(broker.settings(), f"{PREFIX}/#") as hand, suite(broker, tmp_path) as running:
        await up(hand)
        for service in MODULES:
            for topic in read_by(service):
                for payload in GARBAGE.values():
                    await hand.publish(topic, payload)
        await well(hand, running)
        reasons = [r for s in MODULES for r in Health.parse(hand.payloads(f"{PREFIX}/{s}/health")[-1]).reasons]
        assert any("vehicle/limo" in reason for reason in reasons), reasons
        commands = [t for t in TOPICS if t.kind is Kind.COMMAND and t.owner in MODULES]
        for command in commands:
            result = f"{PREFIX}/{command.result.format(**NAMES)}"
            assert any(b'"accepted":false' in r for r in hand.payloads(result)), f"{result} says nothing"


async def test_a_payload_of_5_mb_is_refused_unread_on_every_topic_that_a_service_reads(
    broker: Broker, tmp_path: Path
) -> None:
    huge = b'{"x": "' + b"x" * 5_000_000 + b'"}'
    async with raw(broker.settings(), f"{PREFIX}/#") as hand, suite(broker, tmp_path) as running:
        await up(hand)
        for service in MODULES:
            for topic in read_by(service):
                await hand.publish(topic, huge)
        await well(hand, running)
        said = " ".join(str(entry) for s in MODULES for entry in running.said(s))
        assert f"allowed are {MAX_PAYLOAD_BYTES}" in said


async def test_a_retained_command_is_never_carried_out(broker: Broker, tmp_path: Path) -> None:
    async with raw(broker.settings(), f"{PREFIX}/#") as hand:
        mode = f"{PREFIX}/loadpoint/1/mode/set"
        await hand.publish(mode, b'{"mode": "now"}', retain=True)
        async with suite(broker, tmp_path) as running:
            await up(hand)
            result = json.loads(await hand.wait_for(f"{PREFIX}/loadpoint/1/mode/result"))
            assert result["accepted"] is False
            assert "retained" in result["reason"]
            await hand.publish(mode, b'{"mode": "now"}', retain=True)
            await eventually(lambda: len(hand.payloads(f"{PREFIX}/loadpoint/1/mode/result")) >= 2)
            await well(hand, running)
            control = json.loads(hand.payloads(f"{PREFIX}/control/loadpoint-1")[-1])
            assert control["owner"] != "user"


async def test_a_wiped_tree_is_whole_again(broker: Broker, tmp_path: Path) -> None:
    async with raw(broker.settings(), f"{PREFIX}/#") as hand, suite(broker, tmp_path) as running:
        await up(hand)
        # As evcc does it: an empty retained payload on every topic that carries one.
        retained = {m.topic.value for m in hand.seen if m.payload and m.retain} | {
            f"{PREFIX}/{fact}" for facts in FOUND.values() for fact in facts
        }
        hand.seen.clear()
        for topic in sorted(retained):
            await hand.publish(topic, b"", retain=True)
        for facts in FOUND.values():
            for fact in facts:
                await hand.until(partial(newest, hand, f"{PREFIX}/{fact}"))
        await well(hand, running)


async def test_a_broker_that_is_killed_and_comes_back_finds_every_fact_again(broker: Broker, tmp_path: Path) -> None:
    async with suite(broker, tmp_path) as running:
        async with raw(broker.settings(), f"{PREFIX}/#") as hand:
            await up(hand)
        broker.kill()
        await eventually(lambda: any(e.get("about") == "mqtt" for s in MODULES for e in running.said(s)))
        broker.start()
        async with raw(broker.settings(), f"{PREFIX}/#") as hand:
            await up(hand)
            await well(hand, running)
