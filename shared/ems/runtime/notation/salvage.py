"""What can be read of a document that was not written by this version, or not by us."""

import json
from collections.abc import Collection, Iterator
from math import isfinite
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json

type Place = tuple[int | str, ...]
"""Where something stands in a document: the keys and indices that lead to it."""


class Unreadable(Exception):
    """Nothing of what was kept can be used; the text says why."""


def readable[T](
    adapter: TypeAdapter[T], text: str | bytes, collections: Collection[Place] = ()
) -> tuple[T, tuple[str, ...]]:
    """The document in ``text`` (JSON) without what of it cannot be read, and the names of that.

    So a file of a newer version, or one that somebody has edited, costs what is strange in it and nothing else; a
    number that is none (NaN) is strange everywhere. What is left out is a whole field of the document, or a whole
    member of one of its ``collections`` (where they stand in it): nothing is half read.

    Raises:
        Unreadable: it is no JSON object, of another version (``v``), or lacks what it must have.
    """
    lost: list[str] = []
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise Unreadable("it is damaged")
    while True:
        try:
            found = adapter.validate_json(json.dumps(document))
            places = [place for place, number in _numbers(adapter.dump_python(found)) if not isfinite(number)]
            if not places:
                return found, tuple(lost)
        except ValidationError as error:
            places = [e["loc"] for e in error.errors(include_url=False, include_input=False, include_context=False)]
        strange = {place[: _depth(place, collections)] for place in places if place}
        # Python's parser takes half of a surrogate pair and any depth, pydantic's does not, nor does it say where.
        strange = strange or {place for place, value in _parts(document, collections) if not _legible(place, value)}
        if ("v",) in strange:
            raise Unreadable("it is of another version")
        # From the back, so that what goes first moves nothing else of its list.
        gone = [_removed(document, place) for place in sorted(strange, key=_order, reverse=True)]
        if not gone or not all(gone):
            raise Unreadable("it is damaged, or not what this version writes")
        lost += sorted(_name(place) for place in strange)


def _depth(place: Place, collections: Collection[Place]) -> int:
    """How much of ``place`` names what is left out as a whole."""
    return max((len(within) + 1 for within in collections if place[: len(within)] == within), default=1)


def _numbers(value: Any, place: Place = ()) -> Iterator[tuple[Place, float]]:
    match value:
        case float():
            yield place, value
        case dict():
            for key, member in value.items():
                yield from _numbers(member, (*place, key))
        case list() | tuple() | set() | frozenset():
            for index, member in enumerate(value):
                yield from _numbers(member, (*place, index))


def _parts(value: Any, collections: Collection[Place], place: Place = ()) -> Iterator[tuple[Place, Any]]:
    """What can be left out as a whole, and where it stands."""
    if place and place not in collections:
        yield place, value
        return
    match value:
        case dict():
            inner: Iterator[tuple[int | str, Any]] = iter(value.items())
        case list():
            inner = enumerate(value)
        case _:
            yield place, value
            return
    for step, member in inner:
        yield from _parts(member, collections, (*place, step))


def _legible(place: Place, value: Any) -> bool:
    """Whether pydantic's parser takes what stands at ``place``, and its name."""
    try:
        from_json(json.dumps([place[-1], value]))
    except ValueError:
        return False
    return True


def _name(place: Place) -> str:
    return " ".join(map(str, place)).encode(errors="backslashreplace").decode()


def _order(place: Place) -> list[str]:
    return [f"{step:09}" if isinstance(step, int) else step for step in place]


def _removed(document: Any, place: Place) -> bool:
    """Removes what stands at ``place``; whether something did."""
    try:
        for step in place[:-1]:
            document = document[step]
        del document[place[-1]]
    except (LookupError, TypeError):
        return False
    return True
