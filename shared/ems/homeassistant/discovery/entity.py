"""An entity of Home Assistant as one row of a table, and the payload that announces a device with its rows."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ems.contract.message import Language, Text
from ems.contract.service import Service
from ems.contract.topics import SITE, STATUS

DIAGNOSTIC: Mapping[str, Any] = {"entity_category": "diagnostic"}
CONFIG: Mapping[str, Any] = {"entity_category": "config"}
POWER: Mapping[str, Any] = {
    "device_class": "power",
    "unit_of_measurement": "W",
    "state_class": "measurement",
    "suggested_display_precision": 0,
}
SOC: Mapping[str, Any] = {
    "device_class": "battery",
    "unit_of_measurement": "%",
    "state_class": "measurement",
    "suggested_display_precision": 0,
}
COUNTER: Mapping[str, Any] = {
    "device_class": "energy",
    "unit_of_measurement": "kWh",
    "state_class": "total_increasing",
    "suggested_display_precision": 1,
}
"""What the Energy dashboard takes."""
PERCENT: Mapping[str, Any] = {
    "unit_of_measurement": "%",
    "state_class": "measurement",
    "suggested_display_precision": 0,
}
TIME: Mapping[str, Any] = {"device_class": "timestamp"}


def price(currency: str) -> dict[str, Any]:
    """A price per kWh, as the Energy dashboard takes it: Home Assistant has no class for that."""
    return {
        "unit_of_measurement": f"{currency}/kWh",
        "state_class": "measurement",
        "suggested_display_precision": 3,
        "icon": "mdi:cash-clock",
    }


def money(currency: str) -> dict[str, Any]:
    """An amount."""
    return {"device_class": "monetary", "unit_of_measurement": currency, "suggested_display_precision": 2}


@dataclass(frozen=True, slots=True)
class Entity:
    """One row: what it shows (a path below the prefix and an expression), and what it sends."""

    key: str
    """Unique within its device, and stable for ever: Home Assistant's history hangs on it."""
    platform: str
    name: Text | None
    """Relative to the device; None: the device's own name."""
    state: str | None = None
    """Path below the prefix."""
    value: str | None = None
    """A Jinja expression over ``value_json``."""
    command: str | None = None
    """Path below the prefix."""
    more: Mapping[str, Any] = field(default_factory=dict)
    """Home Assistant's own keys."""
    attributes: tuple[str, str] | None = None
    """Path and template of the attributes."""
    from_evcc: bool = False
    """Whether it is worth nothing while evcc does not answer."""
    only_if: tuple[str, str] | None = None
    """Path and a Jinja condition over ``value_json`` without which it cannot be used now."""
    empty_is_none: bool = False
    """Whether an empty topic says something (there is no goal), instead of having been wiped."""
    disabled: bool = False
    about: str = ""
    """For docs/home-assistant.md, where the name does not say it all."""


@dataclass(frozen=True, slots=True)
class HomeContext:
    """What rows of any device may depend on."""

    language: str = "en"
    currency: str = "EUR"
    learner: bool = False
    """Whether there is a learner to choose as a controller."""

    def say(self, text: Text) -> str:
        """``text`` in the home's language."""
        return text.in_language(self.language)

    @property
    def common_language(self) -> str:
        """The home's language where every service speaks it, else English."""
        return self.language if Text.model_fields[self.language].is_required() else Language.EN.value

    def read(self, path: str) -> str:
        """A Jinja expression for the words of the text at ``path`` in the home's language, else in English."""
        if self.common_language == self.language:
            return f"{path}.{self.language}"
        return f"({path}.{self.language} | default({path}.en))"


@dataclass(frozen=True, slots=True)
class DiscoveryDevice:
    """A device and its rows; ``service`` announces it and its status tells whether it is there."""

    service: Service
    id: str
    """Stable; the object id of the discovery topic and the identifier in Home Assistant."""
    name: str
    """About ten characters: tiles show "device entity" and cut it."""
    model: str
    entities: tuple[Entity, ...]
    via: str | None = None
    """The id of the hub, announced before."""

    @property
    def topic(self) -> str:
        """Where it is announced, below Home Assistant's discovery prefix."""
        return f"device/{self.service}/{self.id}/config"


