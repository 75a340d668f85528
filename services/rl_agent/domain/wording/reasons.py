"""Everything that the learner can say."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from ems.contract.control import Choice
from ems.contract.site import BatteryMode, LoadpointMode
from rl_agent.domain.judge.gate import Cause


@dataclass(frozen=True, slots=True)
class PersonChose:
    """A person decided who steers."""

    kind: ClassVar = "person_chose"
    choice: Choice


@dataclass(frozen=True, slots=True)
class NothingJudged:
    """The plan steers: no learner was judged on a day of this device yet."""

    kind: ClassVar = "nothing_judged"
    history_days: float
    needed_days: int
    """So many must be measured before anything is learnt."""


@dataclass(frozen=True, slots=True)
class Gathering:
    """The plan steers, and the evidence for a learner is being gathered."""

    kind: ClassVar = "gathering"
    learner: str
    days: int
    e_value: float
    needed: float
    days_to_go: int | None


@dataclass(frozen=True, slots=True)
class SkilledButDearer:
    """The plan steers: the learner foresees better, and yet its days cost more."""

    kind: ClassVar = "skilled_but_dearer"
    learner: str
    days: int
    saving_eur_per_day: float


@dataclass(frozen=True, slots=True)
class LearnerSteers:
    """The learner has earned it."""

    kind: ClassVar = "learner_steers"
    learner: str
    since: datetime
    """The midnight after the day that decided it."""
    days: int
    """Judged since then."""
    saving_eur_per_day: float | None
    skill_pct: float | None


@dataclass(frozen=True, slots=True)
class HandedBack:
    """The learner steered and had to hand back; evidence is gathered anew."""

    kind: ClassVar = "handed_back"
    learner: str
    cause: Cause
    since: datetime
    e_value: float
    needed: float
    days_to_go: int | None


@dataclass(frozen=True, slots=True)
class BatteryWanted:
    """What a learner would have the battery do."""

    kind: ClassVar = "battery_wanted"
    learner: str
    mode: BatteryMode


@dataclass(frozen=True, slots=True)
class CarWanted:
    """How a learner would have the car charged."""

    kind: ClassVar = "car_wanted"
    learner: str
    mode: LoadpointMode


@dataclass(frozen=True, slots=True)
class WaitsForHistory:
    """Too little was measured to learn from."""

    kind: ClassVar = "waits_for_history"
    history_days: float
    needed_days: int


@dataclass(frozen=True, slots=True)
class Training:
    """Learning goes on at the moment."""

    kind: ClassVar = "training"
    progress_pct: float


@dataclass(frozen=True, slots=True)
class LearntFrom:
    """Something was learnt from the home's days."""

    kind: ClassVar = "learnt_from"
    history_days: float
    at: datetime


@dataclass(frozen=True, slots=True)
class NothingLearnt:
    """A night has passed, and too little was measured for the learner."""

    kind: ClassVar = "nothing_learnt"
    following: datetime


@dataclass(frozen=True, slots=True)
class LearningFailed:
    """The last night's work was not done."""

    kind: ClassVar = "learning_failed"
    following: datetime


type Verdict = PersonChose | NothingJudged | Gathering | SkilledButDearer | LearnerSteers | HandedBack
type Wish = BatteryWanted | CarWanted
type Lesson = WaitsForHistory | Training | LearntFrom | NothingLearnt | LearningFailed
type AnyReason = Verdict | Wish | Lesson
