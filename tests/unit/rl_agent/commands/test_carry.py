"""Carrying what was learnt to another machine."""

import io
import json
import tarfile
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest

from ems.contract.service import Service
from ems.service import runner
from rl_agent.adapters.agent_db import AgentDb
from rl_agent.adapters.model_files import ModelFiles
from rl_agent.app import describe, run
from rl_agent.commands import carry
from rl_agent.domain.learner import Trained
from rl_agent.domain.night import KeptTraining, NightResult
from rl_agent.settings import Settings

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)


def command(folder: Path, *words: str) -> int:
    settings = folder.with_suffix(".json")
    settings.write_text(json.dumps({"state_dir": str(folder)}))
    argv = ["--config", str(settings), *words]
    commands = (carry.EXPORT, carry.IMPORT)
    return runner.main(Service.RL_AGENT, Settings, run, describe=describe, commands=lambda: commands, argv=argv)


@pytest.fixture
def learnt(tmp_path: Path) -> Path:
    folder = tmp_path / "here"
    folder.mkdir()
    kept = KeptTraining(Trained("apprentice", {"w": np.arange(3.0)}, {"days": 40}), 5, NOW, NOW)
    ModelFiles(folder).save(kept)
    with AgentDb.open(folder, lambda _: None) as db:
        db.add(NightResult(judged_until=date(2026, 3, 1), trainings={"apprentice": kept}))
    return folder


def test_what_was_learnt_and_judged_here_is_there_after_export_and_import(learnt: Path, tmp_path: Path) -> None:
    archive, there = tmp_path / "learnt.tar.gz", tmp_path / "there"
    assert command(learnt, "export", str(archive)) == 0
    assert archive.stat().st_mode & 0o077 == 0
    assert command(there, "import", str(archive)) == 0
    found = ModelFiles(there).load("apprentice")
    assert found is not None
    assert found.version == 5
    with AgentDb.open(there, pytest.fail) as db:
        assert db.judged_until() == date(2026, 3, 1)


def test_what_was_there_before_is_kept(learnt: Path, tmp_path: Path) -> None:
    archive = tmp_path / "learnt.tar.gz"
    command(learnt, "export", str(archive))
    assert command(learnt, "import", str(archive)) == 0
    assert (learnt / "learner.db.before").exists()
    assert (learnt / "learnt" / "apprentice.learnt.before").exists()


def test_nothing_learnt_is_nothing_to_export(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    assert command(folder, "export", str(tmp_path / "x.tar.gz")) == 1
    assert "holds nothing that was learnt" in capsys.readouterr().err


@pytest.mark.parametrize("case", ["no archive", "a stranger", "a path upwards", "a cut file", "missing"])
def test_an_archive_that_cannot_be_used_changes_nothing(
    case: str, learnt: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    archive = tmp_path / "odd.tar.gz"
    entries = {
        "a stranger": {"settings.json": b"{}"},
        "a path upwards": {"learnt/../../x.learnt": b"x"},
        "a cut file": {"learnt/apprentice.learnt": (learnt / "learnt" / "apprentice.learnt").read_bytes()[:-9]},
    }
    if case == "no archive":
        archive.write_bytes(b"hello")
    elif case != "missing":
        with tarfile.open(archive, "w:gz") as opened:
            for name, content in entries[case].items():
                entry = tarfile.TarInfo(name)
                entry.size = len(content)
                opened.addfile(entry, io.BytesIO(content))
    before = {path: path.read_bytes() for path in learnt.rglob("*") if path.is_file()}
    assert command(learnt, "import", str(archive)) == 1
    assert str(archive) in capsys.readouterr().err
    assert {path: path.read_bytes() for path in learnt.rglob("*") if path.is_file()} == before
