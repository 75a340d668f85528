"""Small files in the state directory that are there whole or not at all."""

import os
from pathlib import Path


def write_whole(path: Path, content: bytes) -> None:
    """Writes at once and whole, for nobody else to read: a power cut leaves the old file or the new one.

    Raises:
        OSError: the directory cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(".new")
    with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:  # noqa: PTH123  # for its mode
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
