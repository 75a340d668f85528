"""Many homes on a Dask cluster of two workers, of which one dies on the way: the same figures to the last digit."""

import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ems.demo.broker import free_port
from support.brokers import wait_for_port
from support.many_homes import write_homes

pytestmark = [pytest.mark.slow, pytest.mark.timeout(0)]

COUNT = int(os.environ.get("HOMES", "0"))
DAYS = int(os.environ.get("DAYS", "350"))
ORDER = [("home", "ascending"), ("policy", "ascending")]
POLICIES = os.environ.get("POLICIES", "plan_perfect_load_pv").split()
"""The plan itself takes five times as long as the one that knows load and PV."""
BEGIN = datetime(2023, 8, 13, tzinfo=UTC)
"""Two weeks after the homes' first hour: a forecast needs something to learn from."""


@pytest.fixture
def homes(tmp_path: Path) -> Path:
    write_homes(tmp_path / "homes", COUNT)
    return tmp_path / "homes"


def backtest(folder: Path, out: Path, *more: str) -> subprocess.Popen[bytes]:
    period = ("--from", f"{BEGIN:%FT%TZ}", "--to", f"{BEGIN + timedelta(days=DAYS):%FT%TZ}")
    command = [sys.executable, "-m", "tariff_planner", "backtest", str(folder), *period, "--out", str(out)]
    return subprocess.Popen([*command, "--policies", *POLICIES, *more], stdout=subprocess.DEVNULL)


@contextmanager
def cluster(folder: Path) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """A scheduler and two workers of one thread each, on loopback."""
    port = free_port()
    python = (sys.executable, "-m")
    log = (folder / "dask.log").open("wb")
    scheduler = subprocess.Popen(
        [*python, "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard"],
        stdout=log, stderr=log,
    )  # fmt: skip
    address = f"tcp://127.0.0.1:{port}"
    workers = []
    try:
        wait_for_port(port, 60)
        workers = [
            subprocess.Popen(
                [*python, "distributed.cli.dask_worker", address, "--nthreads", "1", "--no-dashboard", "--no-nanny",
                 "--local-directory", str(folder / f"worker-{n}")],
                stdout=log, stderr=log,
            )
            for n in range(2)
        ]  # fmt: skip
        yield address, workers
    finally:
        for process in (*workers, scheduler):
            process.kill()
            process.wait()
        log.close()


@pytest.mark.skipif(not COUNT, reason="opt-in, because it takes long: make homes HOMES=100")
def test_a_worker_that_dies_changes_no_figure(homes: Path, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    alone, shared = tmp_path / "alone", tmp_path / "shared"
    assert backtest(homes, alone).wait() == 0
    tell("without a cluster")
    with cluster(tmp_path) as (address, workers):
        running = backtest(homes, shared, "--cluster", address)
        while len(list(shared.glob("*.parquet"))) < COUNT // 2:
            assert running.poll() is None
            time.sleep(0.05)
        workers[0].send_signal(signal.SIGKILL)
        tell(f"one of two workers killed after {len(list(shared.glob('*.parquet')))} homes")
        assert running.wait() == 0
    tell("on the cluster, one worker left")
    assert parquet.read_table(shared).num_rows == COUNT * (2 + len(POLICIES))
    assert parquet.read_table(shared).sort_by(ORDER).equals(parquet.read_table(alone).sort_by(ORDER))


def tell(what: str) -> None:
    """Says it with the CPU seconds of all that has ended so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    took = f"{used.ru_utime + used.ru_stime:.0f} CPU s so far, {used.ru_maxrss / 1024:.0f} MB at most"
    sys.stdout.write(f"  {COUNT} homes, {DAYS} days each: {what}; {took}\n")
    sys.stdout.flush()
