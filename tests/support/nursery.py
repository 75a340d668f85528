"""Starts services at once: a process that has loaded them all forks one whenever it is asked."""

import ctypes
import importlib
import json
import os
import select
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

_DIE_WITH_PARENT = 1
"""Of Linux's prctl: PR_SET_PDEATHSIG."""


class Process(Protocol):
    """What a test needs of a running program; :class:`subprocess.Popen` has it."""

    pid: int

    def send_signal(self, number: int) -> None:
        """Sends a signal, to one that runs."""

    def poll(self) -> int | None:
        """None while it runs."""

    def wait(self, timeout: float | None = None) -> int:
        """Returns when it has ended.

        Raises:
            subprocess.TimeoutExpired: it has not.
        """


class Child:
    """A process that the nursery has forked. Its exit status is not known to us."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        try:
            self._handle: int | None = os.pidfd_open(pid)
        except ProcessLookupError:
            self._handle = None  # it has ended already

    def send_signal(self, number: int) -> None:
        """See :class:`Process`."""
        if self._handle is not None:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._handle, number)

    def poll(self) -> int | None:
        """See :class:`Process`."""
        with suppress(subprocess.TimeoutExpired):
            return self.wait(0)
        return None

    def wait(self, timeout: float | None = None) -> int:
        """See :class:`Process`."""
        if self._handle is not None:
            if not select.select([self._handle], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired(f"process {self.pid}", timeout or 0)
            os.close(self._handle)
            self._handle = None
        return 0


class Nursery:
    """The process that forks."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def start(self, module: str, arguments: Sequence[str], environment: Mapping[str, str], log: Path) -> Child:
        """Runs ``python -m MODULE ARGUMENTS``; what it says is added to ``log``."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        order = {"module": module, "arguments": [*arguments], "environment": {**environment}, "log": str(log)}
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return Child(int(self._process.stdout.readline()))


@contextmanager
def nursery(modules: Sequence[str]) -> Iterator[Nursery]:
    """One that knows these modules."""
    with subprocess.Popen(
        [sys.executable, "-m", "support.nursery", *modules],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    ) as process:  # fmt: skip
        try:
            yield Nursery(process)
        finally:
            process.terminate()


def _main(modules: Sequence[str]) -> None:
    programs = {name: importlib.import_module(f"{name}.__main__") for name in modules}
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel buries them
    for line in sys.stdin:
        order = json.loads(line)
        if (pid := os.fork()) == 0:
            _become(programs[order["module"]].main, order)
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()


def _become(main: Callable[[], int], order: Mapping[str, Any]) -> None:
    """Runs the program in the forked process, and ends it."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    # A test that is ended leaves nobody behind.
    ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
    status = 1
    try:
        log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        nothing = os.open(os.devnull, os.O_RDONLY)
        for target, source in ((0, nothing), (1, log), (2, log)):
            os.dup2(source, target)
        os.environ |= order["environment"]
        sys.argv = [order["module"], *order["arguments"]]
        status = main()
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 1
    except BaseException:  # noqa: BLE001  it is told, and the process ends
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    _main(sys.argv[1:])
