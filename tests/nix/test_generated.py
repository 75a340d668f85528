"""What Nix knows of the Python side, rights and settings, is what the Python side says."""

import os
import subprocess
import sys

import pytest

from nix.flake import ROOT


@pytest.mark.parametrize("seed", ["1", "2"])  # sets have another order then
def test_the_generated_files_are_current(seed: str) -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "docs" / "generate.py", "--check"],
        env=os.environ | {"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode in {0, 1}, done.stderr
    assert [line for line in done.stdout.splitlines() if line.startswith("nix/")] == []
