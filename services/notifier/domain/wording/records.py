"""Everything that the notifier says, as data. Those that are kept in the memory are read again by their ``kind``."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from ems.contract.message import Text
from notifier.domain.wording.parts import EnergyPrice, NamedCar
from notifier.domain.wording.remarks import Label, Remark


@dataclass(frozen=True, slots=True)
class CheapEnergy:
    """Energy is cheap from ``start`` on (None: now): how full should the car be?"""

    kind: ClassVar[str] = "cheap_energy"
    car: NamedCar
    price: EnergyPrice
    plugged_in: bool
    start: datetime | None = None


@dataclass(frozen=True, slots=True)
class WhenNeeded:
    """The car was plugged in: when is it needed?"""

    kind: ClassVar[str] = "when_needed"
    car: NamedCar


@dataclass(frozen=True, slots=True)
class GoalInWords:
    """How full, and by when, in one's own words?"""

    kind: ClassVar[str] = "goal_in_words"
    car: str


@dataclass(frozen=True, slots=True)
class HowFull:
    """How full should it be, by a departure that is known (None: no hurry)?"""

    kind: ClassVar[str] = "how_full"
    car: str
    departure: datetime | None = None


@dataclass(frozen=True, slots=True)
class WhichMeant:
    """Which of the buttons' values is meant; ``single``: is it the only one?"""

    kind: ClassVar[str] = "which_meant"
    car: str
    single: bool


@dataclass(frozen=True, slots=True)
class PleaseSwap:
    """``other`` is done and stands where ``car`` should charge."""

    kind: ClassVar[str] = "please_swap"
    car: NamedCar
    other: NamedCar


@dataclass(frozen=True, slots=True)
class PleaseSwapForPlan:
    """The plan wants ``car`` at the charger from a moment on, in place of ``other``."""

    kind: ClassVar[str] = "please_swap_for_plan"
    car: NamedCar
    other: NamedCar
    start: datetime


@dataclass(frozen=True, slots=True)
class CodeOffered:
    """A cloud wants a code: should it be sent? ``why`` is vehicle-soc's."""

    kind: ClassVar[str] = "code_offered"
    car: str
    why: Text


@dataclass(frozen=True, slots=True)
class CodeAwaited:
    """A code was sent: which is it?"""

    kind: ClassVar[str] = "code_awaited"
    car: str


type Asked = (
    CheapEnergy
    | WhenNeeded
    | GoalInWords
    | HowFull
    | WhichMeant
    | PleaseSwap
    | PleaseSwapForPlan
    | CodeOffered
    | CodeAwaited
)
"""Questions."""
ASKED = (
    CheapEnergy,
    WhenNeeded,
    GoalInWords,
    HowFull,
    WhichMeant,
    PleaseSwap,
    PleaseSwapForPlan,
    CodeOffered,
    CodeAwaited,
)
"""The same, one by one."""


@dataclass(frozen=True, slots=True)
class PlugInForPrice:
    """A reminder before cheap energy begins: the car is wanted to be that full."""

    kind: ClassVar[str] = "plug_in_for_price"
    car: NamedCar
    wanted_soc_pct: float
    start: datetime
    price: EnergyPrice


@dataclass(frozen=True, slots=True)
class PlugInForPlan:
    """A reminder before the plan needs the car."""

    kind: ClassVar[str] = "plug_in_for_plan"
    car: NamedCar
    by: datetime


@dataclass(frozen=True, slots=True)
class InOthersWords:
    """What another service says."""

    kind: ClassVar[str] = "in_others_words"
    words: Text


type News = PlugInForPrice | PlugInForPlan | InOthersWords
"""What drivers are told without having asked."""
NEWS = (PlugInForPrice, PlugInForPlan, InOthersWords)
"""The same, one by one."""


