"""What every learner is to the service: trained at night, asked for modes by day, judged on what it foresaw.

The service calls a learner in three places. At night, in a process of its own: ``train``, then, for the judge,
``policy`` with the judged days in a virtual house and ``daily_errors``. By day, in the service's process, once a
decision: ``policy`` (some 100 ms of work at most) and one ``decide`` (50 ms).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

from numpy.typing import NDArray

from ems.virtual_house.live import ModePolicy
from ems.virtual_house.world import World


@dataclass(frozen=True, slots=True, eq=False)
class Trained:
    """What a learner has learnt. The service keeps it: versioned, checksummed, replaced whole.

    A learner reads only what it wrote itself; what it cannot use any more (other shapes, another home) it ignores, as
    if ``before`` were None.
    """

    name: str
    """The learner's."""
    arrays: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    """By name; never of Python objects."""
    facts: Mapping[str, str | float | int] = field(default_factory=dict)
    """By name: what people may read of it (episodes, epsilon, days it was trained on), and what it goes on from."""


class Progress(Protocol):
    """Told by a learner as it trains, at least every few seconds."""

    def __call__(self, share: float, so_far: Trained | None = None) -> None:
        """Says how much is done, and what was learnt so far.

        Args:
            share: of this training, 0 to 1.
            so_far: kept at once: if the process ends now, the next training is given it as ``before``. A learner
                that trains in episodes gives it after each, so that at most the running one is lost.
        """
        ...


@dataclass(frozen=True, slots=True)
class DayErrors:
    """How well the expected net load of one local day was foreseen, by the plan and by the learner, on the same slots.

    The judge adds them up to pairs of days for a promotion, and looks at days for a demotion.
    """

    day: date
    plan_kw2: float
    """Sum of the plan's squared errors."""
    learner_kw2: float
    """Sum of the learner's."""
    samples: int
    """Of how many pairs of slot and lead."""


class Learner(Protocol):
    """A way of learning. Stateless: all it knows is in :class:`Trained` and in the world."""

    @property
    def name(self) -> str:
        """``apprentice``, ``tabular``: stable for ever, it names files and rows."""
        ...

    def train(self, world: World, before: Trained | None, progress: Progress) -> Trained | None:
        """Learns from ``world``; None while there is too little to learn from.

        Args:
            world: the home's past. Only slots before ``world.first`` may be learnt from: the rest is judged.
            before: what the last training gave, or its last ``so_far``.
            progress: see there.
        """
        ...

    def policy(self, world: World, trained: Trained) -> ModePolicy:
        """Decides in ``world`` with what was learnt.

        It is asked for slots from ``world.first`` on, in order. Slots that have not happened yet are NaN in
        ``world.past.load_kw`` and ``pv_kw`` (``solar_kw`` is evcc's forecast there) and ``idle``; ``world.known`` never
        reaches beyond the prices that are there. What it decides for a slot must not depend on what was measured in
        it or after it.
        """
        ...

    def daily_errors(self, world: World, trained: Trained) -> tuple[DayErrors, ...]:
        """The paired errors of every local day that lies whole between ``world.first`` and ``world.end``, oldest first.

        Each error is of an expectation that was possible when it was made: from what lay before its origin and from
        ``trained``, which the caller took from before ``world.first``. Slots that were not measured do not count, a
        day without any is left out. Empty for a learner that foresees nothing.
        """
        ...
