"""A service's program within this process: Python and the libraries need not start once more for a look at settings."""

import io
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from importlib import import_module
from unittest.mock import patch


def program(service: str, *arguments: str, environment: Mapping[str, str]) -> tuple[int, str]:
    """The exit status of ``service`` with ``arguments``, and everything that it says.

    Args:
        service: its name, with dashes.
        arguments: such that it ends by itself.
        environment: the only variables that it sees.
    """
    main = import_module(f"{service.replace('-', '_')}.__main__").main
    said = io.StringIO()
    changed = patch.dict("os.environ", environment, clear=True), patch("sys.argv", [service, *arguments])
    with changed[0], changed[1], redirect_stdout(said), redirect_stderr(said):
        status = main()
    return status, said.getvalue()
