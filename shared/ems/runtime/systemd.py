"""Notifications to systemd (sd_notify), and its watchdog, which is fed only while everything makes progress.

A free-running timer would keep a stuck service alive. So whoever must not get stuck reports progress under a name::

    progress("poll", within_s=60)     # in the loop, after each round

and the watchdog is fed only while every name was heard within its limit. The MQTT session reports by itself.
"""

import asyncio
import os
import socket
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from contextvars import ContextVar

import structlog

_log = structlog.get_logger(__name__)


class Systemd:
    """The notification socket, or nothing where there is none."""

    def __init__(self, address: str | None = None, watchdog_s: float | None = None) -> None:
        self._address = address
        self.watchdog_s = watchdog_s
        """Longest time between two feedings, in real seconds; None: there is no watchdog."""

    @classmethod
    def from_environment(cls) -> "Systemd":
        """By the variables that the service manager has set."""
        usec = os.environ.get("WATCHDOG_USEC", "")
        ours = os.environ.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        return cls(os.environ.get("NOTIFY_SOCKET"), int(usec) / 1e6 if usec.isdigit() and ours else None)

    def ready(self) -> None:
        """We have started."""
        self._send("READY=1")

    def status(self, words: str) -> None:
        """One line for ``systemctl status``."""
        self._send("STATUS=" + " ".join(words.split()))

    def feed(self) -> None:
        """We make progress."""
        self._send("WATCHDOG=1")

    def stopping(self) -> None:
        """We are on our way out."""
        self._send("STOPPING=1")

    def _send(self, state: str) -> None:
        if not self._address:
            return
        # A leading @ stands for the null byte of an abstract socket.
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        # A service manager that does not listen must not stop us; its watchdog will say so.
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as s:
            s.setblocking(False)
            s.sendto(state.encode(), address)


class Progress:
    """Sources of progress: when each was heard last, and within how long it must be heard again."""

    def __init__(self, now_s: Callable[[], float] = time.monotonic) -> None:
        self._now_s = now_s
        self._heard: dict[str, tuple[float, float]] = {}

    def report(self, source: str, within_s: float) -> None:
        """Notes that ``source`` made progress; it is stuck unless it reports again within ``within_s`` real seconds."""
        self._heard[source] = (self._now_s(), within_s)

    def stuck(self) -> list[str]:
        """The sources that were not heard within their limits."""
        now_s = self._now_s()
        return sorted(source for source, (at_s, within_s) in self._heard.items() if now_s - at_s > within_s)


_current: ContextVar[Progress | None] = ContextVar("progress", default=None)


def progress(source: str = "app", *, within_s: float = 300) -> None:
    """Reports progress of the service that is running here; without one (a test of a part), nothing happens."""
    if (current := _current.get()) is not None:
        current.report(source, within_s)


@asynccontextmanager
async def watched(systemd: Systemd) -> AsyncGenerator[Progress]:
    """Collects :func:`progress` inside, and feeds systemd's watchdog while all is well."""
    progress_made = Progress()
    token = _current.set(progress_made)
    task = asyncio.create_task(_keep_feeding(systemd, progress_made))
    try:
        yield progress_made
    finally:
        task.cancel()
        _current.reset(token)


async def _keep_feeding(systemd: Systemd, progress_made: Progress) -> None:
    if systemd.watchdog_s is None:
        return
    reported: list[str] = []
    while True:
        stuck = progress_made.stuck()
        if not stuck:
            systemd.feed()
        elif stuck != reported:
            _log.error("no progress; systemd will restart us", stuck=stuck)
        reported = stuck
        await asyncio.sleep(systemd.watchdog_s / 3)
