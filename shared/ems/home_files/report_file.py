"""A report as a file."""

from pathlib import Path

from ems.runtime.errors import PermanentError


def write_report(path: Path, page: str) -> None:
    """Writes one self-contained HTML page.

    Raises:
        PermanentError: the file cannot be written.
    """
    try:
        path.write_text(page, "utf-8")
    except OSError as error:
        raise PermanentError(f"{path}: {error.strerror}") from error
