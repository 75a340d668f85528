"""What stands in ``vehicle.problem``: why a car's source does not answer, and what its owner can do.

The records are kept over restarts: the names of their fields, and their kinds, are the keys of the stored memory.
None of them holds a secret or a whole VIN.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from ems.contract.message import Text
from ems.i18n.languages import in_every_language


def vin_end(vin: str) -> str:
    """The last four characters of a VIN: all of it that is ever shown."""
    return f"…{vin[-4:]}" if len(vin) > 4 else "…"


@dataclass(frozen=True, slots=True)
class WrongLogin:
    """The cloud refuses user name or password."""

    kind: ClassVar[str] = "wrong_login"
    cloud: str


@dataclass(frozen=True, slots=True)
class LoginMissing:
    """There is no login yet, or it has run out, and no password to renew it."""

    kind: ClassVar[str] = "login_missing"
    cloud: str
    vehicle: str


@dataclass(frozen=True, slots=True)
class CodeNeeded:
    """The cloud wants a code that it sends to the owner."""

    kind: ClassVar[str] = "code_needed"
    cloud: str
    vehicle: str


@dataclass(frozen=True, slots=True)
class WrongCode:
    """The code is not the right one, or too old."""

    kind: ClassVar[str] = "wrong_code"
    cloud: str


@dataclass(frozen=True, slots=True)
class ConsentNeeded:
    """The owner must agree to the cloud's terms in a browser or app."""

    kind: ClassVar[str] = "consent_needed"
    cloud: str


@dataclass(frozen=True, slots=True)
class PinNeeded:
    """The cloud wants the PIN of its app."""

    kind: ClassVar[str] = "pin_needed"
    cloud: str


@dataclass(frozen=True, slots=True)
class AskedTooOften:
    """The cloud says that it was asked too often."""

    kind: ClassVar[str] = "asked_too_often"
    cloud: str


class Hindrance(StrEnum):
    """Why no answer came, where there is no number for it."""

    LOGIN_PAGE = "login_page"
    NO_ANSWER = "no_answer"
    NO_CONNECTION = "no_connection"
    OUT_OF_SERVICE = "out_of_service"
    UNKNOWN_HOST = "unknown_host"


@dataclass(frozen=True, slots=True)
class Unreachable:
    """The cloud does not answer, for one of two reasons; ``status`` is HTTP's.

    Raises:
        ValueError: both are given, or none.
    """

    kind: ClassVar[str] = "unreachable"
    cloud: str
    why: Hindrance | None = None
    status: int | None = None

    def __post_init__(self) -> None:
        if (self.why is None) == (self.status is None):
            raise ValueError("give one reason")


class Oddity(StrEnum):
    """What an answer is that makes no sense to us."""

    NO_JSON = "no_json"
    LOGIN_SERVICE = "login_service"
    UNKNOWN_CODE = "unknown_code"


@dataclass(frozen=True, slots=True)
class OddAnswer:
    """The cloud's answer makes no sense to us; ``detail`` is an error's name or the cloud's code.

    Raises:
        ValueError: both ``what`` and ``detail`` are given, or none.
    """

    kind: ClassVar[str] = "odd_answer"
    cloud: str
    what: Oddity | None = None
    detail: str | None = None

    def __post_init__(self) -> None:
        if (self.what is None) == (self.detail is None):
            raise ValueError("say one thing")


@dataclass(frozen=True, slots=True)
class NoSoc:
    """The answer is good, but says nothing of a state of charge; ``instead``: a number that is none."""

    kind: ClassVar[str] = "no_soc"
    cloud: str
    instead: float | None = None


@dataclass(frozen=True, slots=True)
class PrivacyMode:
    """The car is in privacy mode."""

    kind: ClassVar[str] = "privacy_mode"
    cloud: str


@dataclass(frozen=True, slots=True)
class NotYours:
    """The account may not read this car."""

    kind: ClassVar[str] = "not_yours"
    cloud: str


@dataclass(frozen=True, slots=True)
class NoSuchCar:
    """The account has no car, or not this one, or several and none is named."""

    kind: ClassVar[str] = "no_such_car"
    cloud: str
    vin_end: str | None
    """Of the car in the settings; None: none is named there."""
    there: tuple[str, ...]
    """The ends of the VINs that the account has."""

    @classmethod
    def among(cls, cloud: str, vin: str | None, vins: Sequence[str]) -> "NoSuchCar":
        """From whole VINs."""
        return cls(cloud, None if vin is None else vin_end(vin), tuple(map(vin_end, vins)))


@dataclass(frozen=True, slots=True)
class NamelessCar:
    """The account lists a car of which it says nothing: its owner has not finished adding it."""

    kind: ClassVar[str] = "nameless_car"
    cloud: str


@dataclass(frozen=True, slots=True)
class DataRefused:
    """The cloud refuses the car although it has just accepted the login."""

    kind: ClassVar[str] = "data_refused"
    cloud: str


@dataclass(frozen=True, slots=True)
class Unsupported:
    """This model does not tell its state of charge."""

    kind: ClassVar[str] = "unsupported"
    cloud: str


@dataclass(frozen=True, slots=True)
class ReadDenied:
    """The broker's rights do not let the account (None: this client) receive the car's topic."""

    kind: ClassVar[str] = "read_denied"
    topic: str
    account: str | None = None


class SettingFault(StrEnum):
    """Why the settings lead nowhere."""

    TOO_LARGE = "too_large"
    """What answers there is longer than any car's state."""
    REDIRECTS = "redirects"
    REFUSED = "refused"
    NO_EMAIL = "no_email"
    """The account has no address for codes."""


@dataclass(frozen=True, slots=True)
class WrongSettings:
    """The settings lead nowhere. ``status`` is HTTP's, where it is known."""

    kind: ClassVar[str] = "wrong_settings"
    cloud: str
    fault: SettingFault
    status: int | None = None


@dataclass(frozen=True, slots=True)
class InOwnWords:
    """What a plug-in says, or what an older version has kept."""

    kind: ClassVar[str] = "in_own_words"
    words: Text

    @classmethod
    def untranslated(cls, words: str) -> "InOwnWords":
        """The same words in every language."""
        return cls(in_every_language(lambda _: words))


type Problem = (
    WrongLogin
    | LoginMissing
    | CodeNeeded
    | WrongCode
    | ConsentNeeded
    | PinNeeded
    | AskedTooOften
    | Unreachable
    | OddAnswer
    | NoSoc
    | PrivacyMode
    | NotYours
    | NoSuchCar
    | NamelessCar
    | DataRefused
    | Unsupported
    | ReadDenied
    | WrongSettings
    | InOwnWords
)
PROBLEMS = (
    WrongLogin,
    LoginMissing,
    CodeNeeded,
    WrongCode,
    ConsentNeeded,
    PinNeeded,
    AskedTooOften,
    Unreachable,
    OddAnswer,
    NoSoc,
    PrivacyMode,
    NotYours,
    NoSuchCar,
    NamelessCar,
    DataRefused,
    Unsupported,
    ReadDenied,
    WrongSettings,
    InOwnWords,
)
"""The same, one by one."""
