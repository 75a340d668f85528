"""What a process uses, as the kernel counts it."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Usage:
    """Of one process, at one moment."""

    cpu_s: float
    """User and system, since it began."""
    rss_mb: float
    pss_mb: float
    """Its own memory, and its share of what several processes have mapped: sums are honest."""
    descriptors: int
    threads: int


def usage(pid: int) -> Usage:
    """What the process uses now.

    Raises:
        OSError: it has ended.
    """
    folder = Path(f"/proc/{pid}")
    fields = (folder / "stat").read_text().rpartition(")")[2].split()
    memory = (folder / "smaps_rollup").read_text()
    return Usage(
        cpu_s=(int(fields[11]) + int(fields[12])) / TICKS,
        rss_mb=_mb(memory, "Rss"),
        pss_mb=_mb(memory, "Pss"),
        descriptors=len(list((folder / "fd").iterdir())),
        threads=int(fields[17]),
    )


def _mb(memory: str, name: str) -> float:
    found = re.search(rf"^{name}:\s+(\d+) kB", memory, re.MULTILINE)
    assert found, f"the kernel tells no {name}"
    return int(found[1]) / 1024
