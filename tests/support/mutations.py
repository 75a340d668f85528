"""Documents that were right once: some of their places are gone, doubled, moved, or hold what nobody expects."""

import copy
from collections.abc import Iterable, Iterator
from typing import Any

from hypothesis import strategies as st

ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, -0.0, 1e-300, 1e308, -1e308, 2**63, -(2**63), 10**400, float("nan"), float("inf"),
    "", " ", "0", "NaN", "null", "é", "e\u0301", "\u202e", "\x00", "\ud800", "💥" * 40, "a" * 5000, "../../etc/passwd",
    "1970-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "2026-11-29T25:61:00Z",
    "2026-11-29T12:00:00", "2026-03-29T02:30:00+01:00", "PT1H", "{{x}}",
    [], {}, [[]], [None], {"": ""}, [{}] * 3, list(range(200)), {"a": {"b": {"c": []}}},
)  # fmt: skip
"""What clouds, people and broken software have been seen to send instead."""

type Place = tuple[str | int, ...]


def places(document: Any, at: Place = ()) -> Iterator[Place]:
    """Every place in ``document``, itself first."""
    yield at
    match document:
        case dict():
            children: Iterable[tuple[Any, Any]] = document.items()
        case list():
            children = enumerate(document)
        case _:
            return
    for key, value in children:
        yield from places(value, (*at, key))


@st.composite
def mutated(draw: st.DrawFn, originals: tuple[Any, ...], most: int = 4) -> Any:
    """One of ``originals`` with up to ``most`` places changed."""
    document = copy.deepcopy(draw(st.sampled_from(originals)))
    for _ in range(draw(st.integers(1, most))):
        document = _changed(draw, document)
    return document


def _changed(draw: st.DrawFn, document: Any) -> Any:
    chosen = draw(st.sampled_from(tuple(places(document))))
    if not chosen:
        return copy.deepcopy(draw(st.sampled_from(ODD))) if draw(st.integers(0, 9)) == 0 else document
    parent, key = document, chosen[-1]
    for step in chosen[:-1]:
        parent = parent[step]
    match draw(st.sampled_from(("replace", "near", "remove", "insert", "swap"))):
        case "remove":
            del parent[key]
        case "insert" if isinstance(parent, list):
            parent.insert(int(key), copy.deepcopy(draw(st.sampled_from((*parent, *ODD)))))
        case "insert":
            parent[draw(st.text(max_size=12))] = copy.deepcopy(draw(st.sampled_from(ODD)))
        case "swap":
            other = draw(st.sampled_from(tuple(parent) if isinstance(parent, dict) else range(len(parent))))
            parent[key], parent[other] = parent[other], parent[key]
        case "near":
            parent[key] = _near(draw, parent[key])
        case _:
            parent[key] = copy.deepcopy(draw(st.sampled_from(ODD)))
    return document


def _near(draw: st.DrawFn, value: Any) -> Any:
    """The same kind of thing, slightly or wildly off."""
    match value:
        case bool():
            return not value
        case int() | float():
            factor, more = draw(st.sampled_from((-1, 0, 0.001, 1000, 1e6, 1.0000001))), draw(st.integers(-1, 1))
            return value * factor + more if abs(value) < 1e300 else -value
        case str():
            others = (value.upper(), value[::-1], value * 3, value[:-1], f" {value}", f"{value}\n")
            return draw(st.sampled_from(others))
        case _:
            return [value]
