"""The blocks of docs/notifier.md do what the page says, typed as they stand there."""

import asyncio
import shutil
from pathlib import Path

import pytest

from support.brokers import Broker
from support.chats import house
from support.doc_blocks import blocks, filled, page, typed

PAGE = page("notifier.md")
pytestmark = pytest.mark.skipif(shutil.which("mosquitto_rr") is None, reason="no mosquitto_rr here (mosquitto-clients)")


async def test_the_settings_are_checked_and_the_command_is_answered(broker: Broker, tmp_path: Path) -> None:
    settings, check, command = blocks(PAGE)
    assert (settings.language, check.language, command.language) == ("yaml", "sh", "sh")
    async with house(broker, tmp_path, "de") as h, h.notifier() as bus:
        assert h.settings.telegram is not None
        values = {
            "mqtt-01.vm.mares.id": "127.0.0.1",
            "host: 127.0.0.1": f"host: 127.0.0.1, port: {broker.port}",
            "-h 127.0.0.1": f"-h 127.0.0.1 -p {broker.port}",
            "/var/lib/evcc-ems-notifier": str(tmp_path / "other"),
            "/run/current-system/sw/bin/rsvg-convert": shutil.which("rsvg-convert") or shutil.which("true") or "true",
            "token_credential: telegram": f"token_credential: telegram, api_url: {h.settings.telegram.api_url}",
        }
        credentials = tmp_path / "credentials"
        credentials.mkdir()
        (credentials / "telegram").write_text((tmp_path / "token").read_text())
        (credentials / "mqtt").write_text("anything")
        assert settings.file == "notifier.yaml"
        (tmp_path / settings.file).write_text(filled(settings.text, values))
        environment = {"CREDENTIALS_DIRECTORY": str(credentials)}
        told = await asyncio.to_thread(typed, check.text, tmp_path, environment=environment)
        assert told.status == 0, told.output
        assert "Anna drives zoe, is asked in Telegram, reads de" in told.output
        assert "zoe should have 70 % by 07:00 on mon, tue, wed, thu, fri" in told.output
        h.car()
        await bus.subscribed()
        told = await asyncio.to_thread(typed, filled(command.text, values), tmp_path)
        assert told.status == 0, told.output
        assert "Zoe: 80 % by tomorrow 07:00 (Home Assistant)" in told.output
