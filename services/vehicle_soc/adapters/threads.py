"""Blocking calls beside the event loop: one at a time per account; a stuck one is left behind, never waited for."""

import asyncio
import threading
from collections.abc import Callable

from ems.runtime.errors import TransientError

MAX_STUCK = 3
"""Most left-behind threads of an account: then nothing more is tried until one of them ends."""


class Stuck(TransientError):
    """The call did not return in time, or too many before it never did."""


class AccountThread:
    """Runs an account's blocking calls in daemon threads: threads cannot be cancelled, and must not hold up an exit.

    A pool would do neither: its workers are joined when the interpreter ends, and one stuck call takes a worker away
    from every other car.
    """

    def __init__(self, name: str) -> None:
        self._name, self._lock = name, asyncio.Lock()
        self._running: set[threading.Thread] = set()

    @property
    def stuck(self) -> int:
        """How many calls never returned so far."""
        return sum(1 for thread in self._running if thread.is_alive())

    async def run[T](self, call: Callable[[], T], timeout_s: float) -> T:
        """The result of ``call``, or what it raised.

        Args:
            call: blocks; after a timeout it goes on unheard, so it must not write what a later call needs.
            timeout_s: real seconds: other people's servers know no accelerated clock.

        Raises:
            Stuck: it took longer than ``timeout_s``, or too many calls hang already.
        """
        async with self._lock:
            self._running = {thread for thread in self._running if thread.is_alive()}
            if len(self._running) >= MAX_STUCK:
                raise Stuck(f"{len(self._running)} calls hang")
            loop = asyncio.get_running_loop()
            answer: asyncio.Future[T] = loop.create_future()

            def deliver(result: T | None, error: BaseException | None) -> None:
                if answer.done():
                    return
                if error is not None:
                    answer.set_exception(error)
                else:
                    answer.set_result(result)  # type: ignore[arg-type]  # T may be None itself

            def work() -> None:
                result, error = None, None
                try:
                    result = call()
                except BaseException as raised:  # noqa: BLE001  carried over to the caller, whole
                    error = raised
                try:
                    loop.call_soon_threadsafe(deliver, result, error)
                except RuntimeError:
                    return  # the loop is closed: nobody waits any more

            thread = threading.Thread(target=work, name=f"{self._name}-call", daemon=True)
            self._running.add(thread)
            thread.start()
            try:
                async with asyncio.timeout(timeout_s):
                    return await answer
            except TimeoutError:
                if not answer.cancelled():
                    raise  # the call's own
                raise Stuck(f"no answer within {timeout_s:g} s") from None
