"""Every reason that the planner can give, each with its optional parameters absent and present."""

import types
import typing
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import MISSING, fields
from datetime import UTC, datetime, timedelta
from enum import Enum
from itertools import product
from typing import Any, get_args, get_origin

from ems.contract.message import Text
from tariff_planner.domain.wording.alternatives import Alternative
from tariff_planner.domain.wording.reasons import AnyReason

MAX_CHARACTERS = 160
"""Of one sentence: what a phone shows without cutting it."""
NOW = datetime(2026, 1, 14, 21, tzinfo=UTC)
_LATER = datetime(2026, 1, 16, 2, 30, tzinfo=UTC)
_CAR = "Familienkutsche"
"""A long name, as people give it."""


def classes() -> list[type[Any]]:
    """Each class of a reason."""
    return list(members(AnyReason))


def examples(cls: type[Any]) -> Iterator[Any]:
    """Reasons of that class: each parameter with every value that it can have, the others absent, then present."""
    for given in _parameters(cls):
        with suppress(ValueError):  # combinations that cannot be
            yield cls(**given)


def _parameters(cls: type[Any]) -> Iterator[dict[str, Any]]:
    hints = typing.get_type_hints(cls)
    choices = {f.name: _values(hints[f.name]) for f in fields(cls)}
    optional = {f.name for f in fields(cls) if f.default is not MISSING}
    required = {name: values[0] for name, values in choices.items() if name not in optional}
    if cls is Alternative:
        # Each alternative with each outcome: more would say the same again.
        for instead, suffers in product(choices["instead"], choices["suffers"]):
            full = {name: values[-1] for name, values in choices.items()}
            yield full | {"instead": instead, "suffers": suffers}
            yield {"instead": instead, "suffers": suffers, "more_eur": 0.0, "short_kwh": 0.04}
        return
    yield required
    for name, values in choices.items():
        for value in values:
            yield required | {name: value}
            yield {other: given[-1] for other, given in choices.items()} | {name: value}


def _values(kind: Any) -> list[Any]:
    """Values of that type, the fullest last."""
    if kind in PLAIN:
        return PLAIN[kind]
    if isinstance(kind, typing.TypeAliasType):
        return _values(kind.__value__)
    if get_origin(kind) in {typing.Union, types.UnionType}:
        given = [value for member in get_args(kind) if member is not type(None) for value in _values(member)]
        return [None, *given] if type(None) in get_args(kind) else given
    if get_origin(kind) is tuple:
        values = _values(get_args(kind)[0])
        return [(), tuple(values[:1]), tuple(values[-2:])]
    return list(kind) if issubclass(kind, Enum) else list(dict.fromkeys(examples(kind)))


PLAIN: dict[Any, list[Any]] = {
    bool: [False, True],
    int: [1, 502],
    Text: [Text(en="Said in own words.", de="In eigenen Worten.", nl="In eigen woorden.")],
    float: [-0.004, 0.0, 12.34],
    str: [_CAR],
    datetime: [NOW + timedelta(hours=1), _LATER],
    timedelta: [timedelta(seconds=40), timedelta(hours=3, minutes=20)],
}


def members(kind: Any) -> Iterator[type[Any]]:
    """The classes of a union."""
    if isinstance(kind, typing.TypeAliasType):
        yield from members(kind.__value__)
    elif get_origin(kind) in {typing.Union, types.UnionType}:
        for member in get_args(kind):
            yield from members(member)
    else:
        yield kind
