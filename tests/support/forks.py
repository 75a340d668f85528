"""``--forks N``: tests in N processes that are forked when all is collected, so that each file is imported once.

What pytest-xdist does by starting N programs, of which each imports and collects all tests anew: with some thousand of
them that was a tenth of what the whole suite costs. A process gets one file after the other, in the order of the
collection, when it has nothing left to do; nobody has a file in store while others are idle.
"""

import gc
import os
import signal
import sys
import traceback
import warnings
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import groupby
from multiprocessing.connection import Connection, Pipe, wait
from pathlib import Path
from typing import Any, Never

import pytest
from _pytest import runner
from _pytest.capture import CaptureManager
from _pytest.config import create_terminal_writer
from _pytest.unraisableexception import collect_unraisable

type Batch = Sequence[int]
"""Places of tests among those that were collected; they share what a module sets up."""


@dataclass(slots=True)
class _Worker:
    """One process, as its parent sees it."""

    pid: int
    pipe: Connection
    left: deque[int] = field(default_factory=deque)
    """What it has been given and not finished, in its order."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """How many processes the tests run in."""
    parser.addoption("--forks", type=int, default=0, help="processes, forked when all tests have been collected")


def pytest_configure(config: pytest.Config) -> None:
    """With processes, or as pytest does it alone."""
    if (count := config.getoption("--forks")) > 0:
        config.pluginmanager.register(Forks(count), "forks")


class Forks:
    """The plugin; in the parent it hands out, and tells pytest what the others say."""

    def __init__(self, count: int) -> None:
        self._count = count

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        """Runs what was collected; None where pytest itself has to say that nothing is to be run."""
        if session.config.option.collectonly or not session.items or session.testsfailed:
            return None
        _OneRun(session, self._count).run()
        return True


class _OneRun:
    def __init__(self, session: pytest.Session, count: int) -> None:
        self._session = session
        self._hook = session.config.hook
        self._waiting: deque[Batch] = deque(batches(session.items))
        self._count = min(count, len(self._waiting))
        self._workers: list[_Worker] = []
        self._folder: Path = session.config._tmp_path_factory.getbasetemp()  # type: ignore[attr-defined]
        self._forked = 0

    def run(self) -> None:
        terminal = self._session.config.pluginmanager.getplugin("terminalreporter")
        if terminal is not None:
            terminal.showfspath = False  # several files at once
        gc.collect()
        gc.freeze()  # no process looks again through what all have in common
        try:
            for _ in range(self._count):
                self._fork()
            while self._workers:
                ready = wait([worker.pipe for worker in self._workers])
                for worker in [worker for worker in self._workers if worker.pipe in ready]:
                    self._listen(worker)
                if self._session.shouldfail:
                    raise self._session.Failed(self._session.shouldfail)
                if self._session.shouldstop:
                    raise self._session.Interrupted(self._session.shouldstop)
        finally:
            for worker in self._workers:
                os.kill(worker.pid, signal.SIGINT)
            for worker in self._workers:
                worker.pipe.close()
                os.waitpid(worker.pid, 0)
            gc.unfreeze()

    def _fork(self) -> None:
        number, self._forked = self._forked, self._forked + 1
        ours, theirs = Pipe()
        sys.stdout.flush()
        sys.stderr.flush()
        pid = os.fork()
        if pid == 0:
            ours.close()
            for other in self._workers:
                other.pipe.close()
            _Child(self._session, theirs, self._folder / f"w{number}").run()
        theirs.close()
        self._workers.append(_Worker(pid, ours))

    def _listen(self, worker: _Worker) -> None:
        kind, said = _heard(worker.pipe)
        match kind:
            case "ended":
                self._ended(worker)
            case "more":
                worker.left.extend(self._waiting.popleft() if self._waiting else ())
                with suppress(OSError):  # it is gone; that is heard next
                    worker.pipe.send(tuple(worker.left))
            case "done":
                worker.left.popleft()
            case "report":
                report = self._hook.pytest_report_from_serializable(config=self._session.config, data=said)
                self._hook.pytest_runtest_logreport(report=report)
            case "trouble":
                self._failed(*said)
            case "finished":
                self._hook.pytest_runtest_logfinish(**said)
            case "warning":
                self._hook.pytest_warning_recorded.call_historic(kwargs=said)

    def _ended(self, worker: _Worker) -> None:
        self._workers.remove(worker)
        worker.pipe.close()
        _, status = os.waitpid(worker.pid, 0)
        if worker.left:
            code = os.waitstatus_to_exitcode(status)
            self._failed(worker.left.popleft(), f"the process that ran it ended with status {code}")
            if worker.left:
                self._waiting.appendleft(tuple(worker.left))
        if self._waiting and len(self._workers) < self._count:
            self._fork()

    def _failed(self, place: int, words: str) -> None:
        item = self._session.items[place]
        report = pytest.TestReport(item.nodeid, item.location, {}, "failed", words, "call")
        self._hook.pytest_runtest_logreport(report=report)


class _Child:
    """One process, as it sees itself."""

    def __init__(self, session: pytest.Session, pipe: Connection, folder: Path) -> None:
        self._session = session
        self._config = session.config
        self._pipe = pipe
        self._folder = folder
        self._last = 0

    def run(self) -> Never:
        try:
            self._become()
            self._work()
        except KeyboardInterrupt:
            pass
        except BaseException:  # noqa: BLE001  whatever it is, the parent says it
            self._pipe.send(("trouble", (self._last, traceback.format_exc())))
        finally:
            os._exit(0)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        data = self._config.hook.pytest_report_to_serializable(config=self._config, report=report)
        self._pipe.send(("report", data))

    def pytest_runtest_logfinish(self, nodeid: str, location: tuple[str, int | None, str]) -> None:
        self._pipe.send(("finished", {"nodeid": nodeid, "location": location}))

    def pytest_warning_recorded(
        self,
        warning_message: warnings.WarningMessage,
        when: str,
        nodeid: str,
        location: tuple[str, int, str] | None,
    ) -> None:
        # What it is about may not travel; its words do.
        w = warning_message
        told = warnings.WarningMessage(str(w.message), w.category, w.filename, w.lineno)
        said = {"warning_message": told, "when": when, "nodeid": nodeid, "location": location}
        self._pipe.send(("warning", said))

    def _become(self) -> None:
        """What was the parent's alone is this process's own."""
        manager = self._config.pluginmanager
        capture: CaptureManager | None = manager.getplugin("capturemanager")
        if capture is not None:
            capture.stop_global_capturing()
            capture.start_global_capturing()
            capture.suspend_global_capture()
        self._folder.mkdir(mode=0o700)
        self._config._tmp_path_factory._basetemp = self._folder  # type: ignore[attr-defined]
        terminal: Any = manager.getplugin("terminalreporter")
        if terminal is not None:
            nowhere = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115  as long as the process lives
            terminal._tw = create_terminal_writer(self._config, nowhere)
        manager.register(self, "forked")

    def _work(self) -> None:
        items, hook = self._session.items, self._config.hook
        try:
            while batch := self._more():
                for place, following in zip(batch, (*batch[1:], None), strict=True):
                    self._last = place
                    # What the whole session has in common stays up after a file's last test.
                    nextitem = self._session if following is None else items[following]
                    hook.pytest_runtest_protocol(item=items[place], nextitem=nextitem)
                    self._pipe.send(("done", None))
                    if self._session.shouldfail or self._session.shouldstop:
                        return
        finally:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            runner.pytest_sessionfinish(self._session)
            gc.collect()
            collect_unraisable(self._config)

    def _more(self) -> Batch:
        self._pipe.send(("more", None))
        batch: Batch = self._pipe.recv()
        return batch


def batches(items: Sequence[pytest.Item]) -> Iterator[Batch]:
    """A file each, as they follow each other."""
    for _, members in groupby(range(len(items)), lambda place: items[place].path):
        yield tuple(members)


def _heard(pipe: Connection) -> tuple[str, Any]:
    try:
        said: tuple[str, Any] = pipe.recv()
    except (EOFError, OSError):
        return "ended", None
    return said
