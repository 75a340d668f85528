"""Reads JSON objects without a schema: wrong types become absent values and noted problems, never exceptions."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

NEVER_S = 9_223_372_036
"""evcc's "never" as a duration, in seconds: the largest that Go has."""


@dataclass(frozen=True, slots=True)
class JsonObject:
    """An object of evcc's at ``where``. ``problems`` collects what could not be read, for the whole state."""

    data: Mapping[str, Any]
    where: str = ""
    problems: list[str] = field(default_factory=list)

    def number(self, *keys: str) -> float | None:
        """The number under the first of ``keys`` that has one; None where evcc has none (absent or null)."""
        for key in keys:
            value = self.data.get(key)
            if value is None:
                continue
            if (number := as_number(value)) is None:
                self.cannot_read(key, "a number")
                continue
            return number
        return None

    def positive(self, *keys: str) -> float | None:
        """A number above 0; None otherwise, because evcc writes 0 where it does not know."""
        for key in keys:
            number = self.number(key)
            if number is not None and number > 0:
                return number
        return None

    def not_negative(self, *keys: str) -> float | None:
        """A number from 0 on."""
        number = self.number(*keys)
        if number is not None and number < 0:
            self.cannot_read(keys[0], "0 or more")
            return None
        return number

    def percent(self, *keys: str) -> float | None:
        """A share in %; one percent outside the scale is taken for measuring noise."""
        number = self.number(*keys)
        if number is None:
            return None
        if not -1 <= number <= 101:
            self.cannot_read(keys[0], "from 0 to 100 %")
            return None
        return min(max(number, 0.0), 100.0)

    def count(self, key: str) -> int | None:
        """A whole number from 0 on."""
        number = self.not_negative(key)
        if number is not None and (number != int(number) or number > 1e6):
            self.cannot_read(key, "a whole number")
            return None
        return None if number is None else int(number)

    def flag(self, key: str) -> bool | None:
        """A yes or no."""
        value = self.data.get(key)
        if value is None or isinstance(value, bool):
            return value
        self.cannot_read(key, "true or false")
        return None

    def text(self, *keys: str) -> str | None:
        """Words; None where there are none."""
        for key in keys:
            value = self.data.get(key)
            if value is None or value == "":
                continue
            if not isinstance(value, str):
                self.cannot_read(key, "a text")
                continue
            return clean(value)
        return None

    def moment(self, key: str) -> datetime | None:
        """A moment (RFC3339); None where there is none, which Go also writes as the year 1."""
        value = self.data.get(key)
        if value is None or value == "":
            return None
        moment = as_moment(value)
        if moment is None:
            self.cannot_read(key, "a time")
            return None
        return moment if moment.year > 1 else None

    def child(self, key: str) -> "JsonObject":
        """The object under ``key``, or an empty one."""
        value = self.data.get(key)
        where = self._path(key)
        if isinstance(value, Mapping):
            return JsonObject(value, where, self.problems)
        if value is not None:
            self.cannot_read(key, "an object")
        return JsonObject({}, where, self.problems)

    def children(self, key: str) -> list["JsonObject"]:
        """The objects of the list under ``key``; each keeps its place, an unreadable one is empty."""
        value = self.data.get(key)
        if value is None:
            return []
        if not isinstance(value, list):
            self.cannot_read(key, "a list")
            return []
        found = []
        for i, item in enumerate(value):
            readable = isinstance(item, Mapping)
            if not readable:
                self.cannot_read(f"{key}[{i}]", "an object")
            found.append(JsonObject(item if readable else {}, self._path(f"{key}[{i}]"), self.problems))
        return found

    def cannot_read(self, key: str, expected: str) -> None:
        """Notes that what stands under ``key`` is not what it should be."""
        self.problems.append(f"{self._path(key)} is not {expected}")

    def _path(self, key: str) -> str:
        return f"{self.where}.{key}" if self.where else key


def as_number(value: Any) -> float | None:
    """``value`` as a finite number without the noise of binary fractions, or None."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    # Adding 0.0 turns -0.0 into 0.0, so that nobody reads "-0 %".
    return round(number, 6) + 0.0 if math.isfinite(number) else None


def as_moment(value: Any) -> datetime | None:
    """``value`` as a moment in UTC: RFC3339 with an offset, or seconds since 1970; None when it is neither."""
    try:
        if isinstance(value, str):
            moment = datetime.fromisoformat(value)
            return moment.astimezone(UTC) if moment.tzinfo else None
        number = as_number(value)
        return None if number is None else datetime.fromtimestamp(number, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def clean(text: str) -> str | None:
    """``text`` as it can be sent (no lone surrogates, no control characters, at most 200 letters); None when empty."""
    printable = "".join(c for c in text if c.isprintable()).strip()
    return printable[:200] or None
