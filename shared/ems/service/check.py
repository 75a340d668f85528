"""What ``--check`` asks the world: each part that a service needs, all at once, a line each."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from ems.runtime.errors import PermanentError, TransientError
from ems.runtime.settings import SettingsError

TIMEOUT_S = 7.0
"""Longest look at one part, in real seconds; with the start of the program it stays within ten."""


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


async def findings(probes: Sequence[Probe]) -> list[Finding]:
    """What all probes find, in their order; who does not answer within ``TIMEOUT_S`` is a problem."""
    return await asyncio.gather(*(_finding(probe) for probe in probes))


async def _finding(probe: Probe) -> Finding:
    try:
        async with asyncio.timeout(TIMEOUT_S):
            return Finding(probe.what, fine=True, words=await probe.ask())
    except TimeoutError:
        return Finding(probe.what, fine=False, words=f"no answer within {TIMEOUT_S:g} s")
    except (TransientError, PermanentError, SettingsError) as error:
        return Finding(probe.what, fine=False, words=str(error))
    except Exception as error:  # noqa: BLE001  a fault in one part must not hide what is known of the others
        return Finding(probe.what, fine=False, words=f"{type(error).__name__}: {error}")
