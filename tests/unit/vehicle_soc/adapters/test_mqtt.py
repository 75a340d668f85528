"""The mqtt provider on a real mosquitto."""

import asyncio
import json
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ems.bus.subscriptions import Incoming
from ems.runtime.errors import TransientError
from ems.runtime.settings import MqttSettings
from support.brokers import MOSQUITTO, Mosquitto
from support.bus import raw
from support.clocks import StandingClock
from support.clouds import NOW, context, source
from support.patience import PATIENCE_S
from vehicle_soc.adapters.mqtt import Mqtt, MqttOptions, reading
from vehicle_soc.adapters.provider import Context
from vehicle_soc.adapters.token_store import TokenStore
from vehicle_soc.domain.readings import Reading

VIN = "WVWCANARYVIN00042"


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    if MOSQUITTO is None:
        pytest.skip("NO MOSQUITTO HERE: this test needs the real one (Debian's package mosquitto)")
    one = Mosquitto(tmp_path)
    one.start()
    yield one
    one.kill()


@asynccontextmanager
async def heard(broker: Mosquitto, tmp_path: Path, *before: tuple[str, Any], **options: Any) -> AsyncGenerator[Any]:
    """What a car's listener hears: a queue, and a hand to publish. ``before`` is retained already."""
    queue: asyncio.Queue[Reading] = asyncio.Queue()
    async with raw(broker.settings()) as hand, context(tmp_path, mqtt=broker.settings()) as using:
        for topic, payload in before:
            await hand.publish(topic, payload, retain=True)
        listening = asyncio.create_task(source("mqtt", using, **options).listen(queue.put_nowait))
        yield queue, hand
        listening.cancel()
        await asyncio.wait({listening})


async def test_a_plain_number_is_a_state_of_charge(broker: Mosquitto, tmp_path: Path) -> None:
    async with heard(broker, tmp_path, ("cars/golf/soc", "1"), topic="cars/golf/soc") as (queue, hand):
        await asyncio.wait_for(queue.get(), PATIENCE_S)
        await hand.publish("cars/golf/soc", "63.5")
        found = await asyncio.wait_for(queue.get(), PATIENCE_S)
    assert (found.source, found.soc_pct) == ("mqtt", 63.5)
    assert found.measured_at is not None, "news are measured now"


async def test_a_retained_value_may_be_of_any_age(broker: Mosquitto, tmp_path: Path) -> None:
    async with heard(broker, tmp_path, ("cars/golf/soc", "41"), topic="cars/golf/soc") as (queue, _):
        found = await asyncio.wait_for(queue.get(), PATIENCE_S)
    assert (found.soc_pct, found.measured_at) == (41, None)


async def test_values_are_found_in_json(broker: Mosquitto, tmp_path: Path) -> None:
    payload = {"bat": {"soc": 58, "t": "2026-11-20T17:00:00Z"}, "km": 200, "plug": True}
    paths = {"soc": "/bat/soc", "range": "km", "measured_at": "bat.t", "plugged_in": "plug"}
    async with heard(broker, tmp_path, ("golf", json.dumps(payload)), topic="golf", **paths) as (queue, _):
        found = await asyncio.wait_for(queue.get(), PATIENCE_S)
    assert (found.soc_pct, found.range_km, found.plugged_in) == (58, 200, True)
    assert found.measured_at.isoformat() == "2026-11-20T17:00:00+00:00"


@pytest.mark.parametrize(
    ("options", "topics"),
    [
        (
            {"preset": "carconnectivity", "vin": VIN},
            {
                f"carconnectivity/0/garage/{VIN}/drives/primary/level": "77",
                f"carconnectivity/0/garage/{VIN}/charging/connector/connection_state": "connected",
                f"carconnectivity/0/garage/{VIN}/charging/state": "ready_for_charging",
            },
        ),
        (
            {"preset": "teslamate", "car_id": "2"},
            {
                "teslamate/cars/2/battery_level": "77",
                "teslamate/cars/2/plugged_in": "true",
                "teslamate/cars/2/charging_state": "Complete",
            },
        ),
        ({"preset": "statestream", "entity": "sensor.born_battery"}, {"homeassistant/sensor/born_battery/state": "77"}),
    ],
)
async def test_presets_know_where_others_put_the_values(
    broker: Mosquitto, tmp_path: Path, options: dict[str, str], topics: dict[str, str]
) -> None:
    async with heard(broker, tmp_path, *topics.items(), **options) as (queue, _):
        found = await asyncio.wait_for(queue.get(), PATIENCE_S)
        while len(topics) > 1 and None in (found.plugged_in, found.charging):
            found = await asyncio.wait_for(queue.get(), PATIENCE_S)
    assert found.soc_pct == 77
    if len(topics) > 1:
        assert (found.plugged_in, found.charging) == (True, False)


