"""Logins on disk: JSON files that only we may read, replaced in one step."""

import json
import os
import re
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from ems.runtime.errors import PermanentError


class TokenStore:
    """One file an account in ``directory`` (0700; files 0600). File names hide who the account belongs to."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def load(self, account: str) -> dict[str, Any]:
        """What was kept for ``account``; empty when there is nothing or it cannot be understood (then: log in again).

        Raises:
            PermanentError: the file is there, but may not be read.
        """
        try:
            kept = json.loads(self.path(account).read_bytes())
        except FileNotFoundError:
            return {}
        except ValueError:
            return {}
        except OSError as why:
            raise PermanentError(f"a login in {self._directory} cannot be read: {why.strerror}") from None
        return kept if isinstance(kept, dict) else {}

    def save(self, account: str, kept: dict[str, Any]) -> None:
        """Keeps ``kept`` for ``account``: written aside, flushed, then put in place.

        Raises:
            PermanentError: the directory cannot be written.
        """
        text = json.dumps(kept)
        aside: Path | None = None
        try:
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            # NamedTemporaryFile makes files 0600 from the start: there is no moment at which others may read.
            with NamedTemporaryFile("w", dir=self._directory, prefix=".new-", delete=False) as file:
                aside = Path(file.name)
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            aside.replace(self.path(account))
        except OSError as why:
            if aside is not None:
                aside.unlink(missing_ok=True)
            raise PermanentError(f"nothing can be written to {self._directory}: {why.strerror}") from None

    def forget(self, account: str) -> None:
        """Removes what was kept for ``account``."""
        self.path(account).unlink(missing_ok=True)

    def changed_at(self, account: str) -> float | None:
        """When the login was last written (Unix seconds), also by another process; None when there is none."""
        try:
            return self.path(account).stat().st_mtime
        except OSError:
            return None

    def path(self, account: str) -> Path:
        """The file of ``account``."""
        kind = re.sub(r"[^a-z0-9_-]", "_", account.split(":", maxsplit=1)[0].lower())[:32]
        return self._directory / f"{kind}-{sha256(account.encode()).hexdigest()[:16]}.json"
