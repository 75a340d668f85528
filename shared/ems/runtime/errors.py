"""Errors named by what to do next. Adapters translate the outside world's errors into these, once."""


class TransientError(Exception):
    """Try again later; the text says what did not work."""


class PermanentError(Exception):
    """A person must act; the text says how."""
