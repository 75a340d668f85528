"""The service's memory on disk."""

from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from vehicle_soc.adapters.token_store import TokenStore
from vehicle_soc.domain.memory import PollMemory

_NAME = "memory"
_MEMORY = TypeAdapter(PollMemory)


class MemoryFile:
    """One JSON file beside the logins (0600: it knows who drives when)."""

    def __init__(self, directory: Path) -> None:
        self._store = TokenStore(directory)

    def load(self) -> PollMemory:
        """The memory; an empty one when there is none, or when it is not what we write (then all begins anew)."""
        try:
            return _MEMORY.validate_python(self._store.load(_NAME))
        except ValidationError:
            return PollMemory()

    def save(self, memory: PollMemory) -> None:
        """Replaces the file.

        Raises:
            PermanentError: the directory cannot be written.
        """
        self._store.save(_NAME, _MEMORY.dump_python(memory, mode="json"))
