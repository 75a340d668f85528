"""Rows that several devices have: a service's health, and who controls a device."""

from collections.abc import Mapping

from ems.contract.control import Choice, Owner
from ems.contract.message import Text
from ems.contract.people import EventKind
from ems.contract.service import HealthState, Service
from ems.contract.topics import CONTROL, EVENT, HEALTH, RELEASE, SET_CHOICE
from ems.runtime.discovery.entity import CONFIG, DIAGNOSTIC, Entity, described, shown


def health(service: Service) -> Entity:
    """How a service is; the reasons in words are attributes."""
    path = HEALTH.path(service=service)
    return Entity(
        f"{service.replace('-', '_')}_health",
        "sensor",
        Text(en=f"{service} health", de=f"{service} Zustand"),
        path,
        shown("state"),
        more={
            **DIAGNOSTIC,
            "device_class": "enum",
            "options": [s.value for s in HealthState],
            "icon": "mdi:heart-pulse",
        },
        attributes=(path, described("value_json")),
    )


def control(device: str, *, learner: bool) -> tuple[Entity, ...]:
    """Who decides over ``device`` and why; handing it back; choosing its controller (``rl`` only with a learner)."""
    path = CONTROL.path(device=device)
    choices = [c.value for c in Choice if learner or c is not Choice.RL]
    return (
        Entity(
            "owner",
            "sensor",
            Text(en="decides", de="entscheidet"),
            path,
            shown("owner"),
            more={"device_class": "enum", "options": [o.value for o in Owner], "icon": "mdi:account-switch"},
            attributes=(
                path,
                described(
                    "{'reason': value_json.reason, 'since': value_json.since, "
                    "'error': value_json.error | default(None)}"
                ),
            ),
            from_evcc=True,
        ),
        Entity(
            "controller",
            "select",
            Text(en="controller", de="Steuerung"),
            path,
            shown("choice"),
            SET_CHOICE.path(device=device),
            more={
                **CONFIG,
                "options": choices,
                "command_template": '{"controller": "{{ value }}"}',
                "icon": "mdi:robot",
            },
        ),
        Entity(
            "release",
            "button",
            Text(en="hand back", de="Zurückgeben"),
            command=RELEASE.path(device=device),
            more={"payload_press": "{}", "icon": "mdi:hand-back-left-outline"},
            from_evcc=True,
        ),
    )


def events(names: Mapping[EventKind, Text]) -> tuple[Entity, ...]:
    """What happens, as event entities."""
    said = (
        "{'event_type': value_json.event_type, 'device': value_json.device | default(''), "
        "'vehicle': value_json.vehicle | default(''), 'text': value_json.text} | tojson"
    )
    return tuple(
        Entity(f"event_{kind}", "event", name, EVENT.path(event=kind), said, more={"event_types": [kind.value]})
        for kind, name in names.items()
    )
