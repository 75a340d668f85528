"""The backtest's report as a file."""

from pathlib import Path

from ems.runtime.errors import PermanentError
from tariff_planner.domain.backtest.page import page
from tariff_planner.domain.backtest.run import BacktestResult


def write_report(path: Path, found: BacktestResult, title: str) -> None:
    """Writes one self-contained HTML page.

    Raises:
        PermanentError: the file cannot be written.
    """
    try:
        path.write_text(page(found, title), "utf-8")
    except OSError as error:
        raise PermanentError(f"{path}: {error.strerror}") from error
