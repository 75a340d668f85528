"""The night's work: when it is done, how far it is, and what becomes of its result."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

import structlog

from ems.bus.api import Bus
from ems.contract.learning import LearnerState, Learning
from ems.contract.topics import LEARNING
from ems.i18n.health import troubles
from ems.runtime.errors import PermanentError, TransientError
from rl_agent.adapters.agent_db import AgentDb
from rl_agent.adapters.model_files import ModelFiles
from rl_agent.domain.columns import MeasuredColumns
from rl_agent.domain.learner import Trained
from rl_agent.domain.night import KeptTraining, NightJob, NightResult
from rl_agent.domain.wording.reasons import (
    LearningFailed,
    LearntFrom,
    Lesson,
    NothingLearnt,
    Training,
    WaitsForHistory,
)
from rl_agent.domain.wording.renderer import Renderer
from rl_agent.house_view import HouseView
from rl_agent.settings import Settings

_log = structlog.get_logger(__name__)

LOOK_S = 300
"""How often it is looked whether the time has come, in seconds: whatever was done to the wall clock meanwhile."""
AGAIN = timedelta(hours=1)
"""How long after a failure it is tried again."""
STEP_PCT = 5.0
"""Progress is told in steps of so much."""


class NightRunner(Protocol):
    """Does a job somewhere else than in the event loop."""

    def __call__(
        self,
        job: NightJob,
        state_dir: Path,
        on_progress: Callable[[str, float], None],
        on_words: Callable[[str], object],
    ) -> Awaitable[NightResult]:
        """The result; raises :class:`TransientError` when there is none."""
        ...


class Nightly:
    """Owns what was learnt."""

    def __init__(
        self, bus: Bus, settings: Settings, db: AgentDb, view: HouseView, learners: Sequence[str], runner: NightRunner
    ) -> None:
        self._bus, self._settings, self._db, self._view, self._runner = bus, settings, db, view, runner
        self._files = ModelFiles(settings.state_dir, self.say)
        self._learners = tuple(learners)
        self._kept: dict[str, KeptTraining] = {
            name: kept for name in learners if (kept := self._files.load(name)) is not None
        }
        self.on_progress: Callable[[], None] = lambda: None
        """Called when there is something new to publish."""
        self._progress: dict[str, float] = {}
        self._told_pct = -STEP_PCT
        self._failed: Mapping[str, str] = {}
        self._tried_at: datetime | None = None
        self._history_days = 0.0

    @property
    def learnt(self) -> dict[str, Trained]:
        """By learner, what it learnt last."""
        return {name: kept.trained for name, kept in self._kept.items()}

    def say(self, words: str) -> None:
        """Something that a person should know, in health and log: a file was set aside."""
        self._bus.health.degraded("state", troubles.FileSetAside(words))

    def due(self, now: datetime) -> bool:
        """Whether it is time to learn."""
        if self._tried_at is not None and now - self._tried_at < AGAIN:
            return False
        if self._history_days < self._settings.first_training_days:
            return False
        last = [kept.at for kept in self._kept.values()]
        if self._tried_at is not None and not self._failed:
            last.append(self._tried_at)
        return not last or max(last) < self._night_before(now)

    async def work(self, measured: MeasuredColumns) -> bool:
        """Does a night's work and keeps what it brings; whether it was done."""
        now, terms = self._bus.clock.now(), self._view.terms()
        self._tried_at = now
        if terms is None:
            return False
        job = NightJob(
            measured=measured,
            terms=terms,
            devices=self._view.devices(terms),
            now=now,
            ahead=self._view.ahead(),
            trainings=self._kept,
            judged_until=self._db.judged_until(),
            stored=self._db.stored(),
        )
        self._progress, self._told_pct = dict.fromkeys(self._learners, 0.0), -STEP_PCT
        self._progressed("", 0.0)
        try:
            async with self._bus.clock.timeout(self._settings.training_max_s):
                result = await self._runner(job, self._settings.state_dir, self._progressed, self.say)
        except TransientError as why:
            self._end({"": str(why)})
            return False
        except TimeoutError:
            self._end({"": f"it took longer than {self._settings.training_max_s:.0f} s; it goes on from there"})
            return False
        # In this order: what was learnt later must not be there before the days that it may not be judged on.
        try:
            self._db.add(result)
        except PermanentError as why:
            self._end({"": str(why)})
            return False
        try:
            for name, kept in result.trainings.items():
                self._files.save(kept)
                self._kept[name] = kept
        except OSError as error:
            self._end({"": f"what was learnt cannot be kept: {error.strerror}"})
            return False
        self._bus.health.ok("state")
        _log.info(
            "night done",
            judged=len(result.days),
            learnt={name: kept.version for name, kept in result.trainings.items()},
            failed=dict(result.failed),
        )
        self._end(result.failed)
        return True

    def publish(self, measured: MeasuredColumns) -> None:
        """Publishes how far the learners are."""
        self._history_days = measured.known_days
        now = self._bus.clock.now()
        say = Renderer(self._settings.zone, now).text
        training = bool(self._progress)
        states = []
        for name in self._learners:
            kept = self._kept.get(name)
            states.append(
                LearnerState(
                    name=name,
                    trained_at=kept.at if kept else None,
                    version=kept.version if kept else None,
                    progress_pct=_pct(self._progress[name]) if name in self._progress else None,
                    facts=dict(kept.trained.facts) if kept else {},
                    text=say(self._lesson(kept, name, now)),
                )
            )
        last = max(self._kept.values(), key=lambda kept: kept.at, default=None)
        self._bus.publish(
            LEARNING,
            Learning(
                at=now,
                history_days=round(self._history_days, 2),
                training=training,
                progress_pct=_pct(self._done) if training else None,
                next_training=self.next_training(now),
                learners=tuple(states),
                text=say(self._lesson(last, "", now)),
            ),
        )

    def next_training(self, now: datetime) -> datetime:
        """When it learns next."""
        return self._night_before(now, days=1)

    @property
    def _done(self) -> float:
        return sum(self._progress.values()) / len(self._progress) if self._progress else 0.0

    def _lesson(self, kept: KeptTraining | None, name: str, now: datetime) -> Lesson:
        if self._progress:
            return Training(_pct(self._progress.get(name, self._done)))
        if self._history_days < self._settings.first_training_days:
            return WaitsForHistory(self._history_days, self._settings.first_training_days)
        if name in self._failed or "" in self._failed:
            return LearningFailed(self.next_training(now))
        return NothingLearnt(self.next_training(now)) if kept is None else LearntFrom(self._history_days, kept.at)

    def _night_before(self, now: datetime, days: int = 0) -> datetime:
        """The last time of day to learn at before ``now``, or so many days later."""
        local = now.astimezone(self._settings.zone)
        at = datetime.combine(local.date(), self._settings.train_at, self._settings.zone)
        if at > local:
            at -= timedelta(days=1)
        return (at + timedelta(days=days)).astimezone(now.tzinfo)

    def _progressed(self, learner: str, share: float) -> None:
        if learner in self._progress:
            self._progress[learner] = share
        done = _pct(self._done)
        if done >= self._told_pct + STEP_PCT:
            self._told_pct = done
            _log.info("learning", progress_pct=round(done))
            self.on_progress()

    def _end(self, failed: Mapping[str, str]) -> None:
        self._progress, self._failed = {}, failed
        if failed:
            words = "; ".join(f"{name or 'the night'}: {why}" for name, why in failed.items())
            self._bus.health.degraded("learning", troubles.LearningFailed(words))
        else:
            self._bus.health.ok("learning")


def _pct(share: float) -> float:
    return round(100 * min(1.0, max(0.0, share)), 1)
