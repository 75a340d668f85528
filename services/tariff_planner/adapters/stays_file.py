"""What was wanted of the cars that are plugged in, kept over restarts: who was late before is late after."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ValidationError

from ems.runtime.state_dir import write_whole
from tariff_planner.domain.inputs.late_goals import Stay, Stays


class _Saved(BaseModel):
    v: Literal[1] = 1
    """Of the file's format: another one is read as nothing."""
    stays: dict[str, Stay]


def load(directory: Path) -> Stays:
    """What was saved last; none where nothing was, or it cannot be read."""
    try:
        return Stays(_Saved.model_validate_json(_file(directory).read_bytes()).stays)
    except (FileNotFoundError, ValidationError):
        return Stays()


def save(directory: Path, stays: Stays) -> None:
    """Saves at once and whole.

    Raises:
        OSError: the directory cannot be written.
    """
    write_whole(_file(directory), _Saved(stays=dict(stays.of)).model_dump_json().encode())


def _file(directory: Path) -> Path:
    return directory / "stays.json"
