"""Why a command was refused before, or failed while, its service carried it out."""

from dataclasses import dataclass
from typing import ClassVar

from ems.contract.validation import Mistake


@dataclass(frozen=True, slots=True)
class Invalid:
    """Fields of it are wrong."""

    kind: ClassVar = "invalid"
    mistakes: tuple[Mistake, ...]


@dataclass(frozen=True, slots=True)
class Retained:
    """The broker keeps it, and would repeat it at every start."""

    kind: ClassVar = "retained"


@dataclass(frozen=True, slots=True)
class NoSuchName:
    """No topic of its kind has that name."""

    kind: ClassVar = "no_such_name"
    pattern: str


@dataclass(frozen=True, slots=True)
class Busy:
    """As many as can be are being carried out."""

    kind: ClassVar = "busy"
    at_once: int


@dataclass(frozen=True, slots=True)
class Failed:
    """Something outside did not work; ``detail`` is the code's, in English."""

    kind: ClassVar = "failed"
    detail: str


type BusRefusal = Invalid | Retained | NoSuchName | Busy | Failed
