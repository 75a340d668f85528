"""What an answer causes."""

from dataclasses import dataclass
from datetime import datetime

from notifier.domain.memory import Pending
from notifier.domain.wording.records import Said


@dataclass(frozen=True, slots=True)
class RequestGoal:
    """The one who answered wants this of the car."""

    soc_pct: float
    departure: datetime | None = None


@dataclass(frozen=True, slots=True)
class ChargeNow:
    """Full power at the loadpoint where the car is."""


@dataclass(frozen=True, slots=True)
class SendCode:
    """The car's cloud is asked to send a code to its owner."""


@dataclass(frozen=True, slots=True)
class EnterCode:
    """The code that the owner was sent."""

    code: str


type Effect = RequestGoal | ChargeNow | SendCode | EnterCode


@dataclass(frozen=True, slots=True)
class Settled:
    """The question is answered. Without ``outcome`` the effect finds the words."""

    effect: Effect | None = None
    outcome: Said | None = None


@dataclass(frozen=True, slots=True)
class AskNext:
    """The answer led to the next question."""

    pending: Pending
    outcome: Said


@dataclass(frozen=True, slots=True)
class NotUnderstood:
    """The question stays; ``why`` says what would be understood."""

    why: Said


type AnswerOutcome = Settled | AskNext | NotUnderstood
