"""The outbox: the newest of each fact, the newest hundred events, nothing lost in between."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ems.bus.publish_queue import MAX_EVENTS, Outgoing, PublishQueue


def fact(topic: str, payload: str) -> Outgoing:
    return Outgoing(topic, payload.encode(), "text/plain", retain=True)


def event(payload: str) -> Outgoing:
    return Outgoing("event", payload.encode(), "text/plain")


def drained(outbox: PublishQueue) -> list[tuple[str, str]]:
    taken = [(out.topic, out.payload.decode()) for out in outbox.take(10_000)]
    outbox.sent()
    return taken


def test_of_a_fact_only_the_newest_waits_in_the_place_of_the_first() -> None:
    outbox = PublishQueue()
    for out in (fact("a", "1"), fact("b", "1"), fact("a", "2")):
        outbox.fact(out)
    assert drained(outbox) == [("a", "2"), ("b", "1")]
    assert drained(outbox) == []


def test_of_events_the_newest_hundred_wait_in_their_order_and_the_others_are_counted() -> None:
    outbox = PublishQueue()
    for number in range(MAX_EVENTS + 7):
        outbox.event(event(str(number)))
    assert [payload for _, payload in drained(outbox)] == [str(n) for n in range(7, MAX_EVENTS + 7)]
    assert outbox.dropped == 7


def test_what_was_under_way_when_the_connection_broke_waits_in_front_unless_newer_replaced_it() -> None:
    outbox = PublishQueue()
    outbox.fact(fact("a", "1"))
    outbox.event(event("first"))
    outbox.take(10)
    outbox.fact(fact("a", "2"))
    outbox.event(event("second"))
    outbox.put_back()
    assert drained(outbox) == [("a", "2"), ("event", "first"), ("event", "second")]


def test_everything_owned_is_said_again_and_what_was_cleared_stays_cleared() -> None:
    outbox = PublishQueue()
    outbox.fact(fact("a", "1"))
    outbox.fact(fact("b", "1"))
    outbox.fact(fact("b", ""))
    drained(outbox)
    outbox.again()
    assert drained(outbox) == [("a", "1"), ("b", "")]
    outbox.again({"a", "not ours"})
    assert drained(outbox) == [("a", "1")]


def test_only_what_we_hold_can_be_erased_by_others() -> None:
    outbox = PublishQueue()
    outbox.fact(fact("a", "1"))
    outbox.fact(fact("b", ""))
    assert outbox.erased("a", b"")
    assert not outbox.erased("a", b"1")
    assert not outbox.erased("b", b"")
    assert not outbox.erased("not ours", b"")


def test_an_event_that_is_withdrawn_is_not_sent() -> None:
    outbox = PublishQueue()
    number = outbox.event(event("1"))
    outbox.withdraw(number)
    assert drained(outbox) == []
    outbox.withdraw(number)


async def test_it_is_idle_only_when_all_has_arrived() -> None:
    outbox = PublishQueue()
    await outbox.idle()
    outbox.fact(fact("a", "1"))
    outbox.take(1)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await outbox.idle()
    outbox.sent()
    await outbox.idle()


@given(st.lists(st.tuples(st.sampled_from(["fact", "event", "send", "break"]), st.integers(0, 3)), max_size=60))
def test_whatever_happens_the_broker_ends_with_the_newest_of_each_fact(steps: list[tuple[str, int]]) -> None:
    outbox, broker, newest = PublishQueue(), dict[str, bytes](), dict[str, bytes]()
    for number, (step, n) in enumerate(steps):
        if step == "fact":
            out = fact(str(n), str(number))
            newest[out.topic] = out.payload
            outbox.fact(out)
        elif step == "event":
            outbox.event(event(str(number)))
        elif step == "send":
            broker |= {out.topic: out.payload for out in outbox.take(n)}
            outbox.sent()
        else:
            # Some of what was under way arrived, some did not.
            broker |= {out.topic: out.payload for out in outbox.take(3)[:n]}
            outbox.put_back()
    broker |= {out.topic: out.payload for out in outbox.take(10_000)}
    broker.pop("event", None)
    assert broker == newest
