"""The directory that a service keeps what must outlive it in: made where it is missing; files in it are whole."""

import getpass
import os
from pathlib import Path

from ems.runtime.settings import SettingsError


def prepare(path: Path) -> None:
    """Makes the directory where it is missing.

    Raises:
        SettingsError: it cannot be made, or not be written; says who must do what.
    """
    if not path.is_dir():
        try:
            path.mkdir(mode=0o700, parents=True)
        except OSError as error:
            raise SettingsError(
                _hint(path, f"cannot be made ({(error.strerror or 'no reason given').lower()})")
            ) from None
    elif not os.access(path, os.W_OK | os.X_OK):
        raise SettingsError(_hint(path, "cannot be written"))


def look(path: Path) -> str:
    """What :func:`prepare` would find; nothing is made.

    Raises:
        SettingsError: it could not be made, or cannot be written.
    """
    if path.is_dir():
        prepare(path)
        return f"{path} is there"
    above = next(parent for parent in (path, *path.parents) if parent.exists())
    if not above.is_dir():
        raise SettingsError(_hint(path, f"cannot be made ({above} is no directory)"))
    if not os.access(above, os.W_OK | os.X_OK):
        raise SettingsError(_hint(path, f"cannot be made ({above} may not be written)"))
    return f"{path} will be made"


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


def _hint(path: Path, what: str) -> str:
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = str(os.getuid())
    return f"state_dir: {path} {what} by the user {user}; `sudo install -d -m 700 -o {user} {path}`"
