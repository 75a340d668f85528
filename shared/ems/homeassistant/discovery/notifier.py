"""The notifier: drivers and their silence; and on each car its goal and the question that waits for an answer."""

import json
from collections.abc import Iterator

from ems.contract.message import Language, Text
from ems.contract.people import EventKind, Question
from ems.contract.service import Service
from ems.contract.topics import ANSWER, DRIVER, GOAL, MUTE, QUESTION, SET_GOAL
from ems.homeassistant.discovery.common import HUB, events, health, results
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
from ems.homeassistant.discovery.template import template
from ems.homeassistant.discovery.vehicle import device_id, of_vehicle
from ems.homeassistant.discovery.wording.tables import labels, named
from ems.i18n.languages import LOCALES, in_every_language

USUAL_TIME = "07:00"
"""Departure on a day for which no time is set."""
_DATES = {Language.EN: "%d %b %H:%M", Language.DE: "%d.%m. %H:%M", Language.NL: "%d.%m. %H:%M"}
"""A departure as a text field shows it, and takes it again."""
MUTE_MIN = 8 * 60
"""How long the switch silences."""
_DRIVERS = "drivers"
_HAPPENS = (EventKind.CHEAP_AHEAD, EventKind.PLEASE_PLUG_IN, EventKind.SWAP_CARS, EventKind.GOAL_SET)


def drivers(home: HomeContext) -> DiscoveryDevice:
    """The notifier's own device, above those of the drivers."""
    rows = (*events(_HAPPENS, home), results(Service.NOTIFIER, "drivers", home), health(Service.NOTIFIER, home))
    called, what = home.say(named("drivers")), home.say(named("model_drivers"))
    return DiscoveryDevice(Service.NOTIFIER, _DRIVERS, called, what, rows, via=HUB)


def driver(name: str, title: str, home: HomeContext) -> DiscoveryDevice:
    """One driver's device: gone with the driver, and all that people have switched off there with it."""
    what = home.say(named("model_driver"))
    # The entities keep the names that they had when all drivers shared one device.
    return DiscoveryDevice(
        Service.NOTIFIER, f"driver-{name}", title, what, _driver(name), via=_DRIVERS, entities_of=_DRIVERS
    )


def _driver(name: str) -> tuple[Entity, ...]:
    path = DRIVER.path(driver=name)
    return (
        Entity(
            f"mute_{name}",
            "switch",
            named("muted"),
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
            named("muted_until"),
            path,
            shown("muted_until"),
            more={**DIAGNOSTIC, **TIME},
        ),
        Entity(
            f"language_{name}",
            "sensor",
            named("language"),
            path,
            shown("language"),
            words=labels(Language),
            more={**DIAGNOSTIC, "icon": "mdi:translate"},
            attributes=(path, described("{'value': value_json.language, 'vehicles': value_json.vehicles}")),
            disabled=True,
        ),
    )


def car_goal(name: str, title: str, question: Question | None, home: HomeContext) -> DiscoveryDevice:
    """What the notifier adds to a car's device, announced beside vehicle-soc; an answer needs the ``question``."""
    answers = results(Service.NOTIFIER, device_id(name), home, key="goal_reply", name="goal_result")
    rows = (*_goal(name, home), answers, *_question(name, question, home))
    return of_vehicle(Service.NOTIFIER, name, title, home, rows)


def _goal(name: str, home: HomeContext) -> tuple[Entity, ...]:
    path, command = GOAL.path(vehicle=name), SET_GOAL.path(vehicle=name)
    return (
        Entity(
            "goal_soc",
            "number",
            named("charge_goal"),
            path,
            "value_json.soc_pct",
            command,
            more={
                "min": 0,
                "max": 100,
                "step": 5,
                "mode": "box",
                "unit_of_measurement": "%",
                "command_template": '{"soc_pct": {{ value }}, "keep": true}',
                "icon": "mdi:battery-charging-high",
            },
            empty_is_none=True,
            about="unknown: no goal; the departure stays as it is",
        ),
        *_departure(path, command, home),
        Entity(
            "goal_departure",
            "sensor",
            named("departure_time"),
            path,
            shown("departure"),
            more={**TIME, "icon": "mdi:car-clock"},
            empty_is_none=True,
        ),
        Entity(
            "goal_asked_by",
            "sensor",
            named("goal_set_by"),
            path,
            "value_json.asked_by[:255]",
            more={**DIAGNOSTIC, "icon": "mdi:account-question"},
            attributes=(path, described("{'asked_at': value_json.asked_at}")),
            empty_is_none=True,
        ),
        Entity(
            "goal_remove",
            "button",
            named("remove_goal"),
            command=command,
            more={"payload_press": "{}", "icon": "mdi:calendar-remove"},
        ),
    )


