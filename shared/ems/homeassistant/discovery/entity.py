"""An entity of Home Assistant as one row of a table, and the payload that announces a device with its rows."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ems.contract.currency import currency as known_currency
from ems.contract.message import Text
from ems.contract.service import Service
from ems.contract.topics import SITE, STATUS
from ems.homeassistant.discovery.template import template

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


@dataclass(frozen=True, slots=True)
class Calm:
    """How far a number moves before Home Assistant keeps another state of it; the bus always has the newest."""

    step: float
    """In the entity's unit; a smaller change waits."""
    share: float = 0.0
    """The same as a share of what is shown, where that is more."""
    wait_s: int = 900
    """How long a smaller change waits."""
    digits: int = 1
    """How many decimal digits are told."""


CALM_POWER = Calm(step=100, share=0.1, wait_s=300, digits=0)
CALM_SOC = Calm(step=0.5)
CALM_COUNTER = Calm(step=0.1, digits=2)


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
    words: Mapping[str, Text] | None = None
    """What people read for each word that ``value`` may be: the options of a select, or of a sensor."""
    calm: Calm | None = None
    """Which changes are too small to be shown at once."""
    typed: bool = False
    """Whether it shows what was typed until the service says what is true, which it does after each answer.

    Else nothing changes when the service refuses, and a browser's field goes on showing what was typed.
    """
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
    cents: bool = False
    """Whether prices of a kWh are in the currency's small unit."""
    evcc_url: str | None = None
    """Where people find evcc's own interface."""
    datetime: bool = False
    """Whether Home Assistant has date and time fields for MQTT."""

    def say(self, text: Text) -> str:
        """``text`` in the home's language."""
        return text.in_language(self.language)

    @property
    def price_unit(self) -> str:
        """Of a kWh's price, in every entity and attribute alike."""
        return f"{known_currency(self.currency).price_unit if self.cents else self.currency}/kWh"

    @property
    def price_digits(self) -> int:
        """How many of a price's decimal digits are shown."""
        return 1 if self.price_factor > 1 else 3

    @property
    def price_factor(self) -> float:
        """How many of the price's unit are one of the currency."""
        return known_currency(self.currency).price_factor if self.cents else 1.0

    def priced(self, path: str) -> str:
        """A Jinja expression for the price at ``path`` in :attr:`price_unit`; absent is unknown."""
        return f"({path} * {self.price_factor:g}) | round({self.price_digits + 1}) if {path} is defined else none"

    def read(self, path: str) -> str:
        """A Jinja expression for the words of the text at ``path`` in the home's language, else in English."""
        return f"({path}.{self.language} | default({path}.en))"


def price(home: HomeContext) -> dict[str, Any]:
    """What a price per kWh has: Home Assistant has no class for that."""
    return {
        "unit_of_measurement": home.price_unit,
        "state_class": "measurement",
        "suggested_display_precision": home.price_digits,
        "icon": "mdi:cash-clock",
    }


def money(currency: str) -> dict[str, Any]:
    """An amount."""
    return {"device_class": "monetary", "unit_of_measurement": currency, "suggested_display_precision": 2}


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
    """The id of the device above it; where nobody has announced that yet, Home Assistant makes room for it."""
    entities_of: str | None = None
    """The device whose id is in its entities' ids, where that is another one."""
    area: str | None = None
    """Where Home Assistant puts it when it comes."""
    url: str | None = None
    """Where people set it up."""

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
    if device.area:
        about["suggested_area"] = device.area
    if device.url:
        about["configuration_url"] = device.url
    return json.dumps(
        {
            "device": about,
            "origin": {"name": "evcc-ems", "sw_version": version},
            "qos": 1,
            "components": {e.key: _component(e, device, prefix, language) for e in device.entities},
        },
        ensure_ascii=False,
    ).encode()


def reworded(config: bytes) -> bytes:
    """The payload ``config`` in other words that mean the same, so that Home Assistant reads it anew.

    While it loads a platform, such as the first select, it may take any entity's availability as it stands, unread: all
    platforms share one validator (voluptuous), which is empty while another thread compiles it. Such an entity would be
    unavailable until its announcement changes.
    """
    whole = json.loads(config)
    for component in whole["components"].values():
        for place in component.get("availability", ()):
            if "value_template" in place:
                place["value_template"] += "{##}"
    return json.dumps(whole, ensure_ascii=False).encode()


def shown(path: str) -> str:
    """The expression for the value at ``path`` in the payload; absent is unknown."""
    expression = "value_json"
    *parents, last = path.split(".")
    for parent in parents:
        expression = f"({expression}.{parent} | default({{}}))"
    return f"{expression}.{last} | default('None')"


def rounded(path: str, digits: int = 2) -> str:
    """The expression for the number at ``path``, no more exact than people read it; absent is unknown."""
    # What rounds to nothing has no minus: adding nothing takes it away.
    return f"({path} | round({digits})) + 0 if {path} is defined else 'None'"


