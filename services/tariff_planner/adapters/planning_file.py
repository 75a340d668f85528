"""What people set for the planner on the bus, kept over restarts: one small JSON file in the state directory."""

from collections.abc import Callable
from pathlib import Path

from pydantic import TypeAdapter

from ems.contract.plan import Planning
from ems.runtime.state_dir import read_aside, write_whole

_PLANNING = TypeAdapter(Planning)
_ANEW = "what people had set for the planner begins anew"


def load(directory: Path, said: Callable[[str], object]) -> Planning | None:
    """What was saved last; None when nothing was, or it cannot be read (then the settings count).

    What cannot be read of it is kept beside, and ``said`` is told.
    """
    return read_aside(_file(directory), _PLANNING, _ANEW, said, collections=(("wishes",),))


def save(directory: Path, planning: Planning) -> None:
    """Saves at once and whole."""
    write_whole(_file(directory), planning.payload())


def _file(directory: Path) -> Path:
    return directory / "planning.json"
