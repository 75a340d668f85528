"""What a topic is: a pattern below the suite's prefix, one message class, one owner."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from types import MappingProxyType
from typing import Protocol

from ems.contract.message import Malformed, Message
from ems.contract.service import Service

MAX_PAYLOAD_BYTES = 1_000_000
"""Larger payloads are refused unread; the largest real one is a plan of some 300 kB."""


class Kind(StrEnum):
    """``fact``: retained, newest counts. ``event``: once. ``command`` and ``request``: answered by the owner."""

    FACT = "fact"
    EVENT = "event"
    COMMAND = "command"
    REQUEST = "request"


class Codec[T](Protocol):
    """Bytes to a typed value and back."""

    @property
    def content_type(self) -> str:
        """The MIME type of the payload."""

    def decode(self, payload: bytes) -> T:
        """The value; raises :class:`Malformed`."""

    def encode(self, value: T) -> bytes:
        """The payload of ``value``."""


@dataclass(frozen=True, slots=True)
class Json[M: Message]:
    """A message as UTF-8 JSON."""

    model: type[M]
    content_type: str = "application/json"

    def decode(self, payload: bytes) -> M:
        """See :class:`Codec`."""
        return self.model.parse(payload)

    def encode(self, value: M) -> bytes:
        """See :class:`Codec`."""
        return value.payload()


@dataclass(frozen=True, slots=True)
class Word[E: Enum]:
    """One word of an enumeration as plain text."""

    words: type[E]
    content_type: str = "text/plain"

    def decode(self, payload: bytes) -> E:
        """See :class:`Codec`."""
        try:
            return self.words(payload.decode())
        except ValueError:
            raise Malformed(f"allowed are {', '.join(str(w.value) for w in self.words)}") from None

    def encode(self, value: E) -> bytes:
        """See :class:`Codec`."""
        return str(value.value).encode()


@dataclass(frozen=True, slots=True)
class Svg:
    """An SVG picture as text."""

    content_type: str = "image/svg+xml"

    def decode(self, payload: bytes) -> str:
        """See :class:`Codec`."""
        try:
            text = payload.decode()
        except ValueError:
            raise Malformed("not UTF-8") from None
        if "<svg" not in text[:500]:
            raise Malformed("not an SVG picture")
        return text

    def encode(self, value: str) -> bytes:
        """See :class:`Codec`."""
        return value.encode()


PLACEHOLDERS: Mapping[str, str] = MappingProxyType(
    {
        "service": "|".join(s for s in Service if s is not Service.USERS),
        "id": "[1-9][0-9]{0,2}",
        "tariff": "grid|feedin|solar|co2",
        "device": "[a-z0-9_-]{1,72}",
        "vehicle": "[a-z0-9_-]{1,64}",
        "driver": "[a-z0-9_-]{1,64}",
        "forecast": "load|pv",
        "controller": "lp|rl",
        "event": "[a-z_]{1,64}",
    }
)
"""What each ``{placeholder}`` of a pattern may be."""


@dataclass(frozen=True, slots=True)
class Topic[T]:
    """One kind of topic. ``owner`` publishes facts and events, and answers commands and requests."""

    pattern: str
    codec: Codec[T]
    owner: Service | None
    kind: Kind
    what: str
    peers: frozenset[Service] = frozenset()
    """Who reads a fact or event; who sends a command or request."""
    _regex: re.Pattern[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        parts = re.split(r"\{(\w+)\}", self.pattern)
        regex = "".join(f"(?P<{p}>{PLACEHOLDERS[p]})" if i % 2 else re.escape(p) for i, p in enumerate(parts))
        object.__setattr__(self, "_regex", re.compile(regex))

    @property
    def filter(self) -> str:
        """The MQTT subscription below the prefix: every placeholder is one whole level."""
        return re.sub(r"\{\w+\}", "+", self.pattern)

    def path(self, **names: str) -> str:
        """The topic below the prefix with its placeholders filled.

        Raises:
            ValueError: a name is missing, not known here, or has characters that its placeholder does not allow.
        """
        try:
            path = self.pattern.format(**names)
        except KeyError as missing:
            raise ValueError(f"{self.pattern}: {missing} is missing") from None
        if self.names(path) != names:
            raise ValueError(f"{self.pattern}: {names} are not allowed names")
        return path

    def names(self, path: str) -> dict[str, str] | None:
        """The placeholders' values in ``path`` (below the prefix), or None when it is another topic."""
        match = self._regex.fullmatch(path)
        return match.groupdict() if match else None

    @property
    def result(self) -> str:
        """The pattern of the topic that tells a command's or request's outcome."""
        return re.sub(r"/(set|get)$", "/result", self.pattern)
