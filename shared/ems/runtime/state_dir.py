"""The directory of what must outlive a service: files in it are whole; one that cannot be used is set aside."""

import getpass
import os
import shutil
from collections.abc import Callable, Collection
from contextlib import suppress
from pathlib import Path

from pydantic import TypeAdapter

from ems.runtime.errors import PermanentError
from ems.runtime.notation.salvage import Place, Unreadable, readable
from ems.runtime.settings import SettingsError

UNREADABLE = ".unreadable"
"""What is added to the name of a file that is set aside, and a number where there is such a file already."""
_MAX_KEPT = 1000
_BESIDE = ("-wal", "-shm")
"""What SQLite keeps beside a file: newer than it, and part of it."""


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


def move_aside(path: Path, why: str, anew: str) -> str:
    """Gives the file at ``path``, and what SQLite keeps beside it, another name; returns what people are told.

    Args:
        path: the file.
        why: it is not used.
        anew: what begins anew without it.

    Raises:
        OSError: the directory cannot be written.
    """
    kept = _free(path)
    for beside in _BESIDE:
        with suppress(FileNotFoundError):
            path.with_name(path.name + beside).replace(kept.with_name(kept.name + beside))
    path.replace(kept)
    return f"{path.name} is not used: {why}; it is kept as {kept.name}, and {anew}"


def set_aside(path: Path, why: str, anew: str, said: Callable[[str], object]) -> None:
    """Moves the file at ``path`` aside, see :func:`move_aside`, and tells ``said``.

    Raises:
        PermanentError: the directory cannot be written.
    """
    try:
        said(move_aside(path, why, anew))
    except OSError as error:
        raise PermanentError(f"{path} cannot be used, and not be set aside: {error.strerror}") from None


def copy_aside(path: Path, lost: str) -> str:
    """Keeps a copy of the file at ``path``, of which ``lost`` cannot be used; returns what people are told.

    Raises:
        OSError: the directory cannot be written.
    """
    kept = _free(path)
    for beside in _BESIDE:
        with suppress(FileNotFoundError):
            shutil.copy2(path.with_name(path.name + beside), kept.with_name(kept.name + beside))
    shutil.copy2(path, kept)
    return f"of {path.name} this version cannot use {lost}; a copy is kept as {kept.name}, and they begin anew"


def read_aside[T](
    path: Path,
    adapter: TypeAdapter[T],
    anew: str,
    said: Callable[[str], object],
    collections: Collection[Place] = (),
) -> T | None:
    """What can be read of the JSON file at ``path``; None where there is none, or nothing can.

    Where not all of it can be read the file is kept beside, and ``said`` is told in words; see :func:`readable`.

    Args:
        path: the file.
        adapter: of what stands in it.
        anew: what begins anew without it, for people.
        said: told what happened.
        collections: where those stand whose members stand by themselves.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        said(f"{path.name} cannot be read ({error.strerror}), and {anew}")
        return None
    try:
        found, lost = readable(adapter, content, collections)
    except Unreadable as odd:
        why = str(odd)
        _told(said, path, lambda: move_aside(path, why, anew))
        return None
    if lost:
        _told(said, path, lambda: copy_aside(path, ", ".join(lost)))
    return found


def _told(said: Callable[[str], object], path: Path, keep: Callable[[], str]) -> None:
    try:
        said(keep())
    except OSError as error:
        said(f"{path.name} cannot be read, and a copy of it cannot be kept: {error.strerror}")


def _free(path: Path) -> Path:
    """A name beside ``path`` that nothing has yet."""
    names = (path.with_name(f"{path.name}{UNREADABLE}{n or ''}") for n in range(_MAX_KEPT))
    return next((name for name in names if not name.exists()), path.with_name(f"{path.name}{UNREADABLE}"))


def _hint(path: Path, what: str) -> str:
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = str(os.getuid())
    return f"state_dir: {path} {what} by the user {user}; `sudo install -d -m 700 -o {user} {path}`"