def minute(path: str) -> str:
    """The expression for the moment at ``path`` without its seconds: what is made twice in a minute is one state."""
    return f"{path}[:16] ~ ':00Z' if {path} is defined else 'None'"


def described(expression: str) -> str:
    """A template for attributes, a dictionary; a wiped topic has none."""
    return f"{{{{ (({expression}) if value_json is defined else {{}}) | tojson }}}}"


def literal(words: Mapping[str, str] | str) -> str:
    """A dictionary, or a word, as Jinja reads it."""
    return json.dumps(words, ensure_ascii=False)


def flag(expression: str) -> str:
    """The expression that is ON where ``expression`` is true, OFF where false."""
    return f"'ON' if {expression} else 'OFF'"


def _available(topic: str, template: str | None = None) -> dict[str, str]:
    """Where Home Assistant sees that something can be used.

    The words are its own defaults: without them it sometimes loses an entity whose device is told twice at its start.
    """
    found = {"topic": topic, "payload_available": "online", "payload_not_available": "offline"}
    return found if template is None else found | {"value_template": template}


def _kept(expression: str, platform: str) -> str:
    """A template for ``expression`` under which a wiped (empty) topic changes nothing and logs nothing."""
    # Most platforms pass over what renders to nothing; a sensor and a text take it for a value.
    unknown = {"sensor": "'None'", "text": "''"}.get(platform)
    kept = f"{{{{ {unknown} if this.state in ['unavailable', 'unknown'] else this.state }}}}" if unknown else ""
    return _if_there(expression, kept)


def _if_there(expression: str, otherwise: str) -> str:
    return f"{{% if value_json is defined %}}{{{{ {expression} }}}}{{% else %}}{otherwise}{{% endif %}}"


def _value_template(entity: Entity, expression: str, language: str) -> str:
    if entity.words:
        # Home Assistant logs an error for a state that is none of the options.
        said = {word: text.in_language(language) for word, text in entity.words.items()}
        expression = f"{literal(said)}[{expression}] | default('None')"
    elif entity.platform == "select":
        expression = f"({expression}) if ({expression}) in {entity.more['options']!r} else 'None'"
    if entity.calm:
        calm, unit = entity.calm, entity.more["unit_of_measurement"]
        return template(
            "calm",
            value=expression,
            unit=unit,
            step=calm.step,
            share=calm.share,
            wait_s=calm.wait_s,
            digits=calm.digits,
        )
    if entity.empty_is_none:
        # A text has no "unknown": it is empty.
        return _if_there(expression, "" if entity.platform == "text" else "None")
    return _kept(expression, entity.platform)


def _component(entity: Entity, device: DiscoveryDevice, prefix: str, language: str) -> dict[str, Any]:
    known_as = f"{device.entities_of or device.id}_{entity.key}"
    object_id = f"ems_{known_as}".replace("-", "_")
    whole: dict[str, Any] = {
        "platform": entity.platform,
        "unique_id": f"evcc_ems_{known_as}",
        # The same entity ids in any language and version: Home Assistant has known the second key since 2025.10 only.
        "object_id": object_id,
        "default_entity_id": f"{entity.platform}.{object_id}",
        "name": entity.name.in_language(language) if entity.name else None,
        "availability_mode": "all",
        "availability": [_available(f"{prefix}/{STATUS.path(service=device.service)}")],
    }
    if entity.state:
        whole["image_topic" if entity.platform == "image" else "state_topic"] = f"{prefix}/{entity.state}"
    if entity.value:
        whole["value_template"] = _value_template(entity, entity.value, language)
    if entity.command:
        whole["command_topic"] = f"{prefix}/{entity.command}"
    if entity.attributes:
        path, template = entity.attributes
        whole |= {"json_attributes_topic": f"{prefix}/{path}", "json_attributes_template": template}
    if entity.from_evcc:
        there = _kept("'online' if value_json.evcc.reachable else 'offline'", "availability")
        whole["availability"].append(_available(f"{prefix}/{SITE.path()}", there))
    if entity.only_if:
        path, condition = entity.only_if
        usable = _if_there(f"'online' if {condition} else 'offline'", "offline")
        whole["availability"].append(_available(f"{prefix}/{path}", usable))
    if entity.typed:
        whole["optimistic"] = True
    if entity.disabled:
        whole["enabled_by_default"] = False
    whole |= entity.more
    if entity.words:
        whole |= _options(entity, entity.words, language)
    return whole


def _options(entity: Entity, words: Mapping[str, Text], language: str) -> dict[str, Any]:
    """What people choose among or read, and how that becomes the bus's word again."""
    options: dict[str, Any] = {"options": [text.in_language(language) for text in words.values()]}
    if entity.platform == "sensor":
        return options | {"device_class": "enum"}
    meant = literal({text.in_language(language): word for word, text in words.items()})
    return options | {"command_template": f"{{% set value = {meant}[value] %}}{entity.more['command_template']}"}