@dataclass(frozen=True, slots=True)
class GoalIs:
    """A car's goal; without a SoC it has none, without a departure it counts whenever energy is cheap."""

    kind: ClassVar[str] = "goal_is"
    car: str
    soc_pct: float | None = None
    departure: datetime | None = None
    asked_by: str = ""


@dataclass(frozen=True, slots=True)
class GoalTaken:
    """What was understood; ``first`` counts before it, where somebody needs more, or earlier."""

    kind: ClassVar[str] = "goal_taken"
    mine: GoalIs
    first: GoalIs | None = None


@dataclass(frozen=True, slots=True)
class Alternative:
    """One meaning of words that have several, short enough for a button.

    Raises:
        ValueError: it means nothing.
    """

    kind: ClassVar[str] = "alternative"
    soc_pct: float | None = None
    departure: datetime | None = None

    def __post_init__(self) -> None:
        if self.soc_pct is None and self.departure is None:
            raise ValueError("means nothing")


@dataclass(frozen=True, slots=True)
class OneOf:
    """An old order for a car that may mean one of these.

    Raises:
        ValueError: they may mean nothing.
    """

    kind: ClassVar[str] = "one_of"
    car: str
    alternatives: tuple[Alternative, ...]

    def __post_init__(self) -> None:
        if not self.alternatives:
            raise ValueError("means nothing")


@dataclass(frozen=True, slots=True)
class MayMean:
    """Words of a command that may mean one of these: they are refused.

    Raises:
        ValueError: they may mean nothing.
    """

    kind: ClassVar[str] = "may_mean"
    alternatives: tuple[Alternative, ...]

    def __post_init__(self) -> None:
        if not self.alternatives:
            raise ValueError("means nothing")


@dataclass(frozen=True, slots=True)
class DepartureHeard:
    """What was heard as the departure, before how full is asked."""

    kind: ClassVar[str] = "departure_heard"
    departure: datetime


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
class Welcome:
    """After /start."""

    kind: ClassVar[str] = "welcome"
    name: str


@dataclass(frozen=True, slots=True)
class Muted:
    """Silence begins."""

    kind: ClassVar[str] = "muted"
    until: datetime


@dataclass(frozen=True, slots=True)
class CarStatus:
    """One line of /status."""

    kind: ClassVar[str] = "car_status"
    car: str
    soc_pct: float | None
    plugged_in: bool
    goal: GoalIs


@dataclass(frozen=True, slots=True)
class HouseStatus:
    """The last line of /status.

    Raises:
        ValueError: nothing is known.
    """

    kind: ClassVar[str] = "house_status"
    price: EnergyPrice | None = None
    battery_soc_pct: float | None = None

    def __post_init__(self) -> None:
        if self.price is None and self.battery_soc_pct is None:
            raise ValueError("nothing to say")


@dataclass(frozen=True, slots=True)
class Help:
    """What the bot understands."""

    kind: ClassVar[str] = "help"


@dataclass(frozen=True, slots=True)
class StrangerId:
    """The number with which a stranger's chat can be admitted."""

    kind: ClassVar[str] = "stranger_id"
    chat_id: int


@dataclass(frozen=True, slots=True)
class GroupId:
    """The number with which a group can be admitted."""

    kind: ClassVar[str] = "group_id"
    chat_id: int


@dataclass(frozen=True, slots=True)
class NotADriver:
    """The number with which somebody in an admitted group can be."""

    kind: ClassVar[str] = "not_a_driver"
    user_id: int


type ForStrangers = StrangerId | GroupId | NotADriver
"""What is said to people of whom nobody knows the language."""


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
class GoalReached:
    """A goal that the car has reached already."""

    kind: ClassVar[str] = "goal_reached"
    car: str
    soc_pct: float
    wanted_soc_pct: float


@dataclass(frozen=True, slots=True)
class DriverMuted:
    """A command silenced the notifier for a driver; without a moment it ended that."""

    kind: ClassVar[str] = "driver_muted"
    driver: str
    until: datetime | None = None


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
