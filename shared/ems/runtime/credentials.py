"""Secrets come from systemd's credentials, or in development from a file that nobody else can read."""

import os
import re
import stat
from pathlib import Path

from pydantic import SecretStr

from ems.contract.validation import nearest
from ems.runtime import redact
from ems.runtime.settings import SettingsError

VARIABLE = "CREDENTIALS_DIRECTORY"
_MAX_BYTES = 65_536


def read(ref: str, setting: str) -> SecretStr:
    """The secret that ``setting`` refers to, without one newline at its end.

    Args:
        ref: a credential's name (a file in ``$CREDENTIALS_DIRECTORY``), or an absolute path.
        setting: the key in the settings that holds ``ref``, for the error.

    Raises:
        SettingsError: says what to do. It never holds ``ref`` when there is no such file: it may be the secret itself.
    """
    path = Path(ref) if ref.startswith("/") else _in_directory(ref, setting)
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            content = file.read(_MAX_BYTES + 1)
    except FileNotFoundError:
        raise SettingsError(f"{setting}: there is no such file") from None
    except (OSError, ValueError) as error:
        raise SettingsError(f"{setting}: the file cannot be read: {getattr(error, 'strerror', 'not a path')}") from None
    # systemd guards its own directory; whatever else is named must be guarded by its mode.
    if ref.startswith("/") and mode & 0o077:
        raise SettingsError(f"{setting}: {path} can be read by others; `chmod 600 {path}`")
    return _secret(content, setting)


def _in_directory(name: str, setting: str) -> Path:
    directory = os.environ.get(VARIABLE)
    if not directory:
        raise SettingsError(
            f"{setting}: names a systemd credential, but ${VARIABLE} is not set; "
            "add LoadCredential= to the unit, or give the absolute path of a file with mode 0600"
        )
    there = sorted(entry.name for entry in Path(directory).iterdir()) if Path(directory).is_dir() else []
    if not re.fullmatch(r"[A-Za-z0-9_.-]+", name) or name not in there:
        known = ", ".join(there) or "none"
        raise SettingsError(f"{setting}: no credential has this name{nearest(name, there)}; there are: {known}")
    return Path(directory) / name


def _secret(content: bytes, setting: str) -> SecretStr:
    if len(content) > _MAX_BYTES:
        raise SettingsError(f"{setting}: the file is too large for a secret")
    try:
        secret = content.decode().removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError:
        raise SettingsError(f"{setting}: the file is not UTF-8 text") from None
    if not secret:
        raise SettingsError(f"{setting}: the file is empty")
    redact.register(secret)
    return SecretStr(secret)
