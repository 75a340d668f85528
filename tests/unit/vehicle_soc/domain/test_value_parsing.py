"""Numbers, moments and flags out of what other people's systems send."""

import math
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vehicle_soc.domain.value_parsing import (
    distance_km,
    document,
    find,
    flag,
    moment,
    number,
    percent,
)

NOW = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
ANYTHING = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.integers(), max_size=2)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        *[(0, 0), ("63 %", 63), ("63,5", 63.5), (" 63.5 ", 63.5), (-3, -3)],
        *[(True, None), (None, None), ("", None), ("nan", None), ("1e5", None), ("63 apples", None), ("١٢", None)],
        *[(math.inf, None), (10**400, None)],
    ],
)
def test_a_number_is_a_number_and_nothing_else_is(value: Any, expected: float | None) -> None:
    assert number(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-11-20T18:00:00Z", NOW),
        ("2026-11-20T19:00:00+01:00", NOW),
        (NOW.timestamp(), NOW),
        (NOW.timestamp() * 1000, NOW),
        (str(int(NOW.timestamp())), NOW),
        ("2026-11-20T18:00:00", None),
        (NOW.replace(tzinfo=None), None),
        (0, None),
        ("yesterday", None),
        (1e300, None),
    ],
)
def test_a_time_without_an_offset_or_out_of_this_world_is_none(value: Any, expected: datetime | None) -> None:
    assert moment(value) == expected


@given(ANYTHING)
def test_no_value_breaks_a_parser(value: Any) -> None:
    found = number(value)
    assert found is None or math.isfinite(found)
    assert percent(value) is None or 0 <= percent(value) <= 100  # type: ignore[operator]  # not None here
    assert distance_km(value, miles=True) is None or distance_km(value, miles=True) >= 0  # type: ignore[operator]
    assert flag(value) in {True, False, None}
    when = moment(value)
    assert when is None or when.tzinfo is UTC


@given(st.text(), st.text())
def test_no_document_and_no_path_break_the_search(text: str, path: str) -> None:
    find(document(text), path)


def test_a_json_pointer_may_hold_slashes_and_a_deep_document_is_just_text() -> None:
    assert find({"a/b": {"~": [1, 2]}}, "/a~1b/~0/1") == 2
    assert document("[" * 100_000) == "[" * 100_000
