"""kill -9 at every step of keeping what was learnt, in real processes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from rl_agent.adapters.agent_db import AgentDb
from rl_agent.adapters.model_files import ModelFiles
from support.killed_saving import BEFORE, DAYS, EPISODES


def test_killed_while_it_keeps_something_it_loses_at_most_the_running_episode(tmp_path: Path) -> None:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    subprocess.run([sys.executable, "-m", "support.killed_saving", tmp_path], env=environment, check=True)
    *killed, whole = sorted(tmp_path.iterdir())
    assert len(killed) > 4 * (EPISODES + 1), "each file that is replaced has four steps at least"
    ended = [_kept(folder) for folder in killed]
    assert [one for one in ended if one == (1, 0)], "some are killed before anything of the night was kept"
    assert [one for one in ended if one == (1, DAYS)], "and between the days and what was learnt"
    assert _kept(whole) == (2, DAYS)


def _kept(folder: Path) -> tuple[int, int]:
    """What is found after it: the version of what was learnt, and the number of judged days."""
    files = ModelFiles(folder, pytest.fail)
    with AgentDb.open(folder, pytest.fail) as db:
        days, judged = db.days("battery", "apprentice"), db.judged_until()
    learnt, so_far = files.load("apprentice"), files.load_partial("apprentice")
    assert learnt is not None, "what was learnt before is never lost"
    assert (judged is None) == (not days), "all of a night's days, or none"
    episodes = max(int(of.facts["episodes"]) for of in (learnt.trained, so_far) if of is not None)
    notes, before = folder / "episodes", int(BEFORE.trained.facts["episodes"])
    assert episodes >= (int(notes.read_text()) if notes.exists() else before) - 1
    if learnt.version > BEFORE.version:
        assert days, "what was learnt later is not there before the days that it may not be judged on"
    return learnt.version, len(days)
