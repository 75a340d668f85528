"""Tests in several processes say what they say in one, and one that takes its process with it loses no other."""

import os
import re
import subprocess
import sys
from pathlib import Path

SAMPLES = {
    "test_first.py": """
import os, pytest, warnings
def test_passes(): pass
def test_fails(): print("on the way"); assert 1 == 2
def test_is_skipped(): pytest.skip("not here")
def test_takes_its_process_with_it(): os.kill(os.getpid(), 9)
def test_after_it(tmp_path): tmp_path.joinpath("file").touch()
def test_warns(): warnings.warn("look out", UserWarning)
""",
    "test_second.py": """
def test_beside_it(shared): pass
""",
    "conftest.py": """
import pytest

@pytest.fixture(scope="session")
def shared():
    yield
    raise RuntimeError("comes down badly")
""",
}


def run(folder: Path, *options: str) -> tuple[int, str]:
    tests = str(Path(__file__).parents[1])
    environment = {**os.environ, "PYTHONPATH": tests, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    command = [sys.executable, "-m", "pytest", "-c", os.devnull, "-p", "support.forks", *options, str(folder)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_every_test_runs_once_and_says_what_it_says(tmp_path: Path) -> None:
    for name, text in SAMPLES.items():
        (tmp_path / name).write_text(text)
    status, said = run(tmp_path, "--forks", "2", "-ra")
    assert status == 1, said
    assert re.search(r"SKIPPED .*not here", said)
    assert re.search(r"E\s+assert 1 == 2", said)
    assert "on the way" in said
    assert re.search(r"FAILED \S+::test_takes_its_process_with_it", said)
    assert "the process that ran it ended with status -9" in said
    assert "UserWarning: look out" in said
    assert "RuntimeError: comes down badly" in said, "what a whole session sets up comes down at its end, and is heard"
    assert re.search(r"3 failed, 4 passed, 1 skipped, 1 warning", said), said


def test_the_first_failure_can_be_the_last(tmp_path: Path) -> None:
    for number in range(20):
        (tmp_path / f"test_{number}.py").write_text("import time\ndef test_it(): time.sleep(0.05); assert False\n")
    status, said = run(tmp_path, "--forks", "2", "-x")
    assert status == 1, said
    assert "stopping after 1 failures" in said


def test_what_cannot_be_read_is_an_error_as_ever(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text("def test_it(: pass\n")
    status, said = run(tmp_path, "--forks", "2")
    assert status == 2, said
    assert "SyntaxError" in said
