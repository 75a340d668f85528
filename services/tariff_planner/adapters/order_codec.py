"""Orders and their answers as bytes: compressed JSON, validated in full; nothing in it is ever run."""

import zlib
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from tariff_planner.domain.decision.order import OrderAnswer, PlanOrder

MAX_JSON_BYTES = 16_000_000
"""Longest JSON that is unpacked; 400 days of history are some 9 MB."""
LEVEL = 6
"""Of compression: a fifth of the size for some 60 ms."""


class NotReadable(Exception):
    """The bytes are no order, or no answer; they may come from another version."""


def order_bytes(given: PlanOrder) -> bytes:
    """An order."""
    return zlib.compress(_adapter(PlanOrder).dump_json(given), LEVEL)


def read_order(payload: bytes) -> PlanOrder:
    """The order in ``payload``.

    Raises:
        NotReadable: there is none.
    """
    order: PlanOrder = _read(PlanOrder, payload)
    return order


def answer_bytes(answer: OrderAnswer) -> bytes:
    """An answer."""
    return zlib.compress(_adapter(OrderAnswer).dump_json(answer), LEVEL)


def read_answer(payload: bytes) -> OrderAnswer:
    """The answer in ``payload``.

    Raises:
        NotReadable: there is none.
    """
    answer: OrderAnswer = _read(OrderAnswer, payload)
    return answer


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    """Made when it is first needed: a planner that plans by itself has none."""
    return TypeAdapter(kind)


def _read(kind: Any, payload: bytes) -> Any:
    unpacking = zlib.decompressobj()
    try:
        json = unpacking.decompress(payload, MAX_JSON_BYTES)
    except zlib.error as error:
        raise NotReadable(f"not compressed as it should be: {error}") from None
    if unpacking.unconsumed_tail or not unpacking.eof:
        raise NotReadable(f"incomplete, or more than {MAX_JSON_BYTES} bytes")
    try:
        return _adapter(kind).validate_json(json)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        raise NotReadable(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from None
