"""The evaluation's report as a file."""

from pathlib import Path

from ems.runtime.errors import PermanentError
from rl_agent.domain.evaluation.page import page
from rl_agent.domain.evaluation.walk_forward import Evaluation


def write_report(path: Path, found: Evaluation, title: str) -> None:
    """Writes one self-contained HTML page.

    Raises:
        PermanentError: the file cannot be written.
    """
    try:
        path.write_text(page(found, title), "utf-8")
    except OSError as error:
        raise PermanentError(f"{path}: {error.strerror}") from error
