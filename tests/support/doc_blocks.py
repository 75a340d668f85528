"""The blocks of a page of docs/, typed as a reader types them: files are written, lines are run."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

ROOT = Path(__file__).parents[2]
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_SPAN = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
_FILE = re.compile(r"`([\w./-]+\.\w+)`")
_LOOK_S = 0.1


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block of a page."""

    language: str
    """``yaml``, ``sh``, ...; empty where the page says none."""
    text: str
    line: int
    """Of its first line in the page, for the test's name."""
    file: str | None
    """The file that the line before it names (``` `evcc-poller.yaml`: ```), if it names one."""


@dataclass(frozen=True, slots=True)
class Typed:
    """What came of typed lines."""

    status: int | None
    """The shell's exit status; None: still running when that was enough or the time over, and ended then."""
    output: str
    """Both streams, as a terminal shows them."""


def page(name: str) -> str:
    """The text of ``docs/NAME``.

    Raises:
        OSError: there is no such page.
    """
    return (ROOT / "docs" / name).read_text("utf-8")


def blocks(text: str, language: str | None = None) -> tuple[Block, ...]:
    """The fenced blocks of a page in their order; only those in ``language``, if it is given."""
    found = []
    for match in _FENCE.finditer(text):
        before = text[: match.start()].rstrip().rsplit("\n", 1)[-1]
        named = _FILE.match(before)
        line = text.count("\n", 0, match.start(2)) + 1
        found.append(Block(match[1], match[2], line, named[1] if named else None))
    return tuple(block for block in found if language in {None, block.language})


def spans(text: str) -> tuple[str, ...]:
    """What stands between single backticks outside of the blocks: ``vehicle-soc --config FILE --check``."""
    return tuple(_SPAN.findall(_FENCE.sub("", text)))


def filled(text: str, values: Mapping[str, str]) -> str:
    """``text`` with the page's placeholders (``broker.example``, ``FILE``) replaced by what this reader has."""
    for placeholder, value in values.items():
        text = text.replace(placeholder, value)
    return text


def typed(
    lines: str,
    home: Path,
    *,
    environment: Mapping[str, str] | None = None,
    keyboard: str = "",
    until: Callable[[str], bool] = lambda _: False,
    within_s: float = 60,
) -> Typed:
    """Types ``lines`` into a shell in ``home`` that stops at the first error; whatever it started ends with it.

    Args:
        lines: as they stand in the page, placeholders filled.
        home: the working directory.
        environment: in addition to the tests' own.
        keyboard: what is typed when a program asks.
        until: told what was said so far, whether that is enough; then what still runs is ended.
        within_s: real seconds after which what still runs is ended in any case.
    """
    # The suite's programs are those of this environment, as if they were installed.
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    # Not a pipe: what goes on in the background would hold it open beyond the shell's end.
    with TemporaryFile("w+", encoding="utf-8", errors="replace") as output:
        shell = subprocess.Popen(
            ["/bin/bash", "-e", "-u", "-o", "pipefail", "-c", lines],
            cwd=home,
            env={**os.environ, **(environment or {}), "PATH": path},
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        assert shell.stdin is not None
        with suppress(BrokenPipeError), shell.stdin:
            shell.stdin.write(keyboard)
        deadline = time.monotonic() + within_s
        try:
            while (status := shell.poll()) is None and time.monotonic() < deadline and not until(_said(output)):
                time.sleep(_LOOK_S)
        finally:
            _end(shell)
        return Typed(status, _said(output))


def _said(output: IO[str]) -> str:
    # Not by the file's own position: the shell writes at it.
    number = output.fileno()
    return os.pread(number, os.fstat(number).st_size, 0).decode(errors="replace")


def _end(shell: subprocess.Popen[str]) -> None:
    """Ends the shell and what its lines left in the background."""
    with suppress(ProcessLookupError):
        os.killpg(shell.pid, signal.SIGKILL)
    shell.wait()
