"""Services as processes of their own: started, watched, ended together."""

import asyncio
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

END_TIMEOUT_S = 2.0
"""Longest shutdown of a process before it is killed, in real seconds."""


class ProcessDied(Exception):
    """A process ended by itself; the text holds its last words."""


@dataclass(slots=True)
class ServiceProcess:
    """A process and where its output goes."""

    name: str
    process: asyncio.subprocess.Process
    log: Path

    @classmethod
    async def start(cls, module: str, args: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Self:
        """Runs ``python -m module`` with its output in ``folder/module.log``."""
        log = folder / f"{module}.log"
        with log.open("wb") as out:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", module, *args),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                env={**os.environ, **environment},
                process_group=0,
            )
        return cls(module, process, log)

    async def watch(self) -> None:
        """Waits until the process ends by itself, which it should not.

        Raises:
            ProcessDied: always, when it comes to that.
        """
        status = await self.process.wait()
        last = self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-8:]
        raise ProcessDied("\n".join([f"{self.name} ended with status {status}. Its last lines:", *last]))


async def end_processes(*processes: asyncio.subprocess.Process) -> None:
    """Asks all of them to end, waits a little, and kills those that do not."""
    for process in processes:
        with suppress(ProcessLookupError):
            process.terminate()
    with suppress(TimeoutError):
        async with asyncio.timeout(END_TIMEOUT_S):
            await asyncio.gather(*(process.wait() for process in processes))
    for process in processes:
        with suppress(ProcessLookupError):
            process.kill()
    await asyncio.gather(*(process.wait() for process in processes))