async def test_unknown_and_unavailable_are_no_state_of_charge(broker: Mosquitto, tmp_path: Path) -> None:
    async with heard(broker, tmp_path, ("soc", "1"), topic="soc") as (queue, hand):
        await asyncio.wait_for(queue.get(), PATIENCE_S)
        for nonsense in ("unavailable", "", "None", "true", "180", "-1", "NaN", '{"soc": 5}'):
            await hand.publish("soc", nonsense)
        await hand.publish("soc", "12")
        assert (await asyncio.wait_for(queue.get(), PATIENCE_S)).soc_pct == 12


async def test_a_lost_broker_is_said(broker: Mosquitto, tmp_path: Path) -> None:
    queue: asyncio.Queue[Reading] = asyncio.Queue()
    async with context(tmp_path, mqtt=broker.settings()) as using:
        async with raw(broker.settings()) as hand:
            await hand.publish("soc", "1", retain=True)
        listening = asyncio.create_task(source("mqtt", using, topic="soc").listen(queue.put_nowait))
        await asyncio.wait_for(queue.get(), PATIENCE_S)
        broker.kill()
        with pytest.raises(TransientError):
            await asyncio.wait_for(listening, PATIENCE_S)


@pytest.mark.parametrize(
    "options",
    [{}, {"topic": "a", "preset": "teslamate"}, {"topic": "a/#"}, {"preset": "carconnectivity"}, {"topic": ""}],
)
def test_options_that_make_no_sense_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"topic|vin"):
        MqttOptions.model_validate(options)


@given(
    st.dictionaries(st.sampled_from(["soc", "range", "measured_at", "plugged_in", "charging"]), st.text() | st.floats())
)
def test_no_value_breaks_the_parser_and_no_impossible_value_comes_out(values: dict[str, Any]) -> None:
    found = reading(values, NOW, None)
    assert found is None or (found.soc_pct is not None and 0 <= found.soc_pct <= 100)


@given(st.binary(max_size=200))
def test_no_payload_breaks_the_listener(payload: bytes) -> None:
    options = MqttOptions.model_validate({"topic": "soc", "soc": "/a/0"})
    unused: Any = None
    car = Mqtt(options, Context("golf", StandingClock(NOW), unused, TokenStore(Path("unused")), MqttSettings()))
    found = car._take(options.places(), Incoming("soc", payload))
    assert found is None or found.soc_pct is not None


async def test_news_are_news_although_they_are_published_to_be_kept(broker: Mosquitto, tmp_path: Path) -> None:
    """As CarConnectivity, TeslaMate and Home Assistant do it."""
    async with heard(broker, tmp_path, ("soc", "41"), topic="soc") as (queue, hand):
        assert (await asyncio.wait_for(queue.get(), PATIENCE_S)).measured_at is None
        await hand.publish("soc", "42", retain=True)
        found = await asyncio.wait_for(queue.get(), PATIENCE_S)
    assert found.measured_at is not None
    assert (found.soc_pct, found.pushed) == (42, True)


async def test_what_comes_beside_the_soc_makes_it_no_younger(broker: Mosquitto, tmp_path: Path) -> None:
    topics = ("teslamate/cars/1/battery_level", "teslamate/cars/1/plugged_in")
    async with heard(broker, tmp_path, (topics[0], "41"), preset="teslamate") as (queue, hand):
        first = await asyncio.wait_for(queue.get(), PATIENCE_S)
        await hand.publish(topics[1], "true", retain=True)
        second = await asyncio.wait_for(queue.get(), PATIENCE_S)
    assert (second.plugged_in, second.measured_at, second.asked_at) == (True, None, first.asked_at)


@pytest.mark.parametrize(
    ("zone", "expected"),
    [("Europe/Berlin", "2026-11-20T17:00:00+00:00"), (None, None), ("UTC", "2026-11-20T18:00:00+00:00")],
)
async def test_a_time_without_an_offset_is_in_the_zone_that_is_set(
    broker: Mosquitto, tmp_path: Path, zone: str | None, expected: str | None
) -> None:
    payload = json.dumps({"soc": 58, "t": "2026-11-20 18:00:00"})
    more = {"zone": zone} if zone else {}
    async with heard(broker, tmp_path, ("golf", payload), topic="golf", soc="soc", measured_at="t", **more) as (q, _):
        found = await asyncio.wait_for(q.get(), PATIENCE_S)
    assert (found.measured_at and found.measured_at.isoformat()) == expected
    assert found.zoneless is (zone is None)


def test_a_zone_that_there_is_not_is_refused_with_the_nearest() -> None:
    with pytest.raises(ValueError, match="Europe/Berlin"):
        MqttOptions.model_validate({"topic": "a", "zone": "Europe/Berln"})


@given(st.sampled_from(["255", "180", "-1"]))
def test_what_no_battery_has_is_told_apart(value: str) -> None:
    told: list[Reading] = []
    unused: Any = None
    using = Context("g", StandingClock(NOW), unused, TokenStore(Path("unused")), MqttSettings())
    car = Mqtt(MqttOptions.model_validate({"topic": "soc"}), replace(using, tell_impossible=told.append))
    assert car._take(MqttOptions.model_validate({"topic": "soc"}).places(), Incoming("soc", value.encode())) is None
    assert [reading.impossible_pct for reading in told] == [float(value)]
