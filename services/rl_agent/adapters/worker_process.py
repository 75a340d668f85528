"""A night's work in a process of its own: started, listened to, ended with the service."""

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from pydantic import ValidationError

from ems.runtime.errors import TransientError
from ems.runtime.notation.salvage import Unreadable
from rl_agent.adapters.night_pack import pack_job, unpack_result
from rl_agent.domain.night import NightJob, NightResult

PROGRAM = ("-m", "rl_agent.worker")
THREADS = 2
"""The most cores that arithmetic of the night takes."""
_LINE_BYTES = 64 * 1024
_WORDS = 2_000
"""Characters of an error that are kept."""


async def run_night(
    job: NightJob,
    state_dir: Path,
    on_progress: Callable[[str, float], None],
    on_words: Callable[[str], object],
    program: Sequence[str] = PROGRAM,
) -> NightResult:
    """Does ``job`` in another process; cancelling ends it.

    Args:
        job: what to do.
        state_dir: where what was learnt stands.
        on_progress: told which learner is done by which share.
        on_words: told what people should know (a file that was set aside).
        program: what Python runs.

    Raises:
        TransientError: it failed, or was ended; the text says how.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable, *program, stdin=PIPE, stdout=PIPE, stderr=PIPE, env=_environment(), limit=_LINE_BYTES
    )
    try:
        packed = await asyncio.to_thread(pack_job, job, state_dir)
        return await _talk(process, packed, on_progress, on_words)
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def _talk(
    process: Process, job: bytes, on_progress: Callable[[str, float], None], on_words: Callable[[str], object]
) -> NightResult:
    if process.stdin is None or process.stdout is None or process.stderr is None:
        raise RuntimeError("started without pipes")
    errors = asyncio.create_task(process.stderr.read())
    try:
        with suppress(BrokenPipeError, ConnectionResetError):
            process.stdin.write(job)
            await process.stdin.drain()
            process.stdin.close()
        while line := await process.stdout.readline():
            said = json.loads(line)
            if "result" in said:
                return await asyncio.to_thread(unpack_result, await process.stdout.readexactly(said["result"]))
            if "failed" in said:
                raise TransientError(f"the night's work was not done: {said['failed']}")
            if "said" in said:
                on_words(said["said"])
            else:
                on_progress(said["learner"], said["share"])
        status = await process.wait()
        # The last line that begins at its margin names the error; what follows explains it.
        lines = (await errors).decode(errors="replace")[-_WORDS:].splitlines()
        last = next((line for line in reversed(lines) if line and not line[0].isspace()), "")
        raise TransientError(f"the night's work ended with status {status}{f': {last}' if last else ''}")
    except (Unreadable, ValidationError, ValueError, KeyError, asyncio.IncompleteReadError) as odd:
        raise TransientError(f"the night's work answered what cannot be read ({type(odd).__name__})") from odd
    finally:
        errors.cancel()


def _environment() -> dict[str, str]:
    """Neither the service's watchdog nor its credentials, but where Python finds its modules."""
    secret = {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "CREDENTIALS_DIRECTORY"}
    threads = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), str(THREADS))
    found = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    return {name: value for name, value in os.environ.items() if name not in secret} | threads | found
