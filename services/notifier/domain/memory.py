"""Everything that the notifier must not forget, as one value: each change makes a new one, kept as a whole.

The names of its fields are the keys of the stored memory: with another name an older memory could not be read.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated

from ems.contract.message import Text
from ems.contract.people import Question
from ems.i18n.kept import by_kind
from notifier.domain.goal_rules import GoalChange, GoalRequests
from notifier.domain.throttle import PastReason
from notifier.domain.wording.news import NEWS, News
from notifier.domain.wording.questions import ASKED, Asked

IN_DOUBT = 0
"""Instead of a message's id: it is under way, or was when we were interrupted."""
NOT_TAKEN = -1
"""Instead of a message's id: Telegram did not want it."""
RECENT = 200
"""Number of the newest pressed buttons, and of receipts, that are remembered."""
MAX_GIVEN = 50
"""Number of the newest orders that can be corrected by editing their message."""
MAX_OPEN_ORDERS = 50
"""Most orders at a time that wait for a word."""
ORDER_OPEN = timedelta(days=2)
"""Age at which an order that waits for a word is dropped."""


class Stage(StrEnum):
    """How far a question of several steps has come."""

    FIRST = "first"
    BOTH = "both"
    """How full and by when are asked at once."""
    HOW_FULL = "how_full"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class Pending:
    """A question that waits for an answer, and what is known already."""

    question: Question
    """As it was asked first; what is shown is said anew from ``asks``."""
    stage: Stage = Stage.FIRST
    departure: datetime | None = None
    """Said in an earlier step."""
    also: str | None = None
    """Another vehicle whose drivers are asked as well."""
    talking: str | None = None
    """A driver who is in the middle of it, and is asked on even in quiet hours."""
    group: str | None = None
    """The group in which they are talking; None: each driver is asked in their own chat."""
    asks: Annotated[Asked | None, *by_kind(*ASKED, optional=True)] = None
    """What is asked; None: an older version has kept its words alone."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A question as it stands in a driver's chat; ``outcome`` is what it is to be replaced with.

    ``message_id`` is Telegram's, or :data:`IN_DOUBT`, or :data:`NOT_TAKEN`.
    """

    question: str
    driver: str
    message_id: int
    text: str
    outcome: str | None = None
    receipt: str | None = None
    """Id of the :class:`Receipt` whose buttons stand below the outcome."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A message that a driver has not been sent yet; silence turns several of them into a digest."""

    id: str
    driver: str
    at: datetime
    text: Text
    until: datetime | None = None
    """Afterwards it is of no use any more."""
    news: Annotated[News | None, *by_kind(*NEWS, optional=True)] = None
    """What it says; None: an older version has kept its words alone."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """A goal that a driver can still change or undo by a button below its confirmation."""

    id: str
    driver: str
    vehicle: str


@dataclass(frozen=True, slots=True)
class Origin:
    """The message of a driver's that an order comes from."""

    chat_id: int
    message_id: int


@dataclass(frozen=True, slots=True)
class GivenOrder:
    """What a message ordered, so that a correction of it can take the order's place."""

    origin: Origin
    driver: str
    words: str
    answered: Pending | None = None
    """The question that it answered."""
    led_to: str | None = None
    """Id of the question that followed from it."""
    goal: GoalChange | None = None
    boosted: str | None = None
    """The vehicle that it gave full power."""


@dataclass(frozen=True, slots=True)
class OpenOrder:
    """An order that waits for a word of its driver: which car it is for, or whether it still holds."""

    id: str
    driver: str
    origin: Origin
    written: datetime
    words: str
    text: str
    """What the driver is asked."""
    subject: str
    """What it is about: a newer one about the same takes its place."""
    question: str | None = None
    """Id of the question that it answers."""
    group: str | None = None
    cars: tuple[str, ...] = ()
    """The vehicles that it may be for; none: whether it holds is asked."""


@dataclass(frozen=True, slots=True)
class Memory:
    """The notifier's memory."""

    wishes: GoalRequests = field(default_factory=GoalRequests)
    pending: tuple[Pending, ...] = ()
    deliveries: tuple[Delivery, ...] = ()
    notices: tuple[Notice, ...] = ()
    receipts: tuple[Receipt, ...] = ()
    told: tuple[PastReason, ...] = ()
    muted: tuple[tuple[str, datetime], ...] = ()
    """Driver and until when."""
    pressed: tuple[str, ...] = ()
    """Ids of the newest buttons that were pressed."""
    offset: int = 0
    """The first of Telegram's updates that has not been handled."""
    heard_at: datetime | None = None
    """When Telegram last told all that it had: what comes afterwards was written or pressed later."""
    given: tuple[GivenOrder, ...] = ()
    open_orders: tuple[OpenOrder, ...] = ()
    moved: tuple[tuple[int, int], ...] = ()
    """Groups that have become supergroups: the id in the settings, and the one of today."""

    def muted_until(self, driver: str, now: datetime) -> datetime | None:
        """When the silence that a driver asked for ends; None when there is none."""
        return next((until for name, until in self.muted if name == driver and until > now), None)

    def given_by(self, origin: Origin) -> GivenOrder | None:
        """What a message ordered, if that is remembered."""
        return next((g for g in self.given if g.origin == origin), None)

    def question(self, vehicle: str) -> Pending | None:
        """What is being asked about a vehicle."""
        return next((p for p in self.pending if p.question.vehicle == vehicle), None)

    def question_by_id(self, question_id: str) -> Pending | None:
        """The pending question with this id, if it still waits."""
        return next((p for p in self.pending if p.question.id == question_id), None)
