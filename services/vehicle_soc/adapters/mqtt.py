"""Cars that another program publishes over MQTT: any topic, or a preset. The newest message counts."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any, Literal, Self, override
from zoneinfo import ZoneInfo

import structlog
from pydantic import Field, SecretStr, model_validator

from ems.bus.client_id import unguessable
from ems.bus.connection import BrokerConnection
from ems.bus.subscriptions import Incoming
from ems.runtime.settings import MqttSettings, Timezone
from vehicle_soc.adapters.mqtt_connection import SharedConnection
from vehicle_soc.adapters.provider import Context, Impossible, Options, ProviderKind, Pushed, Vin
from vehicle_soc.domain import mqtt_presets
from vehicle_soc.domain.mqtt_presets import ValueLocation, ValueLocations
from vehicle_soc.domain.readings import Reading
from vehicle_soc.domain.value_parsing import (
    distance_km,
    document,
    find,
    flag,
    impossible_percent,
    moment,
    percent,
    zoneless,
)
from vehicle_soc.domain.wording.problems import ReadDenied, vin_end

MAX_BYTES = 100_000
"""Longest payload that is read, in bytes."""
_TOPIC = r"^[^+#\x00$][^+#\x00]*$"
_PREFIXES = {"carconnectivity": "carconnectivity/0", "teslamate": "teslamate", "statestream": "homeassistant"}


class MqttOptions(Options):
    """Topics to listen to; on the suite's broker unless ``broker`` names another."""

    topic: str | None = Field(default=None, pattern=_TOPIC)
    soc: str = ""
    """Path to the SoC in the topic's payload; empty: the payload is the number."""
    range: str | None = None
    measured_at: str | None = None
    zone: Timezone | None = None
    """The zone of times without an offset, such as ``Europe/Berlin``; without it they say nothing."""
    plugged_in: str | None = None
    charging: str | None = None
    preset: Literal["carconnectivity", "teslamate", "statestream"] | None = None
    vin: Vin = None
    car_id: str = "1"
    entity: str | None = None
    prefix: str | None = Field(default=None, pattern=_TOPIC)
    broker: MqttSettings | None = None
    broker_password: SecretStr | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.topic is None) == (self.preset is None):
            raise ValueError("give either topic or preset")
        needed = {"carconnectivity": "vin", "statestream": "entity"}.get(self.preset or "")
        if needed and getattr(self, needed) is None:
            raise ValueError(f"the preset needs {needed}")
        return self

    def places(self) -> ValueLocations:
        """Where each value comes from."""
        prefix = self.prefix or _PREFIXES.get(self.preset or "", "")
        match self.preset:
            case "carconnectivity":
                return mqtt_presets.car_connectivity(prefix, self.vin or "")
            case "teslamate":
                return mqtt_presets.teslamate(prefix, self.car_id)
            case "statestream":
                return mqtt_presets.statestream(prefix, self.entity or "")
        paths = {"soc": self.soc, "range": self.range, "measured_at": self.measured_at}
        paths |= {"plugged_in": self.plugged_in, "charging": self.charging}
        return {name: ValueLocation(self.topic or "", path) for name, path in paths.items() if path is not None}


class Mqtt(Pushed):
    """One car. All cars of one broker and account share a connection."""

    def __init__(self, options: MqttOptions, context: Context) -> None:
        self._options, self._context = options, context
        self._values: dict[str, Any] = {}
        self._told_at: datetime | None = None
        self._heard_at: datetime | None = None
        if options.vin:
            context.conceal(options.vin)

    @override
    async def listen(self, deliver: Callable[[Reading], None]) -> None:
        places = self._options.places()
        told = places["soc"].topic
        log = structlog.get_logger(__name__).bind(car=self._context.car)

        def take(message: Incoming) -> None:
            if (found := self._take(places, message)) is not None:
                deliver(found)

        async with self._shared_connection().listening({p.topic for p in places.values()}, take) as (
            refused,
            until_lost,
        ):
            if told in refused:
                raise Impossible(ReadDenied(self._shown(told), self._settings.username))
            for topic in refused:
                log.warning("the broker denies read access", topic=self._shown(topic))
            log.info("listening")
            await until_lost()

    @property
    def _settings(self) -> MqttSettings:
        return self._options.broker or self._context.mqtt

    def _shared_connection(self) -> SharedConnection:
        """The one to the car's broker; who comes first gives it its name."""
        settings, own_broker = self._settings, self._options.broker is not None
        password = self._options.broker_password if own_broker else self._context.mqtt_password
        connections: dict[Any, SharedConnection] = self._context.shared.setdefault("mqtt", {})
        if (key := (settings, password)) not in connections:
            name = unguessable(f"vehicle-soc-{self._context.car}", settings, password)
            connections[key] = SharedConnection(lambda: BrokerConnection(settings, name, password=password))
        return connections[key]

    def _shown(self, topic: str) -> str:
        """The topic without the VIN that may stand in it."""
        vin = self._options.vin
        return topic.replace(vin, vin_end(vin)) if vin else topic

    def _take(self, places: ValueLocations, message: Incoming) -> Reading | None:
        """The reading after ``message``; None when it says nothing of the SoC's topic."""
        if len(message.payload) > MAX_BYTES:
            return None
        tree = document(message.payload.decode(errors="replace"))
        for name, place in places.items():
            if place.topic == message.topic:
                self._values[name] = find(tree, place.path) if place.path else tree
        now = self._context.clock.now()
        if message.topic == places["soc"].topic:
            self._told_at, self._heard_at = now, None if message.retain else now
        zone = ZoneInfo(self._options.zone) if self._options.zone else None
        if (impossible := impossible_percent(self._values.get("soc"))) is not None:
            told = replace(_beside_the_soc(self._values, self._told_at or now), impossible_pct=impossible)
            self._context.tell_impossible(told)
        return reading(self._values, self._told_at or now, self._heard_at, zone)


def reading(
    values: dict[str, Any], told_at: datetime, heard_at: datetime | None, zone: ZoneInfo | None = None
) -> Reading | None:
    """What the newest values say; None without a SoC.

    Args:
        values: by field, as they came.
        told_at: when the SoC came; what comes beside it later makes it no younger.
        heard_at: the same, if it came as news; what a broker had kept may be of any age.
        zone: of times without an offset.
    """
    soc = percent(values.get("soc"))
    if soc is None:
        return None
    sent = values.get("measured_at")
    measured = moment(sent, zone)
    return replace(
        _beside_the_soc(values, told_at),
        soc_pct=soc,
        measured_at=measured if "measured_at" in values else heard_at,
        zoneless=zone is None and zoneless(sent),
        pushed=measured is None,
        range_km=distance_km(values.get("range")),
    )


def _beside_the_soc(values: dict[str, Any], told_at: datetime) -> Reading:
    return Reading(
        source="mqtt",
        asked_at=told_at,
        plugged_in=flag(values.get("plugged_in")),
        charging=flag(values.get("charging")),
    )


def make(options: MqttOptions, context: Context) -> Mqtt:
    """The provider for one car."""
    return Mqtt(options, context)


KIND = ProviderKind(options=MqttOptions, make=make)
