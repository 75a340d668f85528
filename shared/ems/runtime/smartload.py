"""Files of EVCC-Smartload, the predecessor. They load as they are; what had to be understood otherwise is told."""

import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from ems.runtime.notation import yaml12
from ems.runtime.notation.coercion import as_written
from ems.runtime.notation.names import name_of
from ems.runtime.settings import SettingsError

_NO = {"false", "no", "n", "off", "0", "nein", "aus"}
_YES = {"true", "yes", "y", "on", "1", "ja", "an"}


@dataclass(frozen=True, slots=True)
class OldFile:
    """What a file holds, and whether others than its owner can read it."""

    path: Path
    content: Any
    readable_by_others: bool

    def entries(self, key: str) -> list[dict[str, Any]]:
        """The entries of the list under ``key``; the whole file may be that list, and names may be keys.

        Raises:
            SettingsError: there is no such list.
        """
        found = self.content.get(key, self.content) if isinstance(self.content, Mapping) else self.content
        if isinstance(found, Mapping):
            named = {name: entry for name, entry in found.items() if isinstance(entry, Mapping)}
            found = [{"name": name, **entry} for name, entry in named.items()] if named or not found else found
        if found is None:
            return []
        if not isinstance(found, list) or not all(isinstance(entry, Mapping) for entry in found):
            raise SettingsError(f"{self.path}: must hold a list of `{key}`, or `{key}:` with one below")
        return [{str(as_written(name)): value for name, value in entry.items()} for entry in found]

    def strangers(self, key: str) -> list[str]:
        """Keys beside the list under ``key``, or beside the names where those are keys."""
        if not isinstance(self.content, Mapping):
            return []
        if key in self.content:
            return [str(each) for each in self.content if each != key]
        return [str(each) for each, value in self.content.items() if not isinstance(value, Mapping)]


def read(path: Path) -> OldFile:
    """The YAML file at ``path``.

    Raises:
        SettingsError: it cannot be read, or is not YAML; never with a word that stands in it.
    """
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            text = file.read().decode()
    except OSError as why:
        raise SettingsError(f"{path}: {(why.strerror or 'cannot be read').lower()}") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{path}: not UTF-8 text") from None
    try:
        return OldFile(path, yaml12.load(text), bool(mode & 0o077))
    except yaml.MarkedYAMLError as why:
        line = why.problem_mark.line + 1 if why.problem_mark else "?"
        raise SettingsError(f"{path}: not YAML at line {line}") from None
    except (yaml.YAMLError, ValueError, RecursionError):
        raise SettingsError(f"{path}: not YAML") from None


def title_and_key(written: Any) -> tuple[str, str]:
    """A name as people wrote it, and the key that it has on the bus.

    Raises:
        ValueError: there is no name, or nothing of it can stand in a key; says what may.
    """
    title = as_written(written)
    if not isinstance(title, str) or not title.strip():
        raise ValueError("needs a name")
    key = name_of(title.strip())
    if not key:
        raise ValueError(f"{title!r}: a name needs letters or digits; on the bus it may have a-z, 0-9, _ and -")
    return title.strip(), key


def words(written: Any) -> Iterator[str]:
    """A list of words, also where only one stands there, or several with commas between them."""
    for each in written if isinstance(written, list) else str(as_written(written or "")).split(","):
        text = str(as_written(each)).strip()
        if text:
            yield text


def flag(written: Any) -> bool:
    """Whether ``written`` means yes: true, "no", off, 1.

    Raises:
        ValueError: it means neither.
    """
    text = str(as_written(written)).strip().lower()
    if text not in _YES | _NO:
        raise ValueError("must be true or false")
    return text in _YES
