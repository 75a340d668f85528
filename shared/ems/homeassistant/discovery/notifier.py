"""The notifier: drivers and their silence; and on each car its goal and the question that waits for an answer."""

import json

from ems.contract.message import Text
from ems.contract.people import EventKind, Question
from ems.contract.service import Service
from ems.contract.topics import ANSWER, DRIVER, GOAL, MUTE, QUESTION, SET_GOAL
from ems.homeassistant.discovery.common import events, health
from ems.homeassistant.discovery.entity import (
    CONFIG,
    DIAGNOSTIC,
    TIME,
    DiscoveryDevice,
    Entity,
    HomeContext,
    described,
    flag,
    shown,
)
from ems.homeassistant.discovery.vehicle import MODEL, device_id

MUTE_MIN = 8 * 60
"""How long the switch silences."""
_HAPPENS = {
    EventKind.CHEAP_AHEAD: Text(en="Cheap ahead", de="Bald günstig"),
    EventKind.PLEASE_PLUG_IN: Text(en="Please plug in", de="Bitte anstecken"),
    EventKind.SWAP_CARS: Text(en="Swap cars", de="Autos tauschen"),
    EventKind.GOAL_SET: Text(en="Goal set", de="Ziel gesetzt"),
}


def drivers(names: dict[str, str], home: HomeContext) -> DiscoveryDevice:
    """The notifier's own device; ``names`` are the drivers' titles by their name on the bus."""
    rows = [row for name, title in names.items() for row in _driver(name, title)]
    whole = (*rows, *events(_HAPPENS, home), health(Service.NOTIFIER))
    return DiscoveryDevice(Service.NOTIFIER, "drivers", home.say(Text(en="Drivers", de="Fahrer")), "Drivers", whole)


def _driver(name: str, title: str) -> tuple[Entity, ...]:
    path = DRIVER.path(driver=name)
    return (
        Entity(
            f"mute_{name}",
            "switch",
            Text(en=f"{title} muted", de=f"{title} stumm"),
            path,
            flag("value_json.muted_until is defined"),
            MUTE.path(driver=name),
            more={
                **CONFIG,
                "payload_on": f'{{"minutes": {MUTE_MIN}}}',
                "payload_off": '{"minutes": 0}',
                "state_on": "ON",
                "state_off": "OFF",
                "icon": "mdi:bell-sleep",
            },
            about="nothing is sent to this driver for 8 hours",
        ),
        Entity(
            f"muted_until_{name}",
            "sensor",
            Text(en=f"{title} muted until", de=f"{title} stumm bis"),
            path,
            shown("muted_until"),
            more={**DIAGNOSTIC, **TIME},
        ),
        Entity(
            f"language_{name}",
            "sensor",
            Text(en=f"{title} language", de=f"Sprache von {title}"),
            path,
            shown("language"),
            more={**DIAGNOSTIC, "icon": "mdi:translate"},
            attributes=(path, described("{'vehicles': value_json.vehicles}")),
            disabled=True,
        ),
    )


def car_goal(name: str, title: str, question: Question | None, home: HomeContext) -> DiscoveryDevice:
    """What the notifier adds to a car's device, announced beside vehicle-soc; an answer needs the ``question``."""
    rows = (*_goal(name, home), *_question(name, question, home))
    return DiscoveryDevice(Service.NOTIFIER, device_id(name), title, MODEL, rows)


