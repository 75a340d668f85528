"""Garbage at any place of what a real evcc showed is survived, and what is sent is valid."""

from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from evcc_poller.domain.parsing.state import EvccFacts, read_state
from evcc_poller.domain.parsing.vehicle_names import VehicleNames
from support.evcc_recorded import VERSIONS, body

AT = datetime(2026, 11, 21, 7, 10, tzinfo=UTC)
NAMES = VehicleNames()


def facts(state: Any, names: VehicleNames = NAMES) -> EvccFacts:
    return read_state(state, AT, names)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


def paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a JSON value."""
    found = [path] if path else []
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        found += paths(inner, (*path, key))
    return found


def changed(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """``value`` with another one at ``path``."""
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = changed(value[path[0]], path[1:], new)
    return copy


STATES = [{k: v for k, v in body(v, "state-plan").items() if k != "forecast"} for v in VERSIONS]
PLACES = [(state, path) for state in STATES for path in paths(state)]


@given(place=st.sampled_from(PLACES), garbage=JSON)
def test_garbage_at_any_place_of_a_real_state_is_survived_and_sent(place: Any, garbage: Any) -> None:
    state, path = place
    found = facts(changed(state, path, garbage))
    for message in (found.site, *found.loadpoints):
        assert type(message).parse(message.payload()) == message


@given(state=st.dictionaries(st.sampled_from(sorted(STATES[2])) | st.text(max_size=8), JSON, max_size=8))
def test_a_state_of_nothing_but_garbage_is_survived_and_sent(state: dict[str, Any]) -> None:
    found = facts(state)
    assert found.site.payload()