def _departure(path: str, command: str, home: HomeContext) -> Iterator[Entity]:
    """When the car leaves, to be set in words or by day and time; each of the two leaves the other as it is."""
    departure = "as_timestamp(value_json.departure)"
    there = "value_json.departure is defined"
    known = (path, described("{'departure': value_json.departure | default(none)}"))
    yield Entity(
        "goal_by",
        "text",
        named("departure"),
        path,
        f"({departure} | timestamp_custom('{_DATES[Language(home.language)]}')) if {there} else ''",
        command,
        more={
            "max": 100,
            "command_template": "{{ {'by': value, 'keep': true} | tojson }}",
            "icon": "mdi:calendar-clock",
        },
        empty_is_none=True,
        about="in words: `07:00`, `in 3h`, `Friday 6:30`, `80 % tomorrow 7am`; empty: whenever it is cheap",
    )
    yield Entity(
        "goal_day",
        "select",
        named("departure_day"),
        path,
        f"({departure} | timestamp_custom('%A')) | lower if {there} else ''",
        command,
        words={"": named("no_departure"), **_weekdays()},
        more={
            "command_template": template("departure_day", usual=USUAL_TIME),
            "icon": "mdi:calendar-week",
        },
        attributes=known,
        empty_is_none=True,
        about=f"the next such day; at {USUAL_TIME}, unless a time is set",
    )
    yield Entity(
        "goal_time",
        "text",
        named("departure_clock"),
        path,
        f"({departure} | timestamp_custom('%H:%M')) if {there} else ''",
        command,
        more={
            "max": 5,
            "pattern": "^(([01]?[0-9]|2[0-3]):[0-5][0-9])?$",
            "command_template": template("departure_time"),
            "icon": "mdi:clock-outline",
        },
        attributes=known,
        empty_is_none=True,
        about="`7:00`; on the day that is set, else the next time that it is so late",
    )
    if home.datetime:
        yield Entity(
            "goal_at",
            "datetime",
            named("departure_at"),
            path,
            f"value_json.departure if {there} else 'None'",
            command,
            more={
                "command_template": "{% set by = value if value is string else value.isoformat() %}"
                "{{ {'by': by, 'keep': true} | tojson }}",
                "icon": "mdi:calendar-clock",
            },
            empty_is_none=True,
            about="with `homeassistant: {datetime: true}`",
        )


def _weekdays() -> dict[str, Text]:
    """Each day of the week by the name that Python, and so Home Assistant, has for it."""

    def of(day: int) -> Text:
        return in_every_language(lambda language: LOCALES[language].weekdays[day].capitalize())

    return {name.lower(): of(day) for day, name in enumerate(LOCALES[Language.EN].weekdays)}


def _question(name: str, question: Question | None, home: HomeContext) -> tuple[Entity, ...]:
    path, command = QUESTION.path(vehicle=name), ANSWER.path(vehicle=name)
    asked = question.id if question else ""
    keys = {home.say(o.label): o.key for o in question.options} if question else {}
    return (
        Entity(
            "question",
            "sensor",
            named("question"),
            path,
            f"{home.read('value_json.text')}[:255]",
            more={"icon": "mdi:chat-question"},
            attributes=(path, template("question", language=home.language)),
            empty_is_none=True,
            about="unknown: none; the possible answers as an attribute",
        ),
        Entity(
            "answer",
            "select",
            named("answer"),
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
            named("answer_in_words"),
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
