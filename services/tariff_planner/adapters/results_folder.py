"""Results of many homes as Parquet: a file for each, whole or not there, that every reader takes for one table."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ems.runtime.errors import PermanentError

NEEDS = "needs pyarrow: install evcc-ems[cluster]"
TEXTS = ("home", "policy", "from", "to")
"""Columns that are words; ``months`` is a list, all others are numbers."""
MONTH = ("cost_eur", "saving_eur", "regret_share")


class ResultsFolder:
    """The results so far; a run that was ended goes on where it was."""

    def __init__(self, folder: Path) -> None:
        """Makes the folder.

        Raises:
            PermanentError: it cannot be made, or pyarrow is missing.
        """
        try:
            import pyarrow as pa  # noqa: PLC0415  an extra
            from pyarrow import parquet  # noqa: PLC0415
        except ImportError as error:
            raise PermanentError(NEEDS) from error
        self._folder, self._arrow, self._parquet = folder, pa, parquet
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise PermanentError(f"{folder}: {error.strerror}") from error

    def has(self, home: str) -> bool:
        """Whether the home's result is there."""
        return self._file(home).exists()

    def write(self, home: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Keeps a home's rows, one a policy."""
        file = self._file(home)
        part = file.with_suffix(".part")
        self._parquet.write_table(self._arrow.Table.from_pylist([dict(row) for row in rows], self._schema(rows)), part)
        part.replace(file)

    def rows(self, home: str) -> list[dict[str, Any]]:
        """A home's rows.

        Raises:
            PermanentError: its file is not one of ours.
        """
        try:
            found: list[dict[str, Any]] = self._parquet.read_table(self._file(home)).to_pylist()
        except (OSError, self._arrow.ArrowInvalid) as error:
            raise PermanentError(f"{self._file(home)}: {error}; move it away, and the home is judged anew") from error
        return found

    def _schema(self, rows: Sequence[Mapping[str, Any]]) -> Any:
        """The same for every home, also where something is not known."""
        arrow = self._arrow
        number = arrow.float64()
        month = arrow.struct([("month", arrow.string()), *((name, number) for name in MONTH)])
        types = {"months": arrow.list_(month), **dict.fromkeys(TEXTS, arrow.string())}
        return arrow.schema([(name, types.get(name, number)) for name in rows[0]])

    def _file(self, home: str) -> Path:
        return self._folder / f"{home}.parquet"
