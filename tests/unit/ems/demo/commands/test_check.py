"""ems check: every service's settings, checked by the service."""

from pathlib import Path

import pytest

from ems.demo.__main__ import main


def test_check_asks_every_service_that_has_settings_and_names_those_that_have_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", str(tmp_path)]) == 78, "no settings at all"
    said = capsys.readouterr().out
    assert "notifier: no settings" in said
    assert "rl-agent: no settings" in said
    poller = tmp_path / "evcc-poller.yaml"
    poller.write_text(f"state_dir: {tmp_path}\n")
    assert main(["check", "--offline", str(tmp_path)]) == 0
    assert "reads evcc at" in capsys.readouterr().out
    poller.write_text(f"state_dir: {tmp_path}\npol_interval_s: 10\n")
    assert main(["check", str(tmp_path)]) == 78
    assert "did you mean 'poll_interval_s'" in capsys.readouterr().out


def test_two_services_with_one_client_id_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for service in ("evcc-poller", "tariff-planner"):
        (tmp_path / f"{service}.yaml").write_text(f"state_dir: {tmp_path}\nmqtt: {{client_id: home}}\n")
    assert main(["check", "--offline", str(tmp_path)]) == 78
    assert "evcc-poller and tariff-planner have the same mqtt.client_id home" in capsys.readouterr().out
