"""The queue: the newest of each fact, the newest hundred events, nothing lost in between."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ems.bus.publish_queue import MAX_EVENTS, Outgoing, PublishQueue
from ems.runtime import redact


def fact(topic: str, payload: str) -> Outgoing:
    return Outgoing(topic, payload.encode(), "text/plain", retain=True)


def event(payload: str) -> Outgoing:
    return Outgoing("event", payload.encode(), "text/plain")


def drained(queue: PublishQueue) -> list[tuple[str, str]]:
    taken = [(out.topic, out.payload.decode()) for out in queue.take(10_000)]
    queue.confirm_sent()
    return taken


def test_of_a_fact_only_the_newest_waits_in_the_place_of_the_first() -> None:
    queue = PublishQueue()
    for out in (fact("a", "1"), fact("b", "1"), fact("a", "2")):
        queue.put_fact(out)
    assert drained(queue) == [("a", "2"), ("b", "1")]
    assert drained(queue) == []


def test_of_events_the_newest_hundred_wait_in_their_order_and_the_others_are_counted() -> None:
    queue = PublishQueue()
    for number in range(MAX_EVENTS + 7):
        queue.put_event(event(str(number)))
    assert [payload for _, payload in drained(queue)] == [str(n) for n in range(7, MAX_EVENTS + 7)]
    assert queue.dropped == 7


def test_what_was_under_way_when_the_connection_broke_waits_in_front_unless_newer_replaced_it() -> None:
    queue = PublishQueue()
    queue.put_fact(fact("a", "1"))
    queue.put_event(event("first"))
    queue.take(10)
    queue.put_fact(fact("a", "2"))
    queue.put_event(event("second"))
    queue.put_back()
    assert drained(queue) == [("a", "2"), ("event", "first"), ("event", "second")]


def test_everything_owned_is_said_again_and_what_was_cleared_stays_cleared() -> None:
    queue = PublishQueue()
    queue.put_fact(fact("a", "1"))
    queue.put_fact(fact("b", "1"))
    queue.put_fact(fact("b", ""))
    drained(queue)
    queue.requeue()
    assert drained(queue) == [("a", "1"), ("b", "")]
    queue.requeue({"a", "not ours"})
    assert drained(queue) == [("a", "1")]


def test_only_what_we_hold_can_be_erased_by_others() -> None:
    queue = PublishQueue()
    queue.put_fact(fact("a", "1"))
    queue.put_fact(fact("b", ""))
    assert queue.is_erased("a", b"")
    assert not queue.is_erased("a", b"1")
    assert not queue.is_erased("b", b"")
    assert not queue.is_erased("not ours", b"")


def test_an_event_that_is_withdrawn_is_not_sent() -> None:
    queue = PublishQueue()
    number = queue.put_event(event("1"))
    queue.withdraw(number)
    assert drained(queue) == []
    queue.withdraw(number)


async def test_it_is_idle_only_when_all_has_arrived() -> None:
    queue = PublishQueue()
    await queue.wait_until_idle()
    queue.put_fact(fact("a", "1"))
    queue.take(1)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await queue.wait_until_idle()
    queue.confirm_sent()
    await queue.wait_until_idle()


@given(st.lists(st.tuples(st.sampled_from(["fact", "event", "send", "break"]), st.integers(0, 3)), max_size=60))
def test_whatever_happens_the_broker_ends_with_the_newest_of_each_fact(steps: list[tuple[str, int]]) -> None:
    queue, broker, newest = PublishQueue(), dict[str, bytes](), dict[str, bytes]()
    for number, (step, n) in enumerate(steps):
        if step == "fact":
            out = fact(str(n), str(number))
            newest[out.topic] = out.payload
            queue.put_fact(out)
        elif step == "event":
            queue.put_event(event(str(number)))
        elif step == "send":
            broker |= {out.topic: out.payload for out in queue.take(n)}
            queue.confirm_sent()
        else:
            # Some of what was under way arrived, some did not.
            broker |= {out.topic: out.payload for out in queue.take(3)[:n]}
            queue.put_back()
    broker |= {out.topic: out.payload for out in queue.take(10_000)}
    broker.pop("event", None)
    assert broker == newest


def test_what_a_server_repeats_of_our_secrets_is_not_published() -> None:
    redact.register("a-long-token")
    queue = PublishQueue()
    queue.put_fact(Outgoing("health", b'{"reasons":["InfluxDB: Token a-long-token"]}', "application/json", retain=True))
    queue.put_event(Outgoing("result", b"a-long-token", "text/plain"))
    assert [out.payload for out in queue.take(9)] == [b'{"reasons":["InfluxDB: Token [redacted]"]}', b"[redacted]"]