def _goal(name: str, home: HomeContext) -> tuple[Entity, ...]:
    path, command = GOAL.path(vehicle=name), SET_GOAL.path(vehicle=name)
    day = "%d.%m. %H:%M" if home.language == "de" else "%d %b %H:%M"
    return (
        Entity(
            "goal_soc",
            "number",
            Text(en="Charge goal", de="Ladeziel"),
            path,
            "value_json.soc_pct",
            command,
            more={
                "min": 0,
                "max": 100,
                "step": 5,
                "unit_of_measurement": "%",
                "command_template": '{"soc_pct": {{ value }}, "keep": true}',
                "icon": "mdi:battery-charging-high",
            },
            empty_is_none=True,
            about="unknown: no goal; the departure stays as it is",
        ),
        Entity(
            "goal_by",
            "text",
            Text(en="Departure", de="Abfahrt"),
            path,
            f"(as_timestamp(value_json.departure) | timestamp_custom('{day}')) if value_json.departure is defined "
            "else ''",
            command,
            more={
                "max": 100,
                "command_template": "{{ {'by': value, 'keep': true} | tojson }}",
                "icon": "mdi:calendar-clock",
            },
            empty_is_none=True,
            about="in words: `07:00`, `in 3h`, `Friday 6:30`, `80 % tomorrow 7am`; empty: whenever it is cheap",
        ),
        Entity(
            "goal_departure",
            "sensor",
            Text(en="Departure time", de="Abfahrtszeit"),
            path,
            shown("departure"),
            more={**TIME, "icon": "mdi:car-clock"},
            empty_is_none=True,
        ),
        Entity(
            "goal_asked_by",
            "sensor",
            Text(en="Goal set by", de="Ziel gesetzt von"),
            path,
            "value_json.asked_by[:255]",
            more={**DIAGNOSTIC, "icon": "mdi:account-question"},
            attributes=(path, described("{'asked_at': value_json.asked_at}")),
            empty_is_none=True,
        ),
        Entity(
            "goal_remove",
            "button",
            Text(en="Remove goal", de="Ziel entfernen"),
            command=command,
            more={"payload_press": "{}", "icon": "mdi:calendar-remove"},
        ),
        Entity(
            "goal_reply",
            "event",
            Text(en="Goal reply", de="Antwort zum Ziel"),
            SET_GOAL.result.format(vehicle=name),
            "{'event_type': 'accepted' if value_json.accepted else 'refused', 'text': value_json.reason} | tojson",
            more={**DIAGNOSTIC, "event_types": ["accepted", "refused"], "icon": "mdi:message-check"},
            about="what became of a goal that was set, in words as an attribute",
        ),
    )


def _question(name: str, question: Question | None, home: HomeContext) -> tuple[Entity, ...]:
    path, command = QUESTION.path(vehicle=name), ANSWER.path(vehicle=name)
    label = f"label.{home.common_language}"
    asked = question.id if question else ""
    keys = {home.say(o.label): o.key for o in question.options} if question else {}
    about = (
        f"{{'options': value_json.options | map(attribute='{label}') | list, 'kind': value_json.kind, "
        "'free_text': value_json.free_text | default(false), 'asked_at': value_json.asked_at, "
        f"'expires_at': value_json.expires_at, 'text': {home.read('value_json.text')}}}"
    )
    return (
        Entity(
            "question",
            "sensor",
            Text(en="Question", de="Frage"),
            path,
            f"{home.read('value_json.text')}[:255]",
            more={"icon": "mdi:chat-question"},
            attributes=(path, described(about)),
            empty_is_none=True,
            about="unknown: none; the possible answers as an attribute",
        ),
        Entity(
            "answer",
            "select",
            Text(en="Answer", de="Antwort"),
            path,
            "'None'",
            command,
            more={
                "options": list(keys),
                "command_template": f"{{% set keys = {json.dumps(keys, ensure_ascii=False)} %}}"
                f"{{{{ {{'question': '{asked}', 'option': keys[value]}} | tojson }}}}",
                "icon": "mdi:message-reply",
            },
            only_if=(path, "value_json.options"),
            about="of the pending question; unavailable without one",
        ),
        Entity(
            "answer_words",
            "text",
            Text(en="Answer in words", de="Antwort in Worten"),
            path,
            "''",
            command,
            more={
                "max": 200,
                "command_template": f"{{{{ {{'question': '{asked}', 'text': value}} | tojson if value else '' }}}}",
                "icon": "mdi:message-text",
            },
            only_if=(path, "value_json.free_text | default(false)"),
            about="where the pending question takes them",
        ),
    )
