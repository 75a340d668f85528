"""A decision made elsewhere is the one that is made here; bytes that are no order are refused in words."""

import zlib
from dataclasses import replace

import pytest

from support.days import DAYS
from tariff_planner.adapters.order_codec import (
    MAX_JSON_BYTES,
    NotReadable,
    answer_bytes,
    order_bytes,
    read_answer,
    read_order,
)
from tariff_planner.domain.decision.decide import decide
from tariff_planner.domain.decision.order import NotPlanned, Planned, carried_out, order


@pytest.mark.parametrize("day", ["two_late_cars", "negative_prices"])
def test_an_order_that_travelled_is_decided_as_it_is_at_home(day: str) -> None:
    inputs = DAYS[day]()
    at_home = decide(inputs)
    answer = read_answer(answer_bytes(carried_out(read_order(order_bytes(order(inputs))))))
    assert isinstance(answer, Planned)
    # How long the solver took is the only thing that may differ.
    timeless = {"solver": None}
    assert answer.plan.model_copy(update=timeless) == at_home.plan.model_copy(update=timeless)
    assert dict(answer.proposals) == dict(at_home.proposals)
    assert (answer.load, answer.pv) == (at_home.load, at_home.pv)


def test_what_cannot_be_planned_comes_back_as_words() -> None:
    answer = read_answer(answer_bytes(carried_out(order(replace(DAYS["winter"](), rates=())))))
    assert isinstance(answer, NotPlanned)
    assert answer.impossible is not None


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        (b"", "incomplete"),
        (b"hello", "not compressed"),
        (zlib.compress(b"{}"), "facts"),
        (zlib.compress(b"[1"), "JSON"),
        (zlib.compress(b" " * (MAX_JSON_BYTES + 1)), "more than"),
        (zlib.compress(b"{}")[:-3], "incomplete"),
    ],
)
def test_bytes_that_are_no_order_are_refused_in_words(payload: bytes, words: str) -> None:
    with pytest.raises(NotReadable, match=words):
        read_order(payload)