def payload(device: DiscoveryDevice, prefix: str, version: str, language: str) -> bytes:
    """The discovery payload of ``device``; topics stand below ``prefix``."""
    about: dict[str, Any] = {
        "identifiers": [f"evcc_ems_{device.id}"],
        "name": device.name,
        "manufacturer": "evcc-ems",
        "model": device.model,
        "sw_version": version,
    }
    if device.via:
        about["via_device"] = f"evcc_ems_{device.via}"
    return json.dumps(
        {
            "device": about,
            "origin": {"name": "evcc-ems", "sw_version": version},
            "qos": 1,
            "components": {e.key: _component(e, device, prefix, language) for e in device.entities},
        },
        ensure_ascii=False,
    ).encode()


def shown(path: str) -> str:
    """The expression for the value at ``path`` in the payload; absent is unknown."""
    expression = "value_json"
    *parents, last = path.split(".")
    for parent in parents:
        expression = f"({expression}.{parent} | default({{}}))"
    return f"{expression}.{last} | default('None')"


def described(expression: str) -> str:
    """A template for attributes, a dictionary; a wiped topic has none."""
    return f"{{{{ (({expression}) if value_json is defined else {{}}) | tojson }}}}"


def flag(expression: str) -> str:
    """The expression that is ON where ``expression`` is true, OFF where false."""
    return f"'ON' if {expression} else 'OFF'"


def _kept(expression: str, platform: str) -> str:
    """A template for ``expression`` under which a wiped (empty) topic changes nothing and logs nothing."""
    # Most platforms pass over what renders to nothing; a sensor and a text take it for a value.
    unknown = {"sensor": "'None'", "text": "''"}.get(platform)
    kept = f"{{{{ {unknown} if this.state in ['unavailable', 'unknown'] else this.state }}}}" if unknown else ""
    return _if_there(expression, kept)


def _if_there(expression: str, otherwise: str) -> str:
    return f"{{% if value_json is defined %}}{{{{ {expression} }}}}{{% else %}}{otherwise}{{% endif %}}"


def _value_template(entity: Entity, expression: str) -> str:
    if entity.platform == "select":
        # Home Assistant logs an error for a state that is none of the options.
        expression = f"({expression}) if ({expression}) in {entity.more['options']!r} else 'None'"
    if entity.empty_is_none:
        # A text has no "unknown": it is empty.
        return _if_there(expression, "" if entity.platform == "text" else "None")
    return _kept(expression, entity.platform)


def _component(entity: Entity, device: DiscoveryDevice, prefix: str, language: str) -> dict[str, Any]:
    object_id = f"ems_{device.id}_{entity.key}".replace("-", "_")
    whole: dict[str, Any] = {
        "platform": entity.platform,
        "unique_id": f"evcc_ems_{device.id}_{entity.key}",
        # The same entity ids in any language and version: Home Assistant has known the second key since 2025.10 only.
        "object_id": object_id,
        "default_entity_id": f"{entity.platform}.{object_id}",
        "name": entity.name.in_language(language) if entity.name else None,
        "availability_mode": "all",
        "availability": [{"topic": f"{prefix}/{STATUS.path(service=device.service)}"}],
    }
    if entity.state:
        whole["image_topic" if entity.platform == "image" else "state_topic"] = f"{prefix}/{entity.state}"
    if entity.value:
        whole["value_template"] = _value_template(entity, entity.value)
    if entity.command:
        whole["command_topic"] = f"{prefix}/{entity.command}"
    if entity.attributes:
        path, template = entity.attributes
        whole |= {"json_attributes_topic": f"{prefix}/{path}", "json_attributes_template": template}
    if entity.from_evcc:
        there = _kept("'online' if value_json.evcc.reachable else 'offline'", "availability")
        whole["availability"].append({"topic": f"{prefix}/{SITE.path()}", "value_template": there})
    if entity.only_if:
        path, condition = entity.only_if
        usable = _if_there(f"'online' if {condition} else 'offline'", "offline")
        whole["availability"].append({"topic": f"{prefix}/{path}", "value_template": usable})
    if entity.disabled:
        whole["enabled_by_default"] = False
    return whole | dict(entity.more)
