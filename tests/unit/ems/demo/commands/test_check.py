"""ems check: every service's settings, checked by the service."""

from pathlib import Path

import pytest

from ems.demo.__main__ import main


def test_check_asks_every_installed_service_and_fails_when_one_does(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", str(tmp_path)]) == 1, "no settings at all"
    poller = tmp_path / "evcc-poller.yaml"
    poller.write_text(f"state_dir: {tmp_path}\n")
    assert main(["check", str(tmp_path)]) == 0
    assert "reads evcc at" in capfd.readouterr().out
    poller.write_text(f"state_dir: {tmp_path}\npol_interval_s: 10\n")
    assert main(["check", str(tmp_path)]) == 78
    assert "did you mean 'poll_interval_s'" in capfd.readouterr().err
