"""The ledger of savings on disk: one JSON file in the state directory, replaced whole."""

import os
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

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
    """Saves at once and whole: a power cut leaves the old file or the new one."""
    directory.mkdir(parents=True, exist_ok=True)
    path = _file(directory)
    new = path.with_suffix(".new")
    with new.open("wb") as file:
        file.write(_LEDGER.dump_json(ledger))
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)


def _file(directory: Path) -> Path:
    return directory / "savings.json"
