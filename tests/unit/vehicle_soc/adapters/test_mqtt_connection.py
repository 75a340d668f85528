"""Cars that share a connection, on a real mosquitto."""

import asyncio
import json
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from ems.runtime.errors import TransientError
from support.brokers import DYNAMIC_SECURITY, Mosquitto
from support.bus import eventually, raw
from support.clouds import context, source
from support.patience import PATIENCE_S
from vehicle_soc.adapters.provider import Context, Impossible
from vehicle_soc.domain.readings import Reading


@asynccontextmanager
async def listening(using: Context, **options: str) -> AsyncGenerator[tuple["asyncio.Task[None]", list[Reading]]]:
    """A car that listens, and what it has heard; given once the broker has its subscription."""
    heard: list[Reading] = []
    task = asyncio.create_task(source("mqtt", using, **options).listen(heard.append))
    try:
        yield task, heard
    finally:
        task.cancel()
        await asyncio.wait([task])


async def hears(heard: list[Reading], soc_pct: float) -> None:
    await eventually(lambda: bool(heard) and heard[-1].soc_pct == soc_pct, PATIENCE_S)


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


async def test_many_cars_take_one_connection_and_each_hears_its_own(
    mosquitto: Callable[..., Mosquitto], tmp_path: Path
) -> None:
    broker = mosquitto()
    async with raw(broker.settings()) as hand, context(tmp_path, mqtt=broker.settings()) as using:
        for n in range(20):
            await hand.publish(f"cars/{n}", str(n), retain=True)
        before = descriptors()
        heard: list[list[Reading]] = [[] for _ in range(20)]
        cars = [
            asyncio.create_task(source("mqtt", using, topic=f"cars/{n}").listen(heard[n].append)) for n in range(20)
        ]
        await eventually(lambda: all(heard), PATIENCE_S)
        assert [readings[-1].soc_pct for readings in heard] == list(range(20))
        assert descriptors() <= before + 3
        for car in cars:
            car.cancel()
        await asyncio.wait(cars)
        await eventually(lambda: descriptors() <= before, PATIENCE_S)


async def test_a_car_that_asks_for_the_same_topic_later_does_not_age_what_another_heard(
    mosquitto: Callable[..., Mosquitto], tmp_path: Path
) -> None:
    broker = mosquitto()
    async with raw(broker.settings()) as hand, context(tmp_path, mqtt=broker.settings()) as using:
        await hand.publish("both", '{"a": 40, "b": 50}', retain=True)
        async with listening(using, topic="both", soc="a") as (_, first):
            await hears(first, 40)
            assert first[-1].measured_at is None
            await hand.publish("both", '{"a": 41, "b": 51}', retain=True)
            await hears(first, 41)
            async with listening(using, topic="both", soc="b") as (_, second):
                await hears(second, 51)
            assert second[-1].measured_at is None
            assert first[-1].measured_at is not None
            assert len(first) == 2


@pytest.mark.skipif(DYNAMIC_SECURITY is None, reason="NO DYNAMIC SECURITY HERE: this test needs mosquitto's plugin")
async def test_what_the_broker_denies_costs_its_car_alone(mosquitto: Callable[..., Mosquitto], tmp_path: Path) -> None:
    rules = tmp_path / "dynsec.json"
    everything = {"publishClientSend": True, "publishClientReceive": True, "subscribe": True, "unsubscribe": True}
    role = {"rolename": "all", "acls": [{"acltype": "subscribeLiteral", "topic": "closed", "allow": False}]}
    group = {"groupname": "all", "roles": [{"rolename": "all"}]}
    rules.write_text(
        json.dumps({"defaultACLAccess": everything, "roles": [role], "groups": [group], "anonymousGroup": "all"})
    )
    rules.chmod(0o666)
    broker = mosquitto("allow_anonymous true", f"plugin {DYNAMIC_SECURITY}", f"plugin_opt_config_file {rules}")
    async with (
        raw(broker.settings()) as hand,
        context(tmp_path, mqtt=broker.settings()) as using,
        listening(using, topic="open") as (_, heard),
        listening(using, topic="closed") as (denied, _),
    ):
        with pytest.raises(Impossible, match="closed"):
            await asyncio.wait_for(asyncio.shield(denied), PATIENCE_S)
        await hand.publish("open", "61")
        await hears(heard, 61)


async def test_all_are_told_of_a_lost_broker_and_listen_again_together(
    mosquitto: Callable[..., Mosquitto], tmp_path: Path
) -> None:
    broker = mosquitto()
    async with context(tmp_path, mqtt=broker.settings()) as using:
        async with listening(using, topic="a") as (first, heard_a), listening(using, topic="b") as (second, heard_b):
            async with raw(broker.settings()) as hand:
                await hand.publish("a", "1", retain=True)
                await hand.publish("b", "2", retain=True)
                await hears(heard_a, 1)
                await hears(heard_b, 2)
            broker.kill()
            for car in (first, second):
                with pytest.raises(TransientError):
                    await asyncio.wait_for(asyncio.shield(car), PATIENCE_S)
        with pytest.raises(TransientError):
            await asyncio.wait_for(source("mqtt", using, topic="a").listen(heard_a.append), PATIENCE_S)
        broker.start()
        async with raw(broker.settings()) as hand, listening(using, topic="a") as (_, heard_a):
            await hand.publish("a", "3", retain=True)
            await hears(heard_a, 3)
