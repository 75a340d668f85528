"""What the learner has learnt, and how far it is with learning."""

from pydantic import Field

from ems.contract.message import Message, Part, Text
from ems.contract.units import Instant, Percent


class LearnerState(Part):
    """One of the ways of learning."""

    name: str = Field(description="apprentice, tabular")
    trained_at: Instant | None = Field(default=None, description="absent: it has learnt nothing yet")
    version: int | None = Field(default=None, ge=1, description="counts its trainings")
    progress_pct: Percent | None = Field(default=None, description="of the training that runs now")
    facts: dict[str, str | float] = Field(default_factory=dict, description="what it says of itself")
    text: Text


class Learning(Message):
    """How far the learners are."""

    at: Instant
    history_days: float = Field(ge=0, json_schema_extra={"unit": "d"}, description="of measured load")
    training: bool = Field(description="whether it learns at the moment")
    progress_pct: Percent | None = Field(default=None, description="of the training that runs now, all learners")
    next_training: Instant | None = None
    learners: tuple[LearnerState, ...] = ()
    text: Text
