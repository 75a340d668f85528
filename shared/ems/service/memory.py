"""Gives memory that is free, but kept by the C library for later, back to the machine."""

import ctypes
from collections.abc import Callable
from functools import cache


def give_back() -> None:
    """Returns what is free; some milliseconds. Where the C library has no way to do so nothing happens.

    A plan needs some 20 MB for half a second: without this they stay with the process for ever.
    """
    trim = _trim()
    if trim is not None:
        trim(0)


@cache
def _trim() -> Callable[[int], int] | None:
    """Glibc's ``malloc_trim``; musl and macOS have none."""
    try:
        trim: Callable[[int], int] = ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError):
        return None
    return trim
