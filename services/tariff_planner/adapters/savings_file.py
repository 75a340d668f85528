"""The ledger of savings on disk: one JSON file in the state directory, replaced whole."""

from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from ems.runtime.state_dir import write_whole
from tariff_planner.domain.savings.ledger import SavingsLedger

_LEDGER = TypeAdapter(SavingsLedger)
UNREADABLE = ".unreadable"
"""What is added to the name of a file that cannot be read, which is kept."""


def load(directory: Path) -> SavingsLedger:
    """What was saved last; an empty ledger when nothing was, or it cannot be read (the file is then set aside)."""
    path = _file(directory)
    try:
        return _LEDGER.validate_json(path.read_bytes())
    except FileNotFoundError:
        return SavingsLedger()
    except ValidationError:
        path.replace(path.with_name(path.name + UNREADABLE))
        return SavingsLedger()


def save(directory: Path, ledger: SavingsLedger) -> None:
    """Saves at once and whole.

    Raises:
        OSError: the directory cannot be written.
    """
    write_whole(_file(directory), _LEDGER.dump_json(ledger))


def _file(directory: Path) -> Path:
    return directory / "savings.json"
