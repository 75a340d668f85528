"""Nights that are killed with SIGKILL while something is kept: ``python -m support.killed_saving FOLDER``.

At every step of it in turn: each night has a folder of its own below FOLDER, and is a process of its own. It begins
with one training; ``episodes`` beside it says which episode was learnt last. The last night is left to its end.
"""

import asyncio
import io
import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Self, cast, override
from unittest.mock import patch

from ems.runtime import state_dir
from ems.virtual_house.world import World
from rl_agent import worker
from rl_agent.adapters.agent_db import AgentDb
from rl_agent.adapters.model_files import ModelFiles
from rl_agent.adapters.night_pack import pack_job, unpack_result
from rl_agent.domain.columns import MeasuredColumns
from rl_agent.domain.home_world import Ahead
from rl_agent.domain.learner import Progress, Trained
from rl_agent.domain.night import KeptTraining, NightJob, NightResult
from rl_agent.house_view import HouseView
from rl_agent.nightly import Nightly
from rl_agent.settings import Settings
from support.clocks import StandingClock
from support.learning import START, TERMS, KnownWorth, compared_days, measured
from support.quiet_bus import QuietBus

NOW = START + timedelta(days=8)
EPISODES = 2
DAYS = 3
"""Judged days that the night brings."""
BEFORE = KeptTraining(Trained("apprentice", {}, {"episodes": 4}), 1, NOW - timedelta(days=1), NOW)


@dataclass(frozen=True)
class Noted(KnownWorth):
    """Notes each episode before it is kept."""

    notes: Path = Path()

    @override
    def train(self, world: World, before: Trained | None, progress: Progress) -> Trained | None:
        def noted(share: float, so_far: Trained | None = None) -> None:
            assert so_far is not None
            self.notes.write_text(str(so_far.facts["episodes"]))
            progress(share, so_far)

        return super().train(world, before, noted)


@dataclass
class Halved:
    """A file whose content is written in two parts."""

    file: Any
    step: Callable[[], None]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()

    def write(self, content: bytes) -> None:
        self.file.write(content[: len(content) // 2])
        self.file.flush()
        self.step()
        self.file.write(content[len(content) // 2 :])

    def __getattr__(self, name: str) -> Any:
        return getattr(self.file, name)


@contextmanager
def killed_at(last: int, db: AgentDb) -> Iterator[None]:
    """This process is killed before step ``last`` of what touches the disk."""
    done = count()

    def step() -> None:
        if next(done) == last:
            os.kill(os.getpid(), signal.SIGKILL)

    def before[**P, R](call: Callable[P, R]) -> Callable[P, R]:
        def called(*args: P.args, **more: P.kwargs) -> R:
            step()
            return call(*args, **more)

        return called

    db._db.set_trace_callback(lambda _: step())
    with (
        patch.object(state_dir, "open", lambda *args: Halved(os.fdopen(*args), step), create=True),
        patch.object(os, "open", before(os.open)),
        patch.object(os, "fsync", before(os.fsync)),
        patch.object(Path, "replace", before(Path.replace)),
        patch.object(Path, "unlink", before(Path.unlink)),
    ):
        yield


async def one_night(folder: Path, history: MeasuredColumns, db: AgentDb) -> None:
    """The service's own night's work, with the worker's in the same process."""

    async def runner(
        job: NightJob,
        state_dir: Path,
        on_progress: Callable[[str, float], None],  # noqa: ARG001
        on_words: Callable[[str], object],  # noqa: ARG001
    ) -> NightResult:
        told = io.BytesIO()
        streams = (SimpleNamespace(buffer=io.BytesIO(pack_job(job, state_dir))), SimpleNamespace(buffer=told))
        with patch.object(sys, "stdin", streams[0]), patch.object(sys, "stdout", streams[1]):
            worker.main((Noted(episodes=EPISODES, notes=folder / "episodes"),))
        told.seek(0)
        while "result" not in (said := json.loads(told.readline())):
            pass
        found = unpack_result(told.read(said["result"]))
        return replace(found, days=compared_days(DAYS, NOW.date()), judged_until=NOW.date())

    view = SimpleNamespace(terms=lambda: TERMS, devices=lambda _: ("battery",), ahead=Ahead)
    bus, settings = QuietBus(StandingClock(NOW)), Settings(state_dir=folder)
    nightly = Nightly(bus, settings, db, cast("HouseView", view), ("apprentice",), runner)
    assert await nightly.work(history)


def main(folder: Path) -> int:
    """Nights until one comes to its end; returns the exit status."""
    history = measured(8)
    for step in count():
        at = folder / f"{step:03}"
        at.mkdir()
        ModelFiles(at).save(BEFORE)
        with AgentDb.open(at, sys.exit):
            pass
        pid = os.fork()
        if not pid:
            with AgentDb.open(at, sys.exit) as db, killed_at(step, db):
                asyncio.run(one_night(at, history, db))
            os._exit(0)
        _, status = os.waitpid(pid, 0)
        if os.WIFEXITED(status):
            return os.WEXITSTATUS(status)
    raise AssertionError


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
