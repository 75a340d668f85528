"""Whatever is set in Home Assistant becomes a command that the contract takes."""

import json
from typing import Any

import pytest

from ems.contract.people import Question
from ems.contract.topic import Json
from ems.contract.topics import TOPICS
from ems.homeassistant.discovery.entity import HomeContext
from ems.homeassistant.discovery.notifier import car_goal
from ems.homeassistant.discovery.page import examples
from support.in_homeassistant import PREFIX, announce, announced, complaints, entity, golden, state, tell

FRIDAY_EVENING = "2026-11-20T22:00:00-08:00"
"""In Home Assistant's own zone here; the golden goal is for a quarter past that midnight."""
CONTROLS: list[tuple[str, str, str, dict[str, Any], str, dict[str, Any]]] = [
    ("loadpoint-1", "mode", "select.select_option", {"option": "Fast"}, "loadpoint/1/mode", {"mode": "now"}),
    ("loadpoint-1", "limit_soc", "number.set_value", {"value": 80}, "loadpoint/1/limit_soc", {"limit_soc_pct": 80}),
    ("loadpoint-1", "boost", "button.press", {}, "loadpoint/1/boost", {"minutes": 90}),
    ("loadpoint-1", "boost_stop", "button.press", {}, "loadpoint/1/boost", {"minutes": 0}),
    ("loadpoint-1", "boost_minutes", "number.set_value", {"value": 30}, "loadpoint/1/boost", {"minutes": 30}),
    ("loadpoint-1", "release", "button.press", {}, "control/loadpoint-1/release", {}),
    (
        "loadpoint-1",
        "controller",
        "select.select_option",
        {"option": "evcc alone"},
        "controller/loadpoint-1",
        {"controller": "off"},
    ),
    ("loadpoint-1", "vehicle", "select.select_option", {"option": "Guest"}, "loadpoint/1/vehicle", {}),
    ("loadpoint-1", "vehicle", "select.select_option", {"option": "Mini"}, "loadpoint/1/vehicle", {"vehicle": "mini"}),
    ("site", "battery_mode", "select.select_option", {"option": "Hold"}, "battery/mode", {"mode": "hold"}),
    ("site", "release", "button.press", {}, "control/battery/release", {}),
    ("planner", "enabled", "switch.turn_off", {}, "planning", {"enabled": False}),
    ("planner", "reserve_soc", "number.set_value", {"value": 20}, "planning", {"reserve_soc_pct": 20}),
    ("vehicle-limo", "soc_set", "number.set_value", {"value": 55}, "vehicle/limo/soc", {"soc_pct": 55}),
    ("vehicle-limo", "refresh", "button.press", {}, "vehicle/limo/refresh", {}),
    ("vehicle-limo", "login_code", "text.set_value", {"value": "123456"}, "vehicle/limo/login", {"code": "123456"}),
    ("vehicle-limo", "login_send", "button.press", {}, "vehicle/limo/login", {}),
    (
        "vehicle-limo",
        "goal_soc",
        "number.set_value",
        {"value": 85},
        "goal/limo",
        {"soc_pct": 85, "keep": True},
    ),
    (
        "vehicle-limo",
        "goal_by",
        "text.set_value",
        {"value": 'morgen "früh"'},
        "goal/limo",
        {"by": 'morgen "früh"', "keep": True},
    ),
    ("vehicle-limo", "goal_by", "text.set_value", {"value": ""}, "goal/limo", {"by": "", "keep": True}),
    (
        "vehicle-limo",
        "goal_day",
        "select.select_option",
        {"option": "Friday"},
        "goal/limo",
        {"by": "2026-11-27 00:15", "keep": True},
    ),
    (
        "vehicle-limo",
        "goal_day",
        "select.select_option",
        {"option": "Whenever it is cheap"},
        "goal/limo",
        {"by": "", "keep": True},
    ),
    (
        "vehicle-limo",
        "goal_time",
        "text.set_value",
        {"value": "6:45"},
        "goal/limo",
        {"by": "2026-11-21 6:45", "keep": True},
    ),
    ("vehicle-limo", "goal_remove", "button.press", {}, "goal/limo", {"keep": False}),
    (
        "vehicle-limo",
        "answer",
        "select.select_option",
        {"option": "Other …"},
        "question/limo/answer",
        {"question": "q1", "option": "other"},
    ),
    (
        "vehicle-limo",
        "answer_words",
        "text.set_value",
        {"value": "80 % morgen"},
        "question/limo/answer",
        {"question": "q1", "text": "80 % morgen"},
    ),
    ("drivers", "mute_anna", "switch.turn_on", {}, "driver/anna/mute", {"minutes": 480}),
    ("drivers", "mute_anna", "switch.turn_off", {}, "driver/anna/mute", {"minutes": 0}),
]

