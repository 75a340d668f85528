"""ems watch: how it finds the broker."""

from pathlib import Path

import pytest

from ems.demo.commands.watch import mqtt_settings
from ems.runtime.settings import SettingsError


def test_watch_takes_the_broker_from_any_services_settings(tmp_path: Path) -> None:
    file = tmp_path / "evcc-poller.yaml"
    file.write_text("mqtt: {host: broker, port: 8883, tls: true}\npoll_interval_s: 10\n")
    assert mqtt_settings(file, None, None).host == "broker"
    assert mqtt_settings(file, "other", None).port == 8883
    assert mqtt_settings(None, None, None).host == "localhost"
    file.write_text("mqtt: {hst: broker}\n")
    with pytest.raises(SettingsError, match="hst: unknown"):
        mqtt_settings(file, None, None)
