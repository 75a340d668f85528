"""The ledger of savings on disk: one JSON file in the state directory, replaced whole."""

from collections.abc import Callable
from pathlib import Path

from pydantic import TypeAdapter

from ems.runtime.state_dir import read_aside, write_whole
from tariff_planner.domain.savings.ledger import SavingsLedger

_LEDGER = TypeAdapter(SavingsLedger)


def load(directory: Path, said: Callable[[str], object]) -> SavingsLedger:
    """What was saved last; an empty ledger when nothing was, or it cannot be read.

    What cannot be read of it is kept beside, and ``said`` is told.
    """
    return read_aside(_file(directory), _LEDGER, "savings are counted anew", said) or SavingsLedger()


def save(directory: Path, ledger: SavingsLedger) -> None:
    """Saves at once and whole.

    Raises:
        OSError: the directory cannot be written.
    """
    write_whole(_file(directory), _LEDGER.dump_json(ledger))


def _file(directory: Path) -> Path:
    return directory / "savings.json"
