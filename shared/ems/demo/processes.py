"""Services as processes of their own, watched, and ended together."""

import asyncio
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

END_WITHIN_S = 2.0
"""Real seconds that a process gets to say goodbye, before it is killed."""


class Died(Exception):
    """A process ended by itself; the text holds its last words."""


@dataclass(slots=True)
class Running:
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
        """Waits for the process's end, which nobody asked for.

        Raises:
            Died: always, when it comes to that.
        """
        status = await self.process.wait()
        last = self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-8:]
        raise Died("\n".join([f"{self.name} ended with status {status}. Its last lines:", *last]))


async def end(*processes: asyncio.subprocess.Process) -> None:
    """Asks all of them to end, waits a little, and kills those that do not."""
    for process in processes:
        with suppress(ProcessLookupError):
            process.terminate()
    with suppress(TimeoutError):
        async with asyncio.timeout(END_WITHIN_S):
            await asyncio.gather(*(process.wait() for process in processes))
    for process in processes:
        with suppress(ProcessLookupError):
            process.kill()
    await asyncio.gather(*(process.wait() for process in processes))
