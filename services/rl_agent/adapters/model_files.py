"""What was learnt, on disk: a file for each learner, and one for a training that was not finished. Replaced whole."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from ems.runtime.notation.salvage import Unreadable
from ems.runtime.state_dir import move_aside, write_whole
from rl_agent.adapters.array_pack import pack, unpack
from rl_agent.domain.learner import Trained
from rl_agent.domain.night import KeptTraining

FOLDER = "learnt"
"""Below the state directory."""
SUFFIX = ".learnt"


class ModelFiles:
    """The files below the state directory; only one process writes them."""

    def __init__(self, state_dir: Path, said: Callable[[str], object] = lambda _: None) -> None:
        """``said`` is told, in words, of a file that was set aside."""
        self._folder, self._said = state_dir / FOLDER, said

    def load(self, learner: str) -> KeptTraining | None:
        """What ``learner`` learnt last; None when there is nothing, or it cannot be used (it is then set aside)."""
        found = self._read(self._file(learner))
        if found is None:
            return None
        trained, document = found
        try:
            return KeptTraining(
                trained,
                int(document["version"]),
                datetime.fromisoformat(document["at"]),
                datetime.fromisoformat(document["until"]),
            )
        except (KeyError, TypeError, ValueError):
            self._set_aside(self._file(learner), "it does not say when it was learnt")
            return None

    def load_partial(self, learner: str) -> Trained | None:
        """What a training that did not end had learnt."""
        found = self._read(self._partial(learner))
        return None if found is None else found[0]

    def save(self, kept: KeptTraining) -> None:
        """Replaces what was learnt before, and ends the unfinished training.

        Raises:
            OSError: the directory cannot be written.
        """
        more = {"version": kept.version, "at": kept.at.isoformat(), "until": kept.until.isoformat()}
        write_whole(self._file(kept.trained.name), packed(kept.trained, more))
        self._partial(kept.trained.name).unlink(missing_ok=True)

    def save_partial(self, so_far: Trained) -> None:
        """Keeps an unfinished training.

        Raises:
            OSError: the directory cannot be written.
        """
        write_whole(self._partial(so_far.name), packed(so_far, {}))

    def _file(self, learner: str) -> Path:
        return self._folder / f"{learner}{SUFFIX}"

    def _partial(self, learner: str) -> Path:
        return self._folder / f"{learner}.unfinished"

    def _read(self, path: Path) -> tuple[Trained, dict[str, Any]] | None:
        try:
            return unpacked(path.read_bytes())
        except FileNotFoundError:
            return None
        except Unreadable as why:
            self._set_aside(path, str(why))
            return None

    def _set_aside(self, path: Path, why: str) -> None:
        self._said(move_aside(path, why, "learning begins anew"))


def packed(trained: Trained, more: dict[str, Any]) -> bytes:
    """What was learnt as one block."""
    return pack(trained.arrays, {"name": trained.name, "facts": dict(trained.facts), **more})


def unpacked(block: bytes) -> tuple[Trained, dict[str, Any]]:
    """What was learnt, and the document beside it.

    Raises:
        Unreadable: see :func:`rl_agent.adapters.array_pack.unpack`; or it holds no training.
    """
    arrays, document = unpack(block)
    name, facts = document.get("name"), document.get("facts")
    if not isinstance(name, str) or not isinstance(facts, dict):
        raise Unreadable("it holds nothing that was learnt")
    return Trained(name, arrays, facts), document
