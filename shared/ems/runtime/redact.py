"""Takes secrets out of whatever is about to be written down."""

import json
import re
from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import quote, quote_plus

MASK = "[redacted]"
MIN_SECRET_CHARACTERS = 4
"""Characters below which a secret is not looked for: a PIN of 12 would take the 12 out of every time and power."""
MIN_PUBLISHED_CHARACTERS = 8
"""Characters below which a secret is not looked for in what is published: a payload must stay readable."""

_NAMES = r"passw(?:or)?d|passphrase|secret|token|authorization|api[_-]?key|cookie|jwt"
_SECRET_KEY = re.compile(rf"(?:{_NAMES}|^pin$|_pin$)", re.IGNORECASE)
_PAIR = re.compile(
    rf"""((?:[\w-]*(?:{_NAMES}))["']?\s*[=:]\s*["']?(?:bearer\s+|basic\s+)?)[^\s"'&,;{{}}\[\]]+""", re.IGNORECASE
)
_USERINFO = re.compile(r"(?<=://)[^/\s:@]+:[^/\s@]+(?=@)")

_known: set[str] = set()


def register(secret: str) -> None:
    """Has ``secret`` taken out from now on, also as it looks in an address and line by line."""
    for part in {secret, secret.strip(), *secret.splitlines()}:
        if len(part) >= MIN_SECRET_CHARACTERS:
            _known.update({part, quote(part, safe=""), quote(part), quote_plus(part)})


def text(words: str) -> str:
    """``words`` of whatever origin without secrets, also without what only looks like one."""
    return _USERINFO.sub(MASK, _PAIR.sub(rf"\g<1>{MASK}", registered(words)))


def registered(words: str) -> str:
    """``words`` without the secrets that are known; for our own, in which ``password: missing`` hides nothing."""
    # Longest first: one secret may be the beginning of another.
    for secret in sorted(_known, key=len, reverse=True):
        words = words.replace(secret, MASK)
    return words


def payload(body: bytes) -> bytes:
    """What is about to be published without the secrets that are known.

    Shorter ones than :data:`MIN_PUBLISHED_CHARACTERS` and mere numbers are not looked for: they are parts of what is
    measured.
    """
    for secret in sorted(_known, key=len, reverse=True):
        if len(secret) < MIN_PUBLISHED_CHARACTERS or secret.isdecimal():
            continue
        for form in {secret, json.dumps(secret)[1:-1]}:
            if (written := form.encode()) in body:
                body = body.replace(written, MASK.encode())
    return body


def anything(value: Any, key: str = "") -> Any:
    """``value`` without secrets, at any depth; what stands under a secret's name is masked whole."""
    if key and _SECRET_KEY.search(key) and value is not None and not isinstance(value, bool):
        return MASK
    match value:
        case None | bool() | int() | float():
            return value
        case Mapping():
            return {text(str(k)): anything(v, str(k)) for k, v in value.items()}
        case list() | tuple() | set() | frozenset():
            return [anything(v) for v in value]
        case _:
            return text(_words(value))


def _words(value: Any) -> str:
    match value:
        case str() | BaseException():
            return str(value)
        case bytes():
            return value.decode(errors="replace")
        case date():
            return value.isoformat()
        case _:
            return repr(value)
