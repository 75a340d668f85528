"""Numbers, moments and flags out of what other people's systems send; what makes no sense is None."""

import json
import math
import re
from datetime import UTC, datetime, tzinfo
from typing import Any

_NUMBER = re.compile(r"\s*([+-]?\d{1,12}(?:[.,]\d{1,12})?)\s*(?:%|km|kWh|V)?\s*", re.ASCII)
_YES = frozenset({"true", "on", "yes", "connected", "charging"})
_NO = frozenset({"false", "off", "no", "disconnected", "complete", "stopped", "not_charging", "ready_for_charging"})
_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)


def number(value: Any) -> float | None:
    """A finite number from a number or a text such as ``63``, ``63.5 %`` or ``63,5``; a boolean is none."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        match = _NUMBER.fullmatch(value)
        return float(match[1].replace(",", ".")) if match else None
    if isinstance(value, int | float):
        try:
            found = float(value)
        except OverflowError:
            return None
        return found if math.isfinite(found) else None
    return None


def percent(value: Any) -> float | None:
    """A number from 0 to 100, or None."""
    found = number(value)
    return found if found is not None and 0 <= found <= 100 else None


def impossible_percent(value: Any) -> float | None:
    """A number that is no percentage (255, -1): what some systems send where they know none."""
    found = number(value)
    return found if found is not None and not 0 <= found <= 100 else None


def distance_km(value: Any, *, miles: bool = False) -> float | None:
    """A distance that is not negative, in km."""
    found = number(value)
    if found is None or found < 0:
        return None
    return found * 1.609344 if miles else found


def flag(value: Any) -> bool | None:
    """Yes or no from a boolean, a number (0 is no) or one of the usual words."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and (word := value.strip().lower()) in _YES | _NO:
        return word in _YES
    found = number(value)
    return None if found is None else found != 0


def moment(value: Any, zone: tzinfo | None = None) -> datetime | None:
    """An aware UTC moment from ISO 8601 with an offset, or from Unix seconds or milliseconds.

    A time without an offset is in ``zone``, and None where there is no ``zone``: nobody says which one it is in. Of the
    two moments that a clock shows when it is put back, the earlier one is meant.
    """
    try:
        if isinstance(value, datetime):
            found = value
        elif isinstance(value, str) and number(value) is None:
            found = datetime.fromisoformat(value.strip())
        else:
            seconds = number(value)
            if seconds is None:
                return None
            found = datetime.fromtimestamp(seconds / 1000 if seconds > 1e11 else seconds, UTC)
        if found.tzinfo is None:
            if zone is None:
                return None
            found = found.replace(tzinfo=zone)
        found = found.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return found if found >= _EARLIEST else None


def zoneless(value: Any) -> bool:
    """Whether ``value`` is a time that only lacks its zone."""
    return moment(value) is None and moment(value, UTC) is not None


def document(text: str) -> Any:
    """The JSON in ``text``, or ``text`` itself where it is none (a bare ``63.5`` is a number)."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def find(tree: Any, path: str) -> Any:
    """What stands at ``path`` in ``tree``, or None.

    ``/data/0/soc`` is a JSON pointer (RFC 6901); ``data[0].soc`` and ``$.data.0.soc`` are the dotted form.
    """
    for part in steps(path):
        if isinstance(tree, dict):
            tree = tree.get(part)
        elif isinstance(tree, list) and part.isdecimal() and part.isascii() and len(part) < 10:
            tree = tree[int(part)] if int(part) < len(tree) else None
        else:
            return None
    return tree


def steps(path: str) -> list[str]:
    """The keys and indices that ``path`` goes down."""
    if path.startswith("/"):
        return [part.replace("~1", "/").replace("~0", "~") for part in path[1:].split("/")]
    dotted = path.removeprefix("$").replace("[", ".").replace("]", "")
    return [part for part in dotted.split(".") if part]
