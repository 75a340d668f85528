"""What was learnt, on disk."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from ems.runtime.notation.salvage import Unreadable
from rl_agent.adapters.array_pack import pack, unpack
from rl_agent.adapters.model_files import FOLDER, ModelFiles
from rl_agent.domain.learner import Trained
from rl_agent.domain.night import KeptTraining

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
TRAINED = Trained(
    "tabular", {"q": np.arange(12.0).reshape(3, 4), "seen": np.array([1, 2])}, {"episodes": 40, "home": "a"}
)
KEPT = KeptTraining(TRAINED, 7, NOW, NOW)


def test_what_was_learnt_is_there_again(tmp_path: Path) -> None:
    ModelFiles(tmp_path).save(KEPT)
    found = ModelFiles(tmp_path).load("tabular")
    assert found is not None
    assert (found.version, found.at, found.until) == (7, NOW, NOW)
    assert found.trained.facts == TRAINED.facts
    assert all(np.array_equal(found.trained.arrays[name], TRAINED.arrays[name]) for name in TRAINED.arrays)


def test_nothing_learnt_is_none(tmp_path: Path) -> None:
    assert ModelFiles(tmp_path).load("tabular") is None
    assert ModelFiles(tmp_path).load_partial("tabular") is None


def test_a_finished_training_ends_the_unfinished_one(tmp_path: Path) -> None:
    files = ModelFiles(tmp_path)
    files.save_partial(TRAINED)
    left = files.load_partial("tabular")
    assert left is not None
    assert left.facts == TRAINED.facts
    files.save(KEPT)
    assert files.load_partial("tabular") is None


def test_a_write_that_a_power_cut_ends_leaves_the_old_one(tmp_path: Path) -> None:
    files = ModelFiles(tmp_path)
    files.save(KEPT)
    (tmp_path / FOLDER / "tabular.new").write_bytes(b"half")
    found = files.load("tabular")
    assert found is not None
    assert found.version == 7


HARMS: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "cut off": (lambda b: b[:-10], "checksum"),
    "one bit": (lambda b: b[:-20] + bytes([b[-20] ^ 1]) + b[-19:], "checksum"),
    "another format": (lambda b: b.replace(b"rl-agent 1 ", b"rl-agent 9 ", 1), "format 9"),
    "something else": (lambda _: b"GIF89a", "no file of rl-agent's"),
    "empty": (lambda _: b"", "no file of rl-agent's"),
    "no training": (lambda _: pack({}, {"a": 1}), "nothing that was learnt"),
    "no date": (lambda _: pack({}, {"name": "tabular", "facts": {}}), "does not say when"),
}


@pytest.mark.parametrize("harm", HARMS, ids=str)
def test_a_file_that_cannot_be_used_is_set_aside_with_a_word(tmp_path: Path, harm: str) -> None:
    change, words = HARMS[harm]
    said: list[str] = []
    files = ModelFiles(tmp_path, said.append)
    files.save(KEPT)
    path = tmp_path / FOLDER / "tabular.learnt"
    path.write_bytes(harmed := change(path.read_bytes()))
    assert files.load("tabular") is None
    assert words in said[0]
    assert path.with_name("tabular.learnt.unreadable").read_bytes() == harmed
    files.save(KEPT)
    assert files.load("tabular") is not None


def test_no_python_objects_are_ever_read() -> None:
    with pytest.raises(ValueError, match="allow_pickle"):
        pack({"evil": np.array([object()])}, {})


def test_a_block_says_what_stands_in_it() -> None:
    arrays, document = unpack(pack({"x": np.arange(3)}, {"a": [1, 2]}))
    assert list(arrays["x"]) == [0, 1, 2]
    assert document == {"a": [1, 2]}
    with pytest.raises(Unreadable, match="no document"):
        unpack(pack({}, [1]))  # type: ignore[arg-type]  # what must not be
