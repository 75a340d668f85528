"""A mapping in a YAML or JSON file; what cannot be read is told by its place, never by what stands there."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from ems.runtime.notation import yaml12
from ems.runtime.notation.yaml12 import WrittenFloat, WrittenInt


class UnreadableError(Exception):
    """Where and why a file is no mapping in YAML or JSON."""


def read(path: Path) -> dict[str, Any]:
    """The mapping in the file at ``path``.

    Raises:
        UnreadableError: there is none; where and why, without the file's name.
    """
    parse = _READERS.get(path.suffix.lower())
    if parse is None:
        raise UnreadableError(f"the file's name must end in one of {', '.join(_READERS)}")
    try:
        whole = parse(path.read_text("utf-8"))
    except OSError as error:
        raise UnreadableError((error.strerror or "cannot be read").lower()) from None
    except UnicodeDecodeError:
        raise UnreadableError("not UTF-8 text") from None
    except (RecursionError, ValueError):
        raise UnreadableError("nested too deeply, or a number is too long") from None
    if whole is None:
        raise UnreadableError("empty; write `{}` to take all defaults")
    if not isinstance(whole, dict):
        raise UnreadableError("must be a mapping of settings (key: value)")
    not_words = [key for key in whole if not isinstance(key, str)]
    if not_words:
        raise UnreadableError("a key must be a word")
    return whole


def _yaml(text: str) -> object:
    try:
        return yaml12.load(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise UnreadableError(where + re.sub(r"'([^']*)'", _keep_punctuation, error.problem or "not YAML")) from None
    except yaml.YAMLError:
        raise UnreadableError("not YAML") from None


def _keep_punctuation(quoted: re.Match[str]) -> str:
    """PyYAML quotes what it stumbled over: a bracket helps, a word might be a secret."""
    return quoted[0] if len(quoted[1]) == 1 or quoted[1].startswith("<") else "..."


def _json(text: str) -> object:
    if not text.strip():
        return None
    try:
        return json.loads(
            text,
            object_pairs_hook=_once,
            parse_constant=_no_constant,
            parse_int=lambda digits: WrittenInt(int(digits), digits),
            parse_float=lambda digits: WrittenFloat(float(digits), digits),
        )
    except json.JSONDecodeError as error:
        raise UnreadableError(f"line {error.lineno}, column {error.colno}: {error.msg.lower()}") from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    for index, (key, _) in enumerate(pairs):
        if any(key == earlier for earlier, _ in pairs[:index]):
            raise UnreadableError(f"the key {key} is there twice")
    return dict(pairs)


def _no_constant(word: str) -> object:
    raise UnreadableError(f"{word} is no number")


_READERS: dict[str, Callable[[str], object]] = {".yaml": _yaml, ".yml": _yaml, ".json": _json}
