"""What holds another record, and the type of everything that the notifier can say."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from notifier.domain.wording.goals import Alternative, DepartureHeard, GoalIs, GoalReached, GoalTaken, MayMean, OneOf
from notifier.domain.wording.introductions import ForStrangers, Help, Welcome
from notifier.domain.wording.news import News
from notifier.domain.wording.outcomes import (
    Boosted,
    BoostOutOfRange,
    BoostOver,
    BoostUntil,
    Chosen,
    DidNotWork,
    DoesNotDrive,
    DriverMuted,
    LoggedIn,
    Muted,
    NoSuchDriver,
    NoSuchVehicle,
    NotPluggedIn,
    PossibleAnswers,
    SocTaken,
)
from notifier.domain.wording.questions import Asked
from notifier.domain.wording.remarks import Label, Remark
from notifier.domain.wording.status import CarStatus, HouseStatus


@dataclass(frozen=True, slots=True)
class AboutCar:
    """What is said of one car among several."""

    kind: ClassVar[str] = "about_car"
    car: str
    said: "Said"


@dataclass(frozen=True, slots=True)
class StillWanted:
    """Does an old order still hold? ``meant`` is what it would do."""

    kind: ClassVar[str] = "still_wanted"
    meant: "Said"


@dataclass(frozen=True, slots=True)
class ReadLate:
    """A question about an old order, with its words."""

    kind: ClassVar[str] = "read_late"
    words: str
    written: datetime
    question: "Said"


@dataclass(frozen=True, slots=True)
class WrittenEarlier:
    """Why an old order comes to nothing."""

    kind: ClassVar[str] = "written_earlier"
    written: datetime
    why: "Said"


@dataclass(frozen=True, slots=True)
class OldOrderStays:
    """Why a correction comes to nothing; what was ordered before it stays."""

    kind: ClassVar[str] = "old_order_stays"
    why: "Said"


@dataclass(frozen=True, slots=True)
class Answered:
    """Who answered a question, and what came of it, for everybody who was asked."""

    kind: ClassVar[str] = "answered"
    who: str
    outcome: "Said"


type Said = (
    Remark
    | Label
    | Asked
    | News
    | GoalIs
    | GoalTaken
    | Alternative
    | OneOf
    | MayMean
    | DepartureHeard
    | AboutCar
    | StillWanted
    | ReadLate
    | WrittenEarlier
    | OldOrderStays
    | Answered
    | Chosen
    | LoggedIn
    | DidNotWork
    | PossibleAnswers
    | Boosted
    | BoostUntil
    | BoostOver
    | BoostOutOfRange
    | NotPluggedIn
    | SocTaken
    | Welcome
    | Muted
    | CarStatus
    | HouseStatus
    | Help
    | ForStrangers
    | NoSuchVehicle
    | NoSuchDriver
    | DoesNotDrive
    | GoalReached
    | DriverMuted
)
"""Everything that the notifier can say."""
