"""What people set for the planner on the bus, kept over restarts: one small JSON file in the state directory."""

import os
from pathlib import Path

from ems.contract.message import Malformed
from ems.contract.plan import Planning


def load(directory: Path) -> Planning | None:
    """What was saved last; None when nothing was, or it cannot be read (then the settings count)."""
    try:
        return Planning.parse(_file(directory).read_bytes())
    except (FileNotFoundError, Malformed):
        return None


def save(directory: Path, planning: Planning) -> None:
    """Saves at once and whole: a power cut leaves the old file or the new one."""
    directory.mkdir(parents=True, exist_ok=True)
    path = _file(directory)
    new = path.with_suffix(".new")
    with new.open("wb") as file:
        file.write(planning.payload())
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)


def _file(directory: Path) -> Path:
    return directory / "planning.json"
