"""What was wanted of the cars that are plugged in, kept over restarts: who was late before is late after."""

from collections.abc import Callable
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, TypeAdapter

from ems.runtime.state_dir import read_aside, write_whole
from tariff_planner.domain.inputs.late_goals import Stay, Stays


class _Saved(BaseModel):
    v: Literal[1] = 1
    """Of the file's format: another one is set aside."""
    stays: dict[str, Stay]


_SAVED = TypeAdapter(_Saved)


def load(directory: Path, said: Callable[[str], object]) -> Stays:
    """What was saved last; none where nothing was, or it cannot be read.

    What cannot be read of it is kept beside, and ``said`` is told.
    """
    saved = read_aside(_file(directory), _SAVED, "who was late is forgotten", said, collections=(("stays",),))
    return Stays(saved.stays) if saved else Stays()


def save(directory: Path, stays: Stays) -> None:
    """Saves at once and whole.

    Raises:
        OSError: the directory cannot be written.
    """
    write_whole(_file(directory), _Saved(stays=dict(stays.of)).model_dump_json().encode())


def _file(directory: Path) -> Path:
    return directory / "stays.json"
