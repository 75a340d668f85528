"""``ems watch``: the live view on any broker."""

from pathlib import Path
from zoneinfo import ZoneInfo

from ems.bus.session import MqttBus
from ems.contract.service import Service
from ems.demo.terminal.bus_snapshot import BusWatcher
from ems.demo.terminal.display import display
from ems.demo.terminal.view import TerminalView, watch_line
from ems.demo.terminal.words import word
from ems.runtime import credentials
from ems.runtime.clock import clock_from_environment
from ems.runtime.notation import settings_file
from ems.runtime.settings import MqttSettings, SettingsError, validated


def mqtt_settings(path: Path | None, host: str | None, port: int | None) -> MqttSettings:
    """How to reach the broker: by the ``mqtt`` part of any service's settings file, outranked by host and port.

    Raises:
        SettingsError: names the file, the key, what is wrong and what is allowed.
    """
    try:
        mqtt = settings_file.read(path).get("mqtt") or {} if path else {}
        given = {key: value for key, value in (("host", host), ("port", port)) if value is not None}
        return validated(MqttSettings, {**mqtt, **given} if isinstance(mqtt, dict) else mqtt, where="mqtt")
    except (SettingsError, settings_file.UnreadableError) as error:
        raise SettingsError(f"{path or 'options'}: {error}") from None


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
