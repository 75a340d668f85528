"""What came of an answer, of an order of a driver, or of a command from the bus."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from ems.contract.message import Text


@dataclass(frozen=True, slots=True)
class Chosen:
    """The car that was chosen."""

    kind: ClassVar[str] = "chosen"
    car: str


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """The end of a login."""

    kind: ClassVar[str] = "logged_in"
    car: str


@dataclass(frozen=True, slots=True)
class DidNotWork:
    """Another service refused; ``why`` are its words."""

    kind: ClassVar[str] = "did_not_work"
    why: Text


@dataclass(frozen=True, slots=True)
class Choice:
    """An option's key and what it is called."""

    key: str
    label: Text


@dataclass(frozen=True, slots=True)
class PossibleAnswers:
    """What can be answered."""

    kind: ClassVar[str] = "possible_answers"
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Boosted:
    """A boost has begun."""

    kind: ClassVar[str] = "boosted"
    car: str
    until: datetime


@dataclass(frozen=True, slots=True)
class BoostUntil:
    """What a boost is that was ordered a while ago."""

    kind: ClassVar[str] = "boost_until"
    car: str
    until: datetime


@dataclass(frozen=True, slots=True)
class BoostOver:
    """A boost was ended."""

    kind: ClassVar[str] = "boost_over"
    car: str


@dataclass(frozen=True, slots=True)
class BoostOutOfRange:
    """How long a boost may be."""

    kind: ClassVar[str] = "boost_out_of_range"
    max_min: float


@dataclass(frozen=True, slots=True)
class NotPluggedIn:
    """Nothing can be charged."""

    kind: ClassVar[str] = "not_plugged_in"
    car: str


@dataclass(frozen=True, slots=True)
class SocTaken:
    """A value by hand was taken."""

    kind: ClassVar[str] = "soc_taken"
    car: str
    soc_pct: float


@dataclass(frozen=True, slots=True)
class Muted:
    """Silence begins."""

    kind: ClassVar[str] = "muted"
    until: datetime


@dataclass(frozen=True, slots=True)
class NoSuchVehicle:
    """A command names a vehicle that is not known; those are."""

    kind: ClassVar[str] = "no_such_vehicle"
    known: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NoSuchDriver:
    """A command names a driver who is not known; those are."""

    kind: ClassVar[str] = "no_such_driver"
    known: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DoesNotDrive:
    """A command speaks for a driver about a car that is not theirs."""

    kind: ClassVar[str] = "does_not_drive"
    driver: str
    car: str


@dataclass(frozen=True, slots=True)
class DriverMuted:
    """A command silenced the notifier for a driver; without a moment it ended that."""

    kind: ClassVar[str] = "driver_muted"
    driver: str
    until: datetime | None = None
