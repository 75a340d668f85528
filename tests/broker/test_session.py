"""The session on a real broker: it outlives restarts, wipes, freezes, and says what it was not allowed to do."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ems.bus.api import Names
from ems.bus.connection import BrokerConnection
from ems.bus.session import MqttBus
from ems.bus.subscriptions import Incoming
from ems.contract.message import Text
from ems.contract.people import Event, EventKind, Goal
from ems.contract.service import Health, HealthState, Service
from ems.contract.topics import EVENT, GOAL, MUTE, SET_GOAL
from support.brokers import Broker
from support.bus import FAST, eventually, raw, session
from support.patience import in_time

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
STATUS = "evcc/ems/notifier/status"


def goal(soc_pct: float, vehicle: str = "zoe") -> Goal:
    return Goal(vehicle=vehicle, soc_pct=soc_pct, asked_by="anna", asked_at=NOON)


def event(number: int) -> Event:
    text = Text(en=str(number), de=str(number))
    return Event(event_type=EventKind.GOAL_SET, at=NOON, text=text)


async def test_who_comes_is_online_and_who_goes_is_offline(broker: Broker) -> None:
    async with raw(broker.settings(), "evcc/ems/#") as hand:
        async with session(broker.settings(), Service.NOTIFIER):
            await hand.wait_for(STATUS, b"online")
            health = Health.parse(await hand.wait_for("evcc/ems/notifier/health"))
            assert health.state is HealthState.OK
        await hand.wait_for(STATUS, b"offline")


async def test_a_fact_is_retained_says_what_it_is_made_of_and_reaches_who_comes_later(broker: Broker) -> None:
    async with session(broker.settings(), Service.NOTIFIER) as bus:
        bus.publish(GOAL, goal(80), vehicle="zoe")
        await bus.flush()
        async with raw(broker.settings(), "evcc/ems/goal/+") as hand:
            await hand.wait_for("evcc/ems/goal/zoe", goal(80).payload())
            assert hand.seen[0].retain
            assert getattr(hand.seen[0].properties, "ContentType", None) == "application/json"


async def test_a_watch_that_is_set_up_after_connecting_sees_what_was_there(broker: Broker) -> None:
    async with (
        session(broker.settings(), Service.NOTIFIER) as bus,
        session(broker.settings(), Service.TARIFF_PLANNER) as reader,
    ):
        bus.publish(GOAL, goal(80), vehicle="zoe")
        await bus.flush()
        watch = reader.watch(GOAL)
        changes = reader.changes(GOAL)
        assert await anext(changes) == {(GOAL, "zoe")}
        assert watch.get("zoe") == goal(80)
        assert watch.received_at("zoe") is not None
        bus.clear(GOAL, vehicle="zoe")
        assert await anext(changes) == {(GOAL, "zoe")}
        assert watch.get("zoe") is None
        assert watch.items() == {}


async def test_what_is_watched_and_owned_at_once_arrives_once(broker: Broker) -> None:
    heard: list[Event] = []
    async with session(broker.settings(), Service.NOTIFIER) as bus:
        bus.on_event(EVENT, lambda e, _: heard.append(e))
        bus.watch(GOAL)
        bus.publish(GOAL, goal(80), vehicle="zoe")
        changes = bus.changes(GOAL)
        await anext(changes)
        bus.publish(EVENT, event(1), event="goal_set")
        bus.publish(EVENT, event(2), event="goal_set")
        await eventually(lambda: len(heard) >= 2)
        assert heard == [event(1), event(2)]


@pytest.mark.parametrize("away_s", [0.0, 2.0])
async def test_after_a_broker_that_forgot_everything_is_back_so_is_everything(broker: Broker, away_s: float) -> None:
    settings = broker.settings()
    async with session(settings, Service.NOTIFIER) as bus, session(settings, Service.TARIFF_PLANNER) as reader:
        watch = reader.watch(GOAL)
        bus.publish(GOAL, goal(60), vehicle="zoe")
        bus.publish(GOAL, goal(60), vehicle="limo")
        await eventually(lambda: len(watch.items()) == 2)
        broker.kill()
        await eventually(lambda: not bus.connected and not reader.connected)
        for soc_pct in range(61, 91):
            bus.publish(GOAL, goal(soc_pct), vehicle="zoe")
        await asyncio.sleep(away_s)
        broker.start()
        await eventually(lambda: watch.get("zoe") == goal(90))
        async with raw(settings, "evcc/ems/#") as hand:
            await hand.wait_for("evcc/ems/goal/zoe", goal(90).payload())
            await hand.wait_for("evcc/ems/goal/limo", goal(60).payload())
            await hand.wait_for(STATUS, b"online")
            await hand.wait_for("evcc/ems/notifier/health")
            await hand.until(lambda: Health.parse(hand.payloads("evcc/ems/notifier/health")[-1]).state == "ok")


async def test_events_made_while_the_broker_is_away_come_late_but_only_the_newest_hundred(broker: Broker) -> None:
    heard: list[str] = []
    settings = broker.settings()

    def offline(bus: MqttBus) -> None:
        for number in range(130):
            bus.publish(EVENT, event(number), event="goal_set")

    async with session(settings, Service.USERS) as reader:
        reader.on_event(EVENT, lambda e, _: heard.append(e.text.en))
        await reader.subscribed()
        async with session(settings, Service.NOTIFIER, prepare=offline):
            await eventually(lambda: len(heard) >= 100)
    assert heard == [str(n) for n in range(30, 130)]


async def test_a_wiped_tree_is_back_after_some_quiet(broker: Broker) -> None:
    settings = broker.settings()
    async with session(settings, Service.NOTIFIER) as bus, raw(settings, "evcc/ems/#") as hand:
        for number in range(20):
            bus.publish(GOAL, goal(50 + number), vehicle=f"car-{number}")
        await bus.flush()
        await hand.until(lambda: len({m.topic.value for m in hand.seen if m.payload}) == 22)
        held = {m.topic.value: m.payload for m in hand.seen}
        # As evcc does it: whatever is there gets an empty retained payload.
        for topic in held:
            await hand.publish(topic, b"", retain=True)
        await hand.until(lambda: all(hand.payloads(topic)[-1] == b"" for topic in held))
        seen = len(hand.seen)
        await hand.until(lambda: all(hand.payloads(topic)[-1] for topic in held))
        announced = [m.topic.value for m in hand.seen[seen:]]
        assert sorted(announced) == sorted(held), "each exactly once"
    async with raw(settings, "evcc/ems/goal/+") as later:
        await later.until(lambda: len(later.seen) == 20)


async def test_whoever_wipes_on_and_on_is_not_answered_until_they_stop(broker: Broker) -> None:
    settings = broker.settings()
    async with session(settings, Service.NOTIFIER) as bus, raw(settings, "evcc/ems/goal/+") as hand:
        bus.publish(GOAL, goal(50), vehicle="zoe")
        bus.publish(GOAL, goal(50), vehicle="limo")
        await hand.until(lambda: len(hand.seen) == 2)
        for _ in range(8):
            await hand.publish("evcc/ems/goal/zoe", b"", retain=True)
            await asyncio.sleep(FAST.quiet_s / 4)
            assert set(hand.payloads("evcc/ems/goal/zoe")[1:]) == {b""}
        await hand.wait_for("evcc/ems/goal/zoe", goal(50).payload())


async def test_a_fact_that_we_cleared_ourselves_stays_cleared(broker: Broker) -> None:
    settings = broker.settings()
    async with session(settings, Service.NOTIFIER) as bus, raw(settings, "evcc/ems/goal/+") as hand:
        bus.publish(GOAL, goal(50), vehicle="zoe")
        bus.clear(GOAL, vehicle="zoe")
        await hand.wait_for("evcc/ems/goal/zoe", b"")
        await asyncio.sleep(FAST.quiet_s * 2)
        assert hand.payloads("evcc/ems/goal/zoe")[-1] == b""


async def test_what_its_owner_cleared_while_we_were_away_is_gone_for_us_too(broker: Broker) -> None:
    settings = broker.settings()
    async with session(settings, Service.TARIFF_PLANNER) as reader:
        watch = reader.watch(GOAL)
        async with session(settings, Service.NOTIFIER) as bus:
            bus.publish(GOAL, goal(50), vehicle="zoe")
            await eventually(lambda: watch.get("zoe"))
        broker.kill()  # with the owner gone for good, nobody will say it again
        await eventually(lambda: not reader.connected)
        assert watch.get("zoe"), "a broker that is away clears nothing"
        broker.start()
        await eventually(lambda: watch.get("zoe") is None)


async def test_a_frozen_broker_does_not_freeze_us_and_we_are_back_when_it_thaws(broker: Broker) -> None:
    settings = broker.settings()
    async with session(settings, Service.NOTIFIER) as bus, session(settings, Service.TARIFF_PLANNER) as reader:
        watch = reader.watch(GOAL)
        await reader.subscribed()
        broker.freeze()
        for soc_pct in range(50, 60):
            bus.publish(GOAL, goal(soc_pct), vehicle="zoe")
        await eventually(lambda: not bus.connected)
        assert bus.health.state is HealthState.DEGRADED
        assert "does not answer" in bus.health.snapshot().reasons[0]
        broker.thaw()
        await eventually(lambda: watch.get("zoe") == goal(59))
        await eventually(lambda: bus.health.state is HealthState.OK)


async def test_a_broker_that_is_frozen_for_long_costs_no_more_than_one_connection(broker: Broker) -> None:
    settings = broker.settings()
    async with session(settings, Service.NOTIFIER) as bus:
        before = open_files()
        broker.freeze()
        for number in range(60):  # more than the sockets' buffers hold
            big = goal(50).model_copy(update={"asked_by": "x" * 100_000})
            bus.publish(GOAL, big, vehicle=f"car-{number}")
        for _ in range(4):
            await eventually(lambda: not bus.connected)
            await asyncio.sleep(FAST.acknowledge_s)
        assert open_files() <= before + 1
        broker.thaw()
        await eventually(lambda: bus.connected)
        await bus.flush()
        await eventually(lambda: open_files() <= before)


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


async def test_the_service_ends_in_time_while_the_broker_is_frozen(broker: Broker) -> None:
    async with session(broker.settings(), Service.NOTIFIER) as bus:
        broker.freeze()
        bus.publish(GOAL, goal(50), vehicle="zoe")
        began_s = asyncio.get_running_loop().time()
    assert asyncio.get_running_loop().time() - began_s < in_time(4)


async def test_a_thousand_topics_at_once_flow(broker: Broker) -> None:
    settings = broker.settings()
    async with session(settings, Service.NOTIFIER) as bus, session(settings, Service.TARIFF_PLANNER) as reader:
        watch = reader.watch(GOAL)
        for number in range(1000):
            bus.publish(GOAL, goal(50), vehicle=f"car-{number}")
        await bus.flush()
        await eventually(lambda: len(watch.items()) == 1000)


async def test_a_second_service_of_the_same_name_does_not_stop_the_first_for_good(broker: Broker) -> None:
    settings = broker.settings()
    async with session(settings, Service.NOTIFIER) as first, raw(settings, STATUS) as hand:
        async with raw(settings, "nothing", identifier="notifier"):
            await eventually(lambda: not first.connected)
            assert first.health.state is HealthState.DEGRADED
        await eventually(lambda: first.connected)
        await hand.wait_for(STATUS, b"online")


async def test_a_late_last_will_that_calls_us_offline_is_corrected(broker: Broker) -> None:
    settings = broker.settings()
    async with session(settings, Service.NOTIFIER), raw(settings, STATUS) as hand:
        await hand.wait_for(STATUS, b"online")
        await hand.publish(STATUS, b"offline", retain=True)
        await hand.wait_for(STATUS, b"offline")
        await hand.wait_for(STATUS, b"online")


async def test_what_is_announced_outside_of_our_tree_survives_a_wipe_and_a_restart_too(broker: Broker) -> None:
    device = "homeassistant/device/notifier/anna/config"
    heard: list[tuple[str, bytes, bool]] = []

    def hear(topic: str, payload: bytes, *, retained: bool) -> None:
        heard.append((topic, payload, retained))

    settings = broker.settings()
    async with session(settings, Service.NOTIFIER) as bus:
        bus.on_raw("homeassistant/status", hear)
        bus.announce(device, b"{}")
        await bus.subscribed()
        async with raw(settings, "homeassistant/#") as hand:
            await hand.publish("homeassistant/status", b"online")
            await eventually(lambda: heard == [("homeassistant/status", b"online", False)])
            await hand.wait_for(device, b"{}")
            await hand.publish(device, b"", retain=True)
            await hand.wait_for(device, b"")
            await hand.wait_for(device, b"{}")
        broker.kill()
        await eventually(lambda: not bus.connected)
        broker.start()
        async with raw(settings, "homeassistant/#") as hand:
            await hand.wait_for(device, b"{}")


async def test_handlers_work_whether_they_came_before_or_after_connecting(broker: Broker) -> None:
    async def done(_: object, names: Names) -> str:
        return " ".join(names.values())

    def before(bus: MqttBus) -> None:
        bus.on_command(SET_GOAL, done)

    settings = broker.settings()
    async with session(settings, Service.NOTIFIER, prepare=before) as bus, raw(settings, "evcc/ems/#") as hand:
        bus.on_command(MUTE, done)
        await bus.subscribed()
        await hand.publish("evcc/ems/goal/zoe/set", b"{}")
        await hand.publish("evcc/ems/driver/anna/mute/set", b'{"minutes": 5}')
        assert b'"reason":"zoe"' in await hand.wait_for("evcc/ems/goal/zoe/result")
        assert b'"reason":"anna"' in await hand.wait_for("evcc/ems/driver/anna/mute/result")


async def test_what_came_while_the_loop_was_busy_is_handed_on_together(broker: Broker) -> None:
    """One message a turn of a busy loop is fewer than come: they would pile up for ever."""
    settings, turns = broker.settings(), 0

    async def count_turns() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async with raw(settings) as hand:
        listener = BrokerConnection(settings, "listener")
        async with listener.open():
            await listener.subscribe_to(["flood/#"])
            for number in range(100):
                await hand.publish(f"flood/{number}", "x")
            await eventually(lambda: len(listener.messages) == 100)
            counting = asyncio.create_task(count_turns())
            heard = [message.topic async for message in first(listener.incoming(), 100)]
            counting.cancel()
    assert heard == [f"flood/{number}" for number in range(100)]
    assert turns < 20


async def first(messages: AsyncIterator[Incoming], count: int) -> AsyncIterator[Incoming]:
    async for message in messages:
        yield message
        count -= 1
        if count == 0:
            return
