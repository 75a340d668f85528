"""What people set for the planner on the bus, kept over restarts: one small JSON file in the state directory."""

from pathlib import Path

from ems.contract.message import Malformed
from ems.contract.plan import Planning
from ems.runtime.state_dir import write_whole


def load(directory: Path) -> Planning | None:
    """What was saved last; None when nothing was, or it cannot be read (then the settings count)."""
    try:
        return Planning.parse(_file(directory).read_bytes())
    except (FileNotFoundError, Malformed):
        return None


def save(directory: Path, planning: Planning) -> None:
    """Saves at once and whole."""
    write_whole(_file(directory), planning.payload())


def _file(directory: Path) -> Path:
    return directory / "planning.json"
