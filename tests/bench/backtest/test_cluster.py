"""Many homes on a Dask cluster of two workers, of which one dies on the way: the same figures to the last digit."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ems.demo.broker import free_port
from support.brokers import wait_for_port
from support.homes import HOMES

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]

COUNT = int(os.environ.get("HOMES_COUNT", "0"))
DAYS = int(os.environ.get("HOMES_DAYS", "7"))


@pytest.fixture
def homes(tmp_path: Path) -> Path:
    """The real home, a bit larger or smaller each time."""
    folder = tmp_path / "homes"
    folder.mkdir()
    head, *lines = (HOMES / "home-a.csv").read_text().splitlines()
    for number in range(COUNT):
        scaled = (line.split(",") for line in lines)
        rows = [f"{start},{float(load) * (0.5 + number / COUNT) if load else ''},{rest}"
                for start, load, rest in ((row[0], row[1], ",".join(row[2:])) for row in scaled)]  # fmt: skip
        (folder / f"home-{number:03d}.csv").write_text("\n".join([head, *rows]) + "\n")
    return folder


def backtest(folder: Path, out: Path, *more: str) -> subprocess.Popen[bytes]:
    period = ("--from", "2024-04-22T00:00:00Z", "--to", f"2024-04-{22 + DAYS:02d}T00:00:00Z")
    config = ("--config", str(HOMES / "home-a.yaml"))
    command = [sys.executable, "-m", "tariff_planner", "backtest", str(folder), *config, *period, "--out", str(out)]
    return subprocess.Popen([*command, *more])


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


@pytest.mark.skipif(not COUNT, reason="opt-in, because it takes long: HOMES_COUNT=100 HOMES_DAYS=7")
def test_a_worker_that_dies_changes_no_figure(homes: Path, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    alone, shared = tmp_path / "alone", tmp_path / "shared"
    assert backtest(homes, alone).wait() == 0
    with cluster(tmp_path) as (address, workers):
        began = time.monotonic()
        running = backtest(homes, shared, "--cluster", address)
        while len(list(shared.glob("*.parquet"))) < COUNT // 3:
            assert running.poll() is None
            time.sleep(0.05)
        workers[0].send_signal(signal.SIGKILL)
        assert running.wait() == 0
        sys.stdout.write(
            f"  {COUNT} homes, {DAYS} days each, one of two workers killed: {time.monotonic() - began:.0f} s\n"
        )
    assert parquet.read_table(shared).sort_by("home").equals(parquet.read_table(alone).sort_by("home"))
