"""Work that goes on until it ends by itself or a signal ends it."""

import asyncio
import os
import signal
from collections.abc import Awaitable

import structlog

EXIT_OVERDUE = 1
"""Exit status of a process whose work did not stop in time."""

_log = structlog.get_logger(__name__)


async def until_signal[T](work: Awaitable[T], *signals: signal.Signals, stop_within_s: float | None = None) -> T:
    """The result of ``work``, which is cancelled when one of ``signals`` comes.

    ``stop_within_s`` real seconds after the signal the process is ended without mercy; with no such limit, a further
    signal cancels again whatever still cleans up.

    Raises:
        asyncio.CancelledError: a signal ended the work.
    """
    stop, task = asyncio.Event(), asyncio.ensure_future(work)

    def signalled() -> None:
        if stop.is_set() and stop_within_s is None:
            task.cancel()
        stop.set()

    for number in signals:
        asyncio.get_running_loop().add_signal_handler(number, signalled)
    stopped = asyncio.create_task(stop.wait())
    await asyncio.wait({task, stopped}, return_when=asyncio.FIRST_COMPLETED)
    if not task.done():
        _log.info("stopping")
        task.cancel()
        await asyncio.wait({task}, timeout=stop_within_s)
        if not task.done():
            _log.error("did not stop in time", within_s=stop_within_s)
            os._exit(EXIT_OVERDUE)
    stopped.cancel()
    return task.result()
