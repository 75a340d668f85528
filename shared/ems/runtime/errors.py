"""Errors by what to do next. Adapters translate the outside world's errors into these, once."""

from collections.abc import Iterator


class TransientError(Exception):
    """Try again later; the text says what did not work."""


class PermanentError(Exception):
    """A person must act; the text says how."""


def causes(error: BaseException) -> Iterator[BaseException]:
    """The errors in a group and its groups, one by one; an error that is no group is its own only cause."""
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from causes(inner)
    else:
        yield error
