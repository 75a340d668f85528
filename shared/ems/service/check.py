"""What ``--check`` asks the world: each part that a service needs, all at once, a line each."""

import asyncio
import threading
import warnings
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from ems.runtime.errors import PermanentError, TransientError
from ems.runtime.settings import SettingsError

TIMEOUT_S = 6.0
"""Longest look at one part, in real seconds; with the start of the program it stays within ten."""
_LOOKS = 12
"""In how many parts of that time the program looks who has answered."""
END_TIMEOUT_S = 0.2
"""Longest wait for what was given up to end, in real seconds."""


@dataclass(frozen=True, slots=True)
class Probe:
    """One part that a service needs.

    ``ask`` returns what was found in words; TransientError, PermanentError and SettingsError say what is wrong.
    """

    what: str
    ask: Callable[[], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class Finding:
    """What a probe found, in words."""

    what: str
    fine: bool
    words: str

    @property
    def line(self) -> str:
        """For people: ``ok       evcc: ...``."""
        return f"{'ok' if self.fine else 'PROBLEM':<8} {self.what}: {self.words}"


def found_by(probes: Sequence[Probe]) -> list[Finding]:
    """What all probes find; see :func:`findings`. What hangs is left behind: see :func:`hangs`."""
    loop: asyncio.BaseEventLoop = asyncio.new_event_loop()  # type: ignore[assignment]  # typed as the abstract one
    found = loop.run_until_complete(findings(probes))
    if not loop.run_until_complete(_ended()):
        return found
    with warnings.catch_warnings(action="ignore"):  # that a thread did not end is looked at by hangs()
        loop.run_until_complete(loop.shutdown_default_executor(END_TIMEOUT_S))
    loop.close()
    return found


def hangs() -> bool:
    """Whether a thread is left behind that would hold up the program's end: a dead DNS answers after half a minute."""
    return any(thread.is_alive() and not thread.daemon for thread in threading.enumerate()[1:])


async def findings(probes: Sequence[Probe]) -> list[Finding]:
    """What all probes find, in their order; who does not answer within ``TIMEOUT_S`` is a problem."""
    asked = [asyncio.create_task(_finding(probe)) for probe in probes]
    waiting = set(asked)
    for _ in range(_LOOKS):
        if not waiting:
            break
        # A part that keeps the program busy (it imports a library) costs the others one look, not all their time.
        # Not by a timeout of each: what is cancelled may still wait for a thread, which cannot be.
        _, waiting = await asyncio.wait(waiting, timeout=TIMEOUT_S / _LOOKS)
    late = [Finding(probe.what, fine=False, words=f"no answer within {TIMEOUT_S:g} s") for probe in probes]
    found = [task.result() if task.done() else late[i] for i, task in enumerate(asked)]
    for task in asked:
        task.cancel()
    return found


async def _ended() -> bool:
    """Whether nothing of the round is going on any more."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    return not others or not (await asyncio.wait(others, timeout=END_TIMEOUT_S))[1]


async def _finding(probe: Probe) -> Finding:
    try:
        return Finding(probe.what, fine=True, words=await probe.ask())
    except (TransientError, PermanentError, SettingsError) as error:
        return Finding(probe.what, fine=False, words=str(error))
    except Exception as error:  # noqa: BLE001  a fault in one part must not hide what is known of the others
        return Finding(probe.what, fine=False, words=f"{type(error).__name__}: {error}")
