"""Commands and requests on a real broker: every one is answered, a bad one changes nothing."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest

from ems.bus.api import Names, Refused
from ems.bus.session import MqttBus
from ems.contract.control import SetLimitSoc, SetMode
from ems.contract.message import Message, Text
from ems.contract.people import Goal, SetGoal
from ems.contract.requests import DeviceResult, History, HistoryGet, Result
from ems.contract.service import Service
from ems.contract.site import LoadpointMode
from ems.contract.topics import GOAL, HISTORY_GET, SET_GOAL, SET_LIMIT_SOC, SET_MODE
from ems.i18n.records import CommandAnswer
from ems.runtime.errors import TransientError
from support.brokers import Broker
from support.bus import Raw, eventually, raw, session

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
SET = "evcc/ems/loadpoint/1/mode/set"
RESULT = "evcc/ems/loadpoint/1/mode/result"
IN_EVERY_LANGUAGE = CommandAnswer("so", {"limit_soc_pct": 80.0}, Text(en="It is so.", de="So ist es.", nl="Zo is het."))


class House:
    """A loadpoint whose mode people set; the second one is out of order."""

    def __init__(self) -> None:
        self.modes: list[LoadpointMode] = []
        self.hold = asyncio.Event()
        self.hold.set()

    def attach(self, bus: MqttBus) -> None:
        bus.on_command(SET_MODE, self.set_mode)
        bus.on_command(SET_LIMIT_SOC, self.set_limit)
        bus.on_request(HISTORY_GET, self.history)

    async def set_mode(self, command: SetMode, names: Names) -> CommandAnswer | str:
        await self.hold.wait()
        if names["id"] == "2":
            raise Refused("loadpoint 2 is out of order; loadpoint 1 is not")
        if names["id"] == "3":
            raise TransientError("evcc does not answer")
        if names["id"] == "88":
            raise Refused(IN_EVERY_LANGUAGE)
        self.modes.append(command.mode)
        if names["id"] == "89":
            return IN_EVERY_LANGUAGE
        return f"loadpoint {names['id']} is {command.mode} now"

    async def set_limit(self, _: SetLimitSoc, __: Names) -> str:
        return "done"

    async def history(self, command: HistoryGet, _: Names) -> Message:
        if command.end <= command.start:
            raise Refused("end must be after start")
        return History(next=command.end)


@pytest.fixture
def house() -> House:
    return House()


@pytest.fixture
async def hand(broker: Broker, house: House) -> AsyncIterator[Raw]:
    async with (
        session(broker.settings(), Service.EVCC_POLLER, prepare=house.attach),
        raw(broker.settings(), "evcc/ems/#") as client,
    ):
        yield client


async def refusal(hand: Raw, topic: str = RESULT) -> str:
    result = Result.parse(await hand.wait_for(topic))
    assert not result.accepted
    return result.reason


async def test_a_command_is_carried_out_and_the_result_told_but_not_kept(hand: Raw, house: House) -> None:
    await hand.publish(SET, b'{"mode": "now", "id": "42"}')
    result = Result.parse(await hand.wait_for(RESULT))
    assert (result.accepted, result.id, result.reason) == (True, "42", "loadpoint 1 is now now")
    assert house.modes == ["now"]
    assert not next(m for m in hand.seen if m.topic.value == RESULT).retain


@pytest.mark.parametrize(
    ("payload", "why"),
    [
        (b"{", "not valid JSON"),
        (b"\xff\xfe", "not valid JSON"),
        (b'"now"', "the whole payload"),
        (b'{"mode": 3}', "mode"),
        (b'{"mode": "warp"}', "'pv'"),
        (b'{"mode": NaN}', "mode"),
        (b'{"mode": "now", "mood": 1}', "did you mean 'mode'"),
        (b" " * 5_000_000, "5000000 bytes are too many"),
        (b"[" * 100_000, "not valid JSON"),
    ],
    ids=["half", "no text", "word", "number", "unknown", "nan", "unknown key", "5 MB", "deep"],
)
async def test_a_malformed_command_changes_nothing_and_is_told_what_is_wrong(
    hand: Raw, house: House, payload: bytes, why: str
) -> None:
    await hand.publish(SET, payload)
    assert why in await refusal(hand)
    assert house.modes == []


async def test_a_refused_command_gets_its_id_and_the_reason(hand: Raw) -> None:
    await hand.publish("evcc/ems/loadpoint/2/mode/set", b'{"mode": "now", "id": "a"}')
    result = Result.parse(await hand.wait_for("evcc/ems/loadpoint/2/mode/result"))
    assert (result.accepted, result.id) == (False, "a")
    assert result.reason == "loadpoint 2 is out of order; loadpoint 1 is not"


@pytest.mark.parametrize(("number", "accepted"), [("88", False), ("89", True)])
async def test_an_answer_reaches_programs_as_data_and_people_in_their_language(
    hand: Raw, number: str, accepted: bool
) -> None:
    await hand.publish(f"evcc/ems/loadpoint/{number}/mode/set", b'{"mode": "now", "id": "a"}')
    result = Result.parse(await hand.wait_for(f"evcc/ems/loadpoint/{number}/mode/result"))
    assert (result.accepted, result.id, result.reason) == (accepted, "a", "It is so.")
    assert (result.kind, result.parameters) == ("so", {"limit_soc_pct": 80})
    assert result.text == IN_EVERY_LANGUAGE.text


async def test_a_malformed_command_is_told_in_every_language_what_is_wrong(hand: Raw) -> None:
    await hand.publish("evcc/ems/loadpoint/1/limit_soc/set", b'{"limit_soc_pct": 180}')
    result = Result.parse(await hand.wait_for("evcc/ems/loadpoint/1/limit_soc/result"))
    assert (result.kind, result.parameters["least"], result.parameters["most"]) == ("invalid", 0, 100)
    assert result.text is not None
    assert result.text.de == "Das Ladelimit muss zwischen 0 und 100 % liegen."
    assert result.reason.startswith("limit_soc_pct: ")


async def test_whoever_follows_a_device_hears_what_became_of_all_its_commands(hand: Raw) -> None:
    followed = "evcc/ems/evcc-poller/result/loadpoint-2"
    for payload, reason in ((b'{"mode": "pv"}', "out of order"), (b'{"mode": "turbo"}', "mode")):
        hand.seen.clear()
        await hand.publish("evcc/ems/loadpoint/2/mode/set", payload)
        told = DeviceResult.parse(await hand.wait_for(followed))
        assert (told.accepted, told.command) == (False, "loadpoint/2/mode")
        assert reason in told.reason
    assert not [m for m in hand.seen if m.topic.value == followed and m.retain]


async def test_a_malformed_command_gets_its_id_back_too(hand: Raw) -> None:
    await hand.publish(SET, b'{"mode": "warp", "id": "a"}')
    assert Result.parse(await hand.wait_for(RESULT)).id == "a"


async def test_a_command_that_failed_for_now_says_why(hand: Raw) -> None:
    await hand.publish("evcc/ems/loadpoint/3/mode/set", b'{"mode": "now"}')
    assert await refusal(hand, "evcc/ems/loadpoint/3/mode/result") == "evcc does not answer"


async def test_a_command_for_a_name_that_cannot_be_is_refused(hand: Raw) -> None:
    await hand.publish("evcc/ems/loadpoint/0/mode/set", b'{"mode": "now"}')
    assert "not a name" in await refusal(hand, "evcc/ems/loadpoint/0/mode/result")


async def test_a_retained_command_is_refused_and_not_carried_out_later_either(broker: Broker, house: House) -> None:
    settings = broker.settings()
    async with raw(settings, "evcc/ems/#") as hand:
        await hand.publish(SET, b'{"mode": "now"}', retain=True)
        for _ in range(2):  # each start sees it again
            hand.seen.clear()
            async with session(settings, Service.EVCC_POLLER, prepare=house.attach):
                assert "without retain" in await refusal(hand)
    assert house.modes == []


async def test_an_empty_set_is_how_others_tidy_up_and_no_command(hand: Raw, house: House) -> None:
    await hand.publish(SET, b"")
    await hand.publish(SET, b'{"mode": "pv"}')
    await hand.wait_for(RESULT)
    assert len(hand.payloads(RESULT)) == 1
    assert house.modes == ["pv"]


async def test_commands_to_one_device_are_carried_out_in_their_order(hand: Raw, house: House) -> None:
    house.hold.clear()
    for mode in ("now", "pv", "off"):
        await hand.publish(SET, json.dumps({"mode": mode}))
    house.hold.set()
    await hand.until(lambda: len(hand.payloads(RESULT)) == 3)
    assert house.modes == ["now", "pv", "off"]


async def test_a_slow_command_holds_up_no_request(broker: Broker, house: House) -> None:
    settings = broker.settings()
    house.hold.clear()
    async with (
        session(settings, Service.EVCC_POLLER, prepare=house.attach),
        session(settings, Service.RL_AGENT) as asker,
        raw(settings) as hand,
    ):
        await hand.publish(SET, b'{"mode": "now"}')
        answer = await asker.request(HISTORY_GET, HistoryGet(start=NOON, end=NOON.replace(hour=13), id="h"))
        assert answer == History(id="h", next=NOON.replace(hour=13))
        assert house.modes == []


async def test_more_commands_than_can_be_carried_out_are_refused_not_queued(hand: Raw, house: House) -> None:
    house.hold.clear()
    for number in range(4, 44):
        await hand.publish(f"evcc/ems/loadpoint/{number}/mode/set", b'{"mode": "now"}')
    refused = await refusal(hand, "evcc/ems/loadpoint/43/mode/result")
    assert "try again" in refused
    house.hold.set()
    await eventually(lambda: len(house.modes) == 32)


async def test_a_refused_request_is_answered_by_its_own_kind_of_message(broker: Broker, house: House) -> None:
    settings = broker.settings()
    async with (
        session(settings, Service.EVCC_POLLER, prepare=house.attach),
        session(settings, Service.RL_AGENT) as asker,
        raw(settings, "evcc/ems/history/result") as hand,
    ):
        answer = await asker.request(HISTORY_GET, HistoryGet(start=NOON, end=NOON))
        assert answer == History(refused="end must be after start")
        assert History.parse(await hand.wait_for("evcc/ems/history/result")) == answer


async def test_a_command_of_another_service_is_answered_with_its_result(broker: Broker, house: House) -> None:
    settings = broker.settings()
    async with (
        session(settings, Service.EVCC_POLLER, prepare=house.attach),
        session(settings, Service.NOTIFIER) as asker,
    ):
        answers = await asyncio.gather(
            *(asker.request(SET_MODE, SetMode(mode=LoadpointMode.NOW, id=str(n)), id=str(n)) for n in (1, 2))
        )
        assert [(a.id, a.accepted) for a in answers if isinstance(a, Result)] == [("1", True), ("2", False)]


async def test_the_answer_goes_where_mqtt_5_asks_for_it_but_never_out_of_the_reply_tree(hand: Raw) -> None:
    answer_to = "evcc/ems/reply/users/7"
    for where in ("evcc/ems/site", "homeassistant/status", "evcc/ems/reply/#", answer_to):
        await hand.publish(SET, b'{"mode": "now"}', ResponseTopic=where.replace("#", "x/y"), CorrelationData=b"c7")
    await hand.wait_for(answer_to)
    assert getattr(hand.seen[-1].properties, "CorrelationData", b"c7") == b"c7"
    assert hand.payloads("evcc/ems/site") == hand.payloads("homeassistant/status") == []


async def test_a_question_that_nobody_answers_ends_in_time_and_is_not_asked_later(broker: Broker, house: House) -> None:
    settings = broker.settings()
    async with (
        session(settings, Service.NOTIFIER) as asker,
        session(settings, Service.EVCC_POLLER, prepare=house.attach) as poller,
    ):
        broker.kill()
        await eventually(lambda: not asker.connected and not poller.connected)
        with pytest.raises(TimeoutError):
            await asker.request(SET_MODE, SetMode(mode=LoadpointMode.NOW), timeout_s=0.2, id="1")
        broker.start()
        await eventually(lambda: asker.connected and poller.connected)
        await poller.subscribed()
        await asker.request(SET_MODE, SetMode(mode=LoadpointMode.OFF), id="1")
    assert house.modes == ["off"]


async def test_an_answer_that_is_not_one_is_said(broker: Broker) -> None:
    settings = broker.settings()
    async with session(settings, Service.NOTIFIER) as asker, raw(settings, SET) as hand:
        asking = asyncio.create_task(asker.request(SET_MODE, SetMode(mode=LoadpointMode.NOW), id="1"))
        await hand.wait_for(SET)
        asked: Any = hand.seen[0].properties
        await hand.publish(asked.ResponseTopic, b'{"accepted": "maybe"}', CorrelationData=asked.CorrelationData)
        with pytest.raises(ValueError, match="accepted"):
            await asking


async def test_what_a_field_shows_is_told_again_after_an_answer_so_that_it_does_not_keep_what_was_typed(
    broker: Broker,
) -> None:
    async def refuse(_command: SetGoal, _names: Names) -> str:
        raise Refused("not understood")

    path, goal = GOAL.path(vehicle="limo"), Goal(vehicle="limo", soc_pct=80, asked_by="anna", asked_at=NOON)
    async with session(broker.settings(), Service.NOTIFIER) as bus, raw(broker.settings(), "evcc/ems/goal/#") as hand:
        bus.on_command(SET_GOAL, refuse)
        bus.publish(GOAL, goal, vehicle="limo")
        await hand.wait_for(f"evcc/ems/{path}")
        await bus.subscribed()
        await hand.publish("evcc/ems/goal/limo/set", b'{"by": "abrakadabra"}')
        await hand.wait_for("evcc/ems/goal/limo/result")
        await hand.until(lambda: hand.payloads(f"evcc/ems/{path}") == [goal.payload()] * 2)
        bus.clear(GOAL, vehicle="limo")
        await hand.until(lambda: len(hand.payloads(f"evcc/ems/{path}")) == 3)
        await hand.publish("evcc/ems/goal/limo/set", b"nonsense")
        await hand.until(lambda: hand.payloads(f"evcc/ems/{path}")[2:] == [b"", b""])
