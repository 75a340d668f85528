"""Our own programs start without importing the same libraries each time: forked from a process that has them already.

What a test starts as ``python -m SERVICE`` is a process like any other: a child of the test with its own number,
descriptors, environment, signals and memory; only Python and its libraries have come up once for all of them, which is
most of what a start costs. What runs elsewhere (the demo's services, a machine's units, a shell's commands) starts
from nothing, and so does everything where Linux does not help.
"""

import ctypes
import gc
import importlib
import json
import os
import runpy
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

PROGRAMS = {
    **{name: f"{name}.__main__" for name in ("evcc_poller", "notifier", "rl_agent", "tariff_planner", "vehicle_soc")},
    "rl_agent.worker": "rl_agent.worker",
    "support.service": "support.service",
}
"""What is forked as ``python -m NAME``, and what is imported for it."""
ALSO = "WARM_START_ALSO"
"""In the environment of what is started: modules, by commas, that it is going to import when it has begun."""
_PR_SET_CHILD_SUBREAPER = 36
_LENGTH_BYTES = 8


@dataclass(slots=True)
class WarmStart:
    """Stands between ``subprocess`` and the kernel."""

    cold: Callable[..., int]
    """How ``subprocess`` starts everything else."""
    _to: socket.socket | None = None
    _process: subprocess.Popen[bytes] | None = None
    _one_at_a_time: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def here(cls) -> Self | None:
        """For this process; None where orphans cannot be taken in."""
        prctl = getattr(ctypes.CDLL(None), "prctl", None)
        cold = getattr(subprocess, "_fork_exec", None)
        if prctl is None or cold is None or prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
            return None
        return cls(cold)

    def close(self) -> None:
        """Nothing is forked any more; what runs goes on."""
        if self._to is not None and self._process is not None:
            self._to.close()
            self._process.wait()

    def fork_exec(self, args: Sequence[Any], executables: Sequence[bytes], *more: Any) -> int:
        """As ``subprocess`` calls it: the number of the new process."""
        request = _request(args, more)
        if request is None:
            return self.cold(args, executables, *more)
        with self._one_at_a_time:
            return self._forked(request, more)

    def _forked(self, request: Mapping[str, Any], more: Sequence[Any]) -> int:
        if self._to is None:
            self._to = self._mother()
        text = json.dumps(request).encode()
        # Where the caller has no pipe and no file for them, they are its own.
        descriptors = [given if given >= 0 else own for own, given in enumerate((more[4], more[7], more[9]))]
        socket.send_fds(self._to, [len(text).to_bytes(_LENGTH_BYTES)], descriptors)
        self._to.sendall(text)
        return int.from_bytes(_exactly(self._to, _LENGTH_BYTES))

    def _mother(self) -> socket.socket:
        ours, theirs = socket.socketpair()
        environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        self._process = subprocess.Popen(
            [sys.executable, "-c", f"from support import warm_start; warm_start.serve({theirs.fileno()})"],
            env=environment,
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
        )
        theirs.close()
        return ours


def _request(args: Sequence[Any], more: Sequence[Any]) -> Mapping[str, Any] | None:
    """What to fork; None where it has to start from nothing."""
    words = [os.fsdecode(word) for word in args]
    if words[:2] != [sys.executable, "-m"] or words[2] not in PROGRAMS:
        return None
    _, kept, cwd, environment = more[:4]
    errpipe_write, new_session, group, others = more[11], more[13], more[14], more[15:20]
    if tuple(kept) != (errpipe_write,) or others != (None, None, None, -1, None):
        return None
    changed = dict(os.environ)
    if environment is not None:
        changed = dict(os.fsdecode(entry).split("=", 1) for entry in environment)
    if changed.get("LD_PRELOAD") != os.environ.get("LD_PRELOAD"):
        return None  # the kernel loads it at a start from nothing only
    return {
        "words": words[2:],
        "environment": changed,
        "folder": os.fsdecode(cwd) if cwd is not None else str(Path.cwd()),
        "new_session": bool(new_session),
        "group": group,
    }


def serve(number: int) -> None:
    """Forks on request, until nobody asks any more; in a child it returns when the program has ended."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with socket.socket(fileno=number) as asked:
        while True:
            head, descriptors, _, _ = socket.recv_fds(asked, _LENGTH_BYTES, 3)
            if not head:
                return
            request = json.loads(_exactly(asked, int.from_bytes(head)))
            also = request["environment"].pop(ALSO, "")
            for module in (PROGRAMS[request["words"][0]], *filter(None, also.split(","))):
                importlib.import_module(module)
            gc.freeze()
            read, write = os.pipe()
            between = os.fork()
            if between == 0:
                child = os.fork()
                if child != 0:
                    os.write(write, child.to_bytes(_LENGTH_BYTES))
                    os._exit(0)
                asked.close()
                os.close(read)
                os.close(write)
                break
            # Its child is an orphan now, and the test's own.
            os.waitpid(between, 0)
            asked.sendall(os.read(read, _LENGTH_BYTES))
            for opened in (read, write, *descriptors):
                os.close(opened)
    _become(request, descriptors)


def _become(request: Mapping[str, Any], descriptors: Sequence[int]) -> None:
    """Runs the program, as if this process had been started for it."""
    for number, descriptor in enumerate(descriptors):
        os.dup2(descriptor, number)
        os.close(descriptor)
    if request["new_session"]:
        os.setsid()
    if request["group"] >= 0:
        os.setpgid(0, request["group"])
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.clear()
    os.environ.update(request["environment"])
    os.chdir(request["folder"])
    module, *sys.argv[1:] = request["words"]
    del sys.modules[PROGRAMS[module]]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def _exactly(source: socket.socket, count: int) -> bytes:
    found = b""
    while len(found) < count:
        found += (part := source.recv(count - len(found)))
        assert part, "the process that forks is gone"
    return found
