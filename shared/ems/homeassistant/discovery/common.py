"""Rows that several devices have: a service's health, who controls a device, what happens."""

from collections.abc import Iterable
from dataclasses import dataclass

from ems.contract.control import Choice, Owner
from ems.contract.message import Text
from ems.contract.people import EventKind
from ems.contract.service import HealthState, Service
from ems.contract.topics import CONTROL, DEVICE_RESULT, EVENT, HEALTH, RELEASE, SET_CHOICE
from ems.homeassistant.discovery.entity import (
    CONFIG,
    DIAGNOSTIC,
    Entity,
    HomeContext,
    described,
    flag,
    literal,
    shown,
)
from ems.homeassistant.discovery.wording.tables import labels, named

HUB = "site"
"""The device above all others."""
_ICONS = {
    EventKind.CHARGED: "battery-check",
    EventKind.PLUGGED_IN: "power-plug",
    EventKind.UNPLUGGED: "power-plug-off",
    EventKind.OVERRIDE: "account-alert",
    EventKind.BOOST_ENDED: "rocket-launch-outline",
    EventKind.CONTROL_LOST: "link-off",
    EventKind.CONTROL_BACK: "link",
    EventKind.DECISION: "gavel",
    EventKind.DEADLINE_AT_RISK: "clock-alert",
    EventKind.CHEAP_AHEAD: "cash-clock",
    EventKind.PLEASE_PLUG_IN: "power-plug-outline",
    EventKind.SWAP_CARS: "swap-horizontal",
    EventKind.LOGIN_NEEDED: "login",
    EventKind.GOAL_SET: "flag-checkered",
    EventKind.CONTROLLER_CHANGED: "robot",
}


def health(service: Service, home: HomeContext) -> Entity:
    """How a service is; the reasons in the home's words are attributes."""
    path = HEALTH.path(service=service)
    # A service of before has its reasons in English alone.
    problems = "value_json.problems | default([])"
    detail = "((p.reason.parameters | default({})).detail | default(''))"
    # What an outside system or the machine says is English: where the home reads another language it stands apart.
    words = f"(p.text.{home.language} | default(''))"
    words = words if home.language == "en" else f"{words} | replace(' (' ~ {detail} ~ ')', '')"
    told = (
        "{% set ns = namespace(told=[], details=[]) %}"
        f"{{% for p in ({problems} if value_json is defined else []) %}}"
        f"{{% set ns.told = ns.told + [{words}] %}}{{% set ns.details = ns.details + [{detail}] %}}{{% endfor %}}"
    )
    return Entity(
        f"{service.replace('-', '_')}_health",
        "sensor",
        named("health"),
        path,
        shown("state"),
        words=labels(HealthState),
        more={**DIAGNOSTIC, "icon": "mdi:heart-pulse"},
        # Not its moment: that moves with every message.
        attributes=(
            path,
            told
            + described(
                "{'value': value_json.state, 'reasons': ns.told | select | list or value_json.reasons | default([]), "
                "'details': ns.details | select | list, "
                f"'kinds': {problems} | map(attribute='reason.kind') | list, "
                "'since': value_json.since, 'version': value_json.version}"
            ),
        ),
        about=f"of {service}; why, and since when, as attributes",
    )


@dataclass(frozen=True, slots=True)
class ControlNames:
    """What the rows about control are called on a device, and the key of the row that says what is wrong."""

    owner: Text
    controller: Text
    release: Text
    problem: Text
    problem_key: str = "problem"


def control(device: str, home: HomeContext, names: ControlNames) -> tuple[Entity, ...]:
    """Who decides over ``device`` (its name on the bus) and why; handing it back; choosing its controller."""
    path = CONTROL.path(device=device)
    choices = {c: text for c, text in labels(Choice).items() if home.learner or c != Choice.RL}
    why = (
        f"{{'value': value_json.owner, 'reason': {home.read('value_json.reason')}, 'since': value_json.since, "
        "'until': value_json.until | default(None), 'phase': value_json.phase, "
        "'controller': value_json.controller | default(None)}"
    )
    return (
        Entity(
            "owner",
            "sensor",
            names.owner,
            path,
            shown("owner"),
            words=labels(Owner),
            more={"icon": "mdi:account-switch"},
            attributes=(path, described(why)),
            from_evcc=True,
            about="a person, a boost, the plan, or evcc alone; why, and until when, as attributes",
        ),
        Entity(
            "controller",
            "select",
            names.controller,
            path,
            shown("choice"),
            SET_CHOICE.path(device=device),
            words=choices,
            more={**CONFIG, "command_template": '{"controller": "{{ value }}"}', "icon": "mdi:robot"},
            attributes=(path, described("{'value': value_json.choice}")),
            about="by the evidence, the plan, the learner (`rl`, where `rl-agent` runs), or evcc alone",
        ),
        Entity(
            "release",
            "button",
            names.release,
            command=RELEASE.path(device=device),
            more={"payload_press": "{}", "icon": "mdi:hand-back-left-outline"},
            from_evcc=True,
            about="ends what a person has set: the controller in charge decides again",
        ),
        Entity(
            names.problem_key,
            "binary_sensor",
            names.problem,
            path,
            flag("value_json.error is defined"),
            more={**DIAGNOSTIC, "device_class": "problem"},
            attributes=(
                path,
                described(
                    f"{{'error': {home.read('value_json.error_text')} if value_json.error_text is defined "
                    "else value_json.error | default(none), "
                    f"'overruled': {home.read('value_json.overruled')} if value_json.overruled is defined else none}}"
                ),
            ),
            about="evcc does not do what it is told; the words, and what in evcc outranks it, as attributes",
        ),
    )


def results(service: Service, device: str, home: HomeContext, *, key: str = "result", name: str = "result") -> Entity:
    """What became of what people set on ``device``, as an event with the words in the home's language."""
    said = "(value_json.text | default({}))"
    words = f"{said}.{home.language} | default({said}.en) | default(value_json.reason)"
    accepted, refused = (home.say(named(outcome)) for outcome in ("accepted", "refused"))
    return Entity(
        key,
        "event",
        named(name),
        DEVICE_RESULT.path(service=service, device=device),
        f"{{'event_type': {literal(accepted)} if value_json.accepted else {literal(refused)}, "
        "'value': 'accepted' if value_json.accepted else 'refused', "
        f"'text': {words}, 'kind': value_json.kind | default(''), 'command': value_json.command}} | tojson",
        more={"event_types": [accepted, refused], "icon": "mdi:message-check"},
        about="what became of what was set here, in words as an attribute; `accepted` or `refused` as `value`",
    )


def events(happens: Iterable[EventKind], home: HomeContext) -> tuple[Entity, ...]:
    """What happens, as event entities; the words and the details are attributes."""

    def told(called: str) -> str:
        return (
            f"combine(value_json.details | default({{}}), {{'event_type': {literal(called)}, "
            "'value': value_json.event_type, 'device': value_json.device | default(''), "
            f"'vehicle': value_json.vehicle | default(''), 'text': {home.read('value_json.text')}}}) | tojson"
        )

    # Decisions are many, and for engineers.
    return tuple(
        Entity(
            f"event_{kind}",
            "event",
            named(kind),
            EVENT.path(event=kind),
            told(home.say(named(kind))),
            more={
                **(DIAGNOSTIC if kind is EventKind.DECISION else {}),
                "event_types": [home.say(named(kind))],
                "icon": f"mdi:{_ICONS[kind]}",
            },
        )
        for kind in happens
    )
