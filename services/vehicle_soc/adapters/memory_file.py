"""The service's memory on disk."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, TypeAdapter

from ems.runtime.state_dir import read_aside
from vehicle_soc.adapters.token_store import TokenStore
from vehicle_soc.domain.memory import PollMemory
from vehicle_soc.domain.wording.problems import InOwnWords

_NAME = "memory"
_MEMORY = TypeAdapter(PollMemory)
_LATER = frozenset({"held", "impossible_pct", "pushed", "stay", "zoneless"})
"""Fields that older versions did not write: left out while they say nothing, so that nothing changes without need."""


class MemoryFile:
    """One JSON file beside the logins (0600: it knows who drives when)."""

    def __init__(self, directory: Path) -> None:
        self._store = TokenStore(directory)

    def load(self, said: Callable[[str], object]) -> PollMemory:
        """The memory; an empty one when there is none, or when nothing of it is what we write.

        What cannot be read of it is kept beside, and ``said`` is told.
        """
        path = self._store.path(_NAME)
        return read_aside(path, _KEPT, "what is known of the cars begins anew", said, _COLLECTIONS) or PollMemory()

    def save(self, memory: PollMemory) -> None:
        """Replaces the file.

        Raises:
            PermanentError: the directory cannot be written.
        """
        self._store.save(_NAME, _said(_MEMORY.dump_python(memory, mode="json")))


def _in_todays_words(kept: Any) -> Any:
    """``kept`` with its texts, which older versions wrote instead of reasons, as somebody's own words."""
    if isinstance(kept, list):
        return [_in_todays_words(inner) for inner in kept]
    if not isinstance(kept, dict):
        return kept
    if kept.keys() >= {"en", "de"}:
        return {"kind": InOwnWords.kind, "words": kept}
    names = {"text": "reason"} if "retry_at" in kept else {}
    return {names.get(key, key): value if key == "words" else _in_todays_words(value) for key, value in kept.items()}


_KEPT = TypeAdapter(Annotated[PollMemory, BeforeValidator(_in_todays_words)])
_COLLECTIONS = (("cars",), ("accounts",))


def _said(dumped: Any) -> Any:
    """``dumped`` without the later fields that say nothing."""
    if isinstance(dumped, list):
        return [_said(inner) for inner in dumped]
    if not isinstance(dumped, dict):
        return dumped
    return {key: _said(value) for key, value in dumped.items() if key not in _LATER or not _empty(value)}


def _empty(value: Any) -> bool:
    if isinstance(value, dict):
        return all(_empty(inner) for inner in value.values())
    return value is None or value is False
