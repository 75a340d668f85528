"""A service as a program: settings, credentials, bus, health, signals."""

import sys


def _import_structlog_without_rich() -> None:
    """Where rich is installed (for the demo), structlog imports it for tracebacks that no service writes: 3 MB."""
    if "rich" in sys.modules:
        return
    sys.modules["rich"] = None  # type: ignore[assignment] # Python's own way to say that there is none
    try:
        import structlog  # noqa: F401, PLC0415
    finally:
        del sys.modules["rich"]


_import_structlog_without_rich()