CONTROLS += [
    (
        "learner",
        "loadpoint_1_choice",
        "select.select_option",
        {"option": "The learner"},
        "controller/loadpoint-1",
        {"controller": "rl"},
    ),
    ("planner", "trial", "switch.turn_on", {}, "planning", {"trial": True}),
    ("planner", "apply_wishes", "button.press", {}, "planning", {"apply": True}),
    *(
        (
            device,
            f"wish_{kind}",
            "text.set_value",
            {"value": '17-20 "täglich"'},
            "planning",
            {"wish": {"kind": kind, **whose, "words": '17-20 "täglich"', "days": ()}},
        )
        for device, whose, kinds in (
            ("planner", {}, ("hold_battery", "charge_battery", "absence", "weekly_goal")),
            ("vehicle-limo", {"vehicle": "limo"}, ("pause_vehicle", "charge_vehicle", "trip", "weekly_goal")),
        )
        for kind in kinds
    ),
]


@pytest.mark.parametrize(("device", "key", "service", "data", "topic", "sent"), CONTROLS)
async def test_a_control_sends_a_command_that_the_contract_takes(
    hass: Any,
    mqtt_mock: Any,
    freezer: Any,
    device: str,
    key: str,
    service: str,
    data: dict[str, Any],
    topic: str,
    sent: dict[str, Any],
) -> None:
    freezer.move_to(FRIDAY_EVENING)
    await announced(hass, HomeContext())
    domain, action = service.split(".")
    target = {"entity_id": entity(hass, domain, device, key)}
    await hass.services.async_call(domain, action, target | data, blocking=True)
    published = [call.args[:2] for call in mqtt_mock.async_publish.mock_calls if call.args[0].startswith(PREFIX)]
    assert [path for path, _ in published] == [f"{PREFIX}/{topic}/set"]
    spec = next(t for t in TOPICS if t.names(f"{topic}/set") is not None)
    assert isinstance(spec.codec, Json)
    command = spec.codec.decode(published[0][1].encode())
    assert {k: v for k, v in command.model_dump(exclude_none=True).items() if k != "v"} == sent


def test_every_control_is_tried() -> None:
    found = [(d.entities_of or d.id, e) for d in examples(HomeContext()) for e in d.entities]
    rows = {(device, row.key) for device, row in found if row.command and device != "loadpoint-2"}
    alike = {("site", "controller"), ("learner", "battery_choice")}
    assert rows - {(device, key) for device, key, *_ in CONTROLS} == alike, "as loadpoint-1's"


async def test_a_new_question_brings_its_own_answers(
    hass: Any, mqtt_mock: Any, caplog: pytest.LogCaptureFixture
) -> None:
    assert mqtt_mock
    await announced(hass, HomeContext())
    answer = entity(hass, "select", "vehicle-limo", "answer")
    question = json.loads(golden("Question"))
    follows = question | {"id": "q2", "options": [{"key": "done", "label": {"en": "Swapped", "de": "Getauscht"}}]}
    await tell(hass, f"{PREFIX}/question/limo", json.dumps(follows))
    await announce(hass, car_goal("limo", "Limo", Question.model_validate_json(json.dumps(follows)), HomeContext()))
    assert hass.states.get(answer).attributes["options"] == ["Swapped"]
    target = {"entity_id": answer, "option": "Swapped"}
    await hass.services.async_call("select", "select_option", target, blocking=True)
    assert json.loads(mqtt_mock.async_publish.mock_calls[-1].args[1]) == {"question": "q2", "option": "done"}
    await tell(hass, f"{PREFIX}/question/limo", "")
    await announce(hass, car_goal("limo", "Limo", None, HomeContext()))
    assert state(hass, "select", "vehicle-limo", "answer") == "unavailable"
    assert complaints(caplog) == []


@pytest.mark.parametrize(
    ("key", "service", "data", "by"),
    [
        ("goal_day", "select.select_option", {"option": "Saturday"}, "2026-11-21 07:00"),
        ("goal_time", "text.set_value", {"value": "6:45"}, "6:45"),
    ],
)
async def test_day_or_time_alone_make_a_departure(
    hass: Any,
    mqtt_mock: Any,
    freezer: Any,
    caplog: pytest.LogCaptureFixture,
    key: str,
    service: str,
    data: dict[str, Any],
    by: str,
) -> None:
    freezer.move_to(FRIDAY_EVENING)
    await announced(hass, HomeContext())
    await tell(hass, f"{PREFIX}/goal/limo", "")
    domain, action = service.split(".")
    target = {"entity_id": entity(hass, domain, "vehicle-limo", key)}
    await hass.services.async_call(domain, action, target | data, blocking=True)
    assert json.loads(mqtt_mock.async_publish.mock_calls[-1].args[1]) == {"by": by, "keep": True}
    assert complaints(caplog) == []
