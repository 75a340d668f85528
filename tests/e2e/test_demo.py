"""The demo as people start it: real processes, a real broker, and nothing left afterwards."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from support.patience import PATIENCE_S, in_time

DEMO = (sys.executable, "-m", "ems.demo", "demo", "--plain")


def still_running(folder: Path) -> list[str]:
    """Command lines of processes that have anything to do with ``folder``."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            line = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue  # it ended while we looked
        if str(folder) in line:
            found.append(line)
    return found


@contextmanager
def demo(folder: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    """A demo whose files are all in ``folder``."""
    environment = {**os.environ, "TMPDIR": str(folder)}
    command = (*DEMO, *options)
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.terminate()
    assert still_running(folder) == []


def test_once_makes_one_decision_and_ends(tmp_path: Path) -> None:
    with demo(tmp_path, "--once", "--chart", str(tmp_path / "plan.svg")) as process:
        out, errors = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0, errors
    first = re.search(r"The first plan came after ([0-9.]+) s", out)
    assert first is not None, out
    assert float(first[1]) < in_time(20)
    assert "battery: " in out
    assert "<svg" in (tmp_path / "plan.svg").read_text()
    assert [path.name for path in tmp_path.iterdir()] == ["plan.svg"]


def test_a_few_hours_pass_and_are_accounted_for(tmp_path: Path) -> None:
    with demo(tmp_path, "--speed", "720", "--hours", "2") as process:
        out, errors = process.communicate(timeout=3 * PATIENCE_S)
    assert process.returncode == 0, errors
    assert re.search(r"Sun 16:\d\d \| \d+\.\d ct/kWh", out), out
    for expected in ("2 h in this home", "paid, EUR", "cost, EUR", "The last plan as a picture: "):
        assert expected in out, out
    assert "too old" not in out, "the clock outran the services"
    both = r"Battery: Plan [a-z ]+, learner [a-z ]+\. The plan steers: after 28 days the evidence for the [a-z ]+ is "
    assert re.search(both, out), out
    assert list(tmp_path.glob("ems-demo-*.svg"))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_everything_within_three_seconds(tmp_path: Path, number: signal.Signals) -> None:
    with demo(tmp_path) as process:
        assert process.stdout is not None
        assert "kW" in process.stdout.readline()
        assert len(still_running(tmp_path)) == 5, "broker, gateway, notifier, planner, learner"
        began_s = time.monotonic()
        process.send_signal(number)
        _, errors = process.communicate(timeout=PATIENCE_S)
        assert time.monotonic() - began_s < in_time(3)
    assert process.returncode == 130
    assert errors == ""
    assert list(tmp_path.iterdir()) == []


def test_a_service_that_dies_is_reported_with_its_last_lines(tmp_path: Path) -> None:
    with demo(tmp_path) as process:
        assert process.stdout is not None
        process.stdout.readline()
        planner = next(p for p in Path("/proc").glob("[0-9]*") if _is_planner(p, tmp_path))
        os.kill(int(planner.name), signal.SIGKILL)
        _, errors = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 1
    assert "tariff_planner ended with status -9" in errors


def _is_planner(process: Path, folder: Path) -> bool:
    try:
        line = (process / "cmdline").read_bytes().decode(errors="replace")
    except OSError:
        return False
    return str(folder) in line and "tariff_planner" in line


def test_a_wrong_setting_is_named_and_nothing_starts(tmp_path: Path) -> None:
    settings = tmp_path / "demo.yaml"
    settings.write_text("sped: 10\n")
    with demo(tmp_path, "--config", str(settings)) as process:
        out, errors = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 78
    assert out == ""
    assert f"ems: {settings}: sped: unknown (did you mean 'speed'?)" in errors
