"""What vehicle-soc's commands are answered."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from vehicle_soc.domain.wording.problems import Problem


@dataclass(frozen=True, slots=True)
class SocTaken:
    """A state of charge that a person read off the car counts."""

    kind: ClassVar[str] = "soc_taken"
    vehicle: str
    soc_pct: float


@dataclass(frozen=True, slots=True)
class MeasuredInFuture:
    """A value by hand names a moment that has not come."""

    kind: ClassVar[str] = "measured_in_future"


@dataclass(frozen=True, slots=True)
class MeasuredLongAgo:
    """A value by hand is older than any that counts."""

    kind: ClassVar[str] = "measured_long_ago"
    max_age: timedelta


@dataclass(frozen=True, slots=True)
class BeingAsked:
    """The car's source is asked now."""

    kind: ClassVar[str] = "being_asked"
    vehicle: str


@dataclass(frozen=True, slots=True)
class SpeaksByItself:
    """The car's source cannot be asked."""

    kind: ClassVar[str] = "speaks_by_itself"


@dataclass(frozen=True, slots=True)
class NothingToAsk:
    """The car has no source of its own."""

    kind: ClassVar[str] = "nothing_to_ask"
    provider: str


@dataclass(frozen=True, slots=True)
class Disabled:
    """The settings forbid to ask the car's source."""

    kind: ClassVar[str] = "disabled"


@dataclass(frozen=True, slots=True)
class TooSoon:
    """The source was asked too recently or too often; possible again at a moment."""

    kind: ClassVar[str] = "too_soon"
    again_at: datetime


@dataclass(frozen=True, slots=True)
class NoCodes:
    """The car's source has no login with codes."""

    kind: ClassVar[str] = "no_codes"
    provider: str


@dataclass(frozen=True, slots=True)
class CodeJustSent:
    """A code was sent a moment ago."""

    kind: ClassVar[str] = "code_just_sent"
    wait: timedelta
    """Shortest time between two codes."""


@dataclass(frozen=True, slots=True)
class CodeSent:
    """A code is on its way; ``where`` is masked."""

    kind: ClassVar[str] = "code_sent"
    where: str


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """The login is done; ``code_needed``: with a code."""

    kind: ClassVar[str] = "logged_in"
    code_needed: bool


@dataclass(frozen=True, slots=True)
class NoCodeAwaited:
    """A code was given that nobody waits for."""

    kind: ClassVar[str] = "no_code_awaited"


@dataclass(frozen=True, slots=True)
class NoSuchVehicle:
    """A command names a vehicle that is not known; those are."""

    kind: ClassVar[str] = "no_such_vehicle"
    known: tuple[str, ...]


type OwnAnswer = (
    SocTaken
    | MeasuredInFuture
    | MeasuredLongAgo
    | BeingAsked
    | SpeaksByItself
    | NothingToAsk
    | Disabled
    | TooSoon
    | NoCodes
    | CodeJustSent
    | CodeSent
    | LoggedIn
    | NoCodeAwaited
    | NoSuchVehicle
)
type CarAnswer = OwnAnswer | Problem
"""Also what a cloud has against it."""
