"""``ems watch``: the live view on any broker."""

from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from ems.bus.session import MqttBus
from ems.contract.message import in_words
from ems.contract.service import Service
from ems.demo.terminal.bus_snapshot import BusWatcher
from ems.demo.terminal.display import display
from ems.demo.terminal.view import TerminalView, watch_line
from ems.demo.terminal.words import word
from ems.runtime import credentials, yaml12
from ems.runtime.clock import clock_from_environment
from ems.runtime.settings import MqttSettings, SettingsError


def mqtt_settings(path: Path | None, host: str | None, port: int | None) -> MqttSettings:
    """How to reach the broker: by the ``mqtt`` part of any service's settings file, outranked by host and port.

    Raises:
        SettingsError: names the file, the key, what is wrong and what is allowed.
    """
    try:
        whole = yaml12.load(path.read_text("utf-8")) if path else {}
    except (OSError, ValueError) as error:
        raise SettingsError(f"{path}: cannot be read: {error}") from None
    mqtt = whole.get("mqtt", {}) if isinstance(whole, dict) else {}
    given = {key: value for key, value in (("host", host), ("port", port)) if value is not None}
    try:
        return MqttSettings.model_validate({**mqtt, **given})
    except ValidationError as error:
        raise SettingsError(f"{path or 'options'}: mqtt: {in_words(error, MqttSettings)}") from None


async def watch(mqtt: MqttSettings, *, zone: ZoneInfo, language: str, plain: bool) -> None:
    """Shows what is on the broker, until cancelled."""
    password = (
        credentials.read(mqtt.password_credential, "mqtt.password_credential") if mqtt.password_credential else None
    )
    clock = clock_from_environment()
    bus = MqttBus(Service.USERS, mqtt, clock, password=password)
    view = TerminalView(zone, language, f"{mqtt.host}:{mqtt.port}", watch_line(mqtt.host, mqtt.port))
    watcher = BusWatcher(bus)
    async with bus.session():
        lost = word("no_broker", language)
        await display(view, watcher, clock, plain=plain, extra=lambda: "" if bus.connected else lost)
