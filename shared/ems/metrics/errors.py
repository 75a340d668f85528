"""What an InfluxDB's answer to a write means; the same in both versions."""

from ems.runtime.errors import PermanentError, TransientError


def raise_for_status(status: int, words: str) -> None:
    """Returns when the write was accepted.

    Raises:
        TransientError: the server's own trouble (408, 429, 5xx).
        PermanentError: it refused what was written.
    """
    if status in (408, 429) or status >= 500:
        raise TransientError(f"answers {status}: {words}")
    if status >= 300:
        raise PermanentError(f"answers {status}: {words}")
