"""The learner: who steers each device and why, how far the evidence is, and how far it is with learning."""

from collections.abc import Iterator, Mapping

from ems.contract.control import Choice
from ems.contract.people import EventKind
from ems.contract.service import Service
from ems.contract.topics import COMPARISON, CONTROL, CONTROLLER, LEARNING, SET_CHOICE
from ems.homeassistant.discovery.common import HUB, events, health
from ems.homeassistant.discovery.entity import (
    CONFIG,
    DIAGNOSTIC,
    PERCENT,
    TIME,
    DiscoveryDevice,
    Entity,
    HomeContext,
    described,
    shown,
)
from ems.homeassistant.discovery.wording.tables import labels, named

_LEARNING = LEARNING.path()


def learner(devices: Mapping[str, str], home: HomeContext) -> DiscoveryDevice:
    """The learner's device; ``devices`` are those that it learns for, with what people call them."""
    rows = (
        *(row for device, title in devices.items() for row in _steering(device, title, home)),
        *_learning(home),
        *events([EventKind.CONTROLLER_CHANGED], home),
        health(Service.RL_AGENT, home),
    )
    name, model = home.say(named("learner")), home.say(named("model_learner"))
    return DiscoveryDevice(Service.RL_AGENT, "learner", name, model, rows, via=HUB)


def key_of(device: str, what: str) -> str:
    """The key of a device's row: ``battery_steers``."""
    return f"{device.replace('-', '_')}_{what}"


def _steering(device: str, title: str, home: HomeContext) -> Iterator[Entity]:
    path, compared, control = (
        CONTROLLER.path(device=device),
        COMPARISON.path(device=device),
        CONTROL.path(device=device),
    )
    evidence = "(value_json.evidence | default({}))"
    why = (
        f"{{'value': value_json.controller, "
        f"'reason': {home.read('value_json.evidence.text')} if value_json.evidence is defined else none, "
        "'chosen_by': value_json.chosen_by, 'since': value_json.since, "
        f"'learner': {evidence}.learner | default(None), 'skill': {evidence}.skill | default(None)}}"
    )

    yield Entity(
        key_of(device, "steers"),
        "sensor",
        named("steered_by", name=title),
        path,
        shown("controller"),
        words={choice: text for choice, text in labels(Choice).items() if choice != Choice.AUTO},
        more={"icon": "mdi:robot-happy-outline"},
        attributes=(path, described(why)),
        about="the plan, the learner or evcc alone; why, and since when, as attributes",
    )
    yield Entity(
        key_of(device, "choice"),
        "select",
        named("steering_choice", name=title),
        control,
        shown("choice"),
        SET_CHOICE.path(device=device),
        words=labels(Choice),
        more={**CONFIG, "command_template": '{"controller": "{{ value }}"}', "icon": "mdi:robot"},
        attributes=(control, described("{'value': value_json.choice}")),
        about="by the evidence, the plan, the learner, or evcc alone; the same as at the device itself",
    )
    yield Entity(
        key_of(device, "evidence"),
        "sensor",
        named("evidence", name=title),
        path,
        f"{evidence}.e_value | default('None')",
        more={"state_class": "measurement", "suggested_display_precision": 1, "icon": "mdi:scale-balance"},
        attributes=(path, described(f"{{'needed': {evidence}.needed | default(None)}}")),
        about="1 is none; the learner steers at what `needed` says, and its history is the curve",
    )
    yield Entity(
        key_of(device, "days_to_go"),
        "sensor",
        named("days_to_go", name=title),
        path,
        f"{evidence}.days_to_go | default('None')",
        more={"device_class": "duration", "unit_of_measurement": "d", "suggested_display_precision": 0},
        about="until the learner steers, if it goes on as so far; unknown: not in sight, or it steers",
    )
    costs = "(value_json.{0} | default({{}})).cost_eur | default(None)"
    spent = ", ".join(f"'{name}': {costs.format(name)}" for name in ("evcc_alone", "lp", "rl"))
    yield Entity(
        key_of(device, "saving_per_day"),
        "sensor",
        named("saving_by_learning", name=title),
        compared,
        shown("saving_eur_per_day"),
        more={
            **DIAGNOSTIC,
            "unit_of_measurement": f"{home.currency}/d",
            "state_class": "measurement",
            "suggested_display_precision": 3,
            "icon": "mdi:piggy-bank-outline",
        },
        attributes=(
            compared,
            described(
                f"{{'at_least': value_json.saving_low_eur_per_day | default(None), "
                f"'at_most': value_json.saving_high_eur_per_day | default(None), 'days': value_json.days, {spent}}}"
            ),
        ),
        about="of the learner against the plan, in virtual houses; its span and all three costs as attributes",
    )


def _learning(home: HomeContext) -> tuple[Entity, ...]:
    texts = home.read("value_json.text")
    each = (
        "{% set ns = namespace(each=[]) %}"
        "{% for l in (value_json.learners | default([]) if value_json is defined else []) %}"
        f"{{% set ns.each = ns.each + [dict(l, text={home.read('l.text')})] %}}{{% endfor %}}"
    )
    facts = "{'learners': ns.each, 'history_days': value_json.history_days}"
    return (
        Entity(
            "learning",
            "sensor",
            named("learning"),
            _LEARNING,
            f"{texts}[:255]",
            more={"icon": "mdi:school-outline"},
            attributes=(_LEARNING, each + described(facts)),
            about="how far it is, in words; each way of learning as an attribute",
        ),
        Entity(
            "training",
            "sensor",
            named("training"),
            _LEARNING,
            shown("progress_pct"),
            more={**DIAGNOSTIC, **PERCENT, "icon": "mdi:progress-clock"},
            about="how much of tonight's learning is done; unknown while it does not learn",
        ),
        Entity(
            "next_training",
            "sensor",
            named("next_training"),
            _LEARNING,
            shown("next_training"),
            more={**DIAGNOSTIC, **TIME},
        ),
    )
