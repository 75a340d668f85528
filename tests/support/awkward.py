"""Records of what can be said, with parameters that sentences stumble over: nothing, a lot, long names, odd nights."""

import types
import typing
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any, get_args, get_origin
from zoneinfo import ZoneInfo

from ems.contract.message import Text

BERLIN = ZoneInfo("Europe/Berlin")
LONG_NAME = "Familienkutsche mit Anhängerkupplung, Dachbox und Kindersitz"
USUAL_NAME = "Familienkutsche"
NAMES = ["Zoë's „Kleiner“", 'Öhmchens "R5"', LONG_NAME]
WORDS = Text(en="Said in own words.", de="In eigenen Worten.", nl="In eigen woorden.")
NUMBERS: dict[str, list[float]] = {
    "kwh": [0.04, 0.3, 123.45],
    "pct": [0.0, 99.6, 100.0],
    "kw": [0.0, 4.2, 1000.0],
    "w": [-2500.0, -0.4, 0.0, 40.0],
    "eur": [-0.3, -0.00004, 0.0, 0.004, 0.987],
    "": [0.0, 0.04, 100.0],
}
"""By the unit that a parameter's name ends in (or holds, before ``per``)."""


@dataclass(frozen=True, slots=True)
class Occasion:
    """When something is said, of which moments, in which money."""

    name: str
    now: datetime
    moments: tuple[datetime, ...]
    currency: str


def _utc(month: int, day: int, hour: int, minute: int = 0, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


FIRST_HALF_PAST_TWO, SECOND_HALF_PAST_TWO = _utc(10, 25, 0, 30), _utc(10, 25, 1, 30)
AUTUMN = Occasion(
    "autumn",
    _utc(10, 24, 20),
    (_utc(10, 24, 22), FIRST_HALF_PAST_TWO, SECOND_HALF_PAST_TWO, _utc(10, 28, 6)),
    "NOK",
)
SPRING = Occasion(
    "spring", _utc(3, 28, 21), (_utc(3, 28, 22), _utc(3, 29, 0, 59), _utc(3, 29, 1), _utc(3, 29, 1, 30)), "HUF"
)
"""The clocks go from 02:00 to 03:00 at 01:00 UTC."""
YEARS_END = Occasion(
    "years_end", _utc(12, 31, 19), (_utc(12, 31, 23), _utc(12, 31, 22, 45), _utc(1, 14, 6, year=2027)), "AUD"
)
NOWADAYS = Occasion("yen", _utc(6, 1, 23, 30), (_utc(6, 2, 0), _utc(6, 2, 22), _utc(6, 5, 4)), "JPY")
"""Half past one at night: "tomorrow" would be the wrong word."""
OCCASIONS = (AUTUMN, SPRING, YEARS_END, NOWADAYS)


def awkward(cls: type[Any], at: Occasion, given: Mapping[Any, list[Any]]) -> Iterator[Any]:
    """Records of that class: each parameter with each awkward value, the others at their first, then at their last.

    Args:
        cls: the record's class.
        at: gives the moments.
        given: the values of parameters by name or by type, where the type alone does not tell what makes sense.
    """
    hints = typing.get_type_hints(cls)
    choices = {f.name: given.get(f.name) or _values(hints[f.name], f.name, at, given) for f in fields(cls)}
    first = {name: values[0] for name, values in choices.items()}
    last = {name: values[-1] for name, values in choices.items()}
    tried = [
        first,
        last,
        *(base | {name: v} for name, values in choices.items() for v in values for base in (first, last)),
    ]
    for parameters in tried:
        with suppress(ValueError):  # combinations that cannot be
            yield cls(**parameters)


def _values(kind: Any, name: str, at: Occasion, given: Mapping[Any, list[Any]]) -> list[Any]:
    """Values of that type, None first."""
    if kind in given:
        return given[kind]
    if isinstance(kind, typing.TypeAliasType):
        return _values(kind.__value__, name, at, given)
    if get_origin(kind) in {typing.Union, types.UnionType}:
        members = [member for member in get_args(kind) if member is not type(None)]
        values = [value for member in members for value in _values(member, name, at, given)]
        return [None, *values] if len(members) < len(get_args(kind)) else values
    if get_origin(kind) is tuple:
        values = _values(get_args(kind)[0], name, at, given)
        return [(), tuple(values[:1]), tuple(values[-2:])]
    if is_dataclass(kind):
        return list(awkward(typing.cast("type[Any]", kind), at, given))
    return list(kind) if issubclass(kind, Enum) else _plain(kind, name, at)


def _plain(kind: type, name: str, at: Occasion) -> list[Any]:
    if kind is float:
        unit = name.split("_per_", maxsplit=1)[0].rpartition("_")[2]
        return list(NUMBERS.get(unit, NUMBERS[""]))
    values: dict[type, list[Any]] = {
        bool: [False, True],
        int: [1, 400],
        str: NAMES,
        datetime: list(at.moments),
        timedelta: [timedelta(0), timedelta(seconds=40), timedelta(minutes=59, seconds=40), timedelta(hours=26)],
        Text: [WORDS],
    }
    return values[kind]
