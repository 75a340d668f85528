"""Home Assistant itself takes every device without a warning. Its own environment: ``make homeassistant``."""

import json
import logging
from pathlib import Path
from typing import Any

import pytest

from ems.contract.people import EVENT_OWNERS, Question
from ems.contract.topic import Json
from ems.contract.topics import TOPICS
from ems.runtime.discovery.entity import Device, Home, payload
from ems.runtime.discovery.notifier import wishes
from ems.runtime.discovery.page import examples

common = pytest.importorskip(
    "pytest_homeassistant_custom_component.common", reason="NO HOME ASSISTANT HERE: make homeassistant"
)
registry = pytest.importorskip("homeassistant.helpers.entity_registry")
dr = pytest.importorskip("homeassistant.helpers.device_registry")

GOLDEN = Path(__file__).parents[1] / "contract" / "golden"
PREFIX = "evcc/ems"
FACTS = {
    "site": "Site",
    "energy": "Energy",
    "loadpoint/1": "Loadpoint",
    "loadpoint/2": "Loadpoint",
    "plan": "Plan",
    "prices": "Prices",
    "planning": "Planning",
    "control/battery": "Control",
    "control/loadpoint-1": "Control",
    "control/loadpoint-2": "Control",
    "vehicle/limo": "Vehicle",
    "forecast/load": "Forecast",
    "forecast/pv": "Forecast",
    "driver/anna": "Driver",
    "evcc-poller/health": "Health",
    "tariff-planner/health": "Health",
    "vehicle-soc/health": "Health",
    "notifier/health": "Health",
}
SAYING = {"goal/limo": "Goal", "question/limo": "Question"}
"""Facts that say something by being empty, too."""
SERVICES = ("evcc-poller", "tariff-planner", "vehicle-soc", "notifier")
NOT_OURS = ("async_forward_entry_setups", "zlib_ng", "Executing <")
"""What Home Assistant and asyncio say of themselves, on a slow machine too."""


def golden(model: str) -> str:
    return (GOLDEN / f"{model}.full.json").read_text(encoding="utf-8")


def entity(hass: Any, platform: str, device: str, key: str) -> str:
    """The id that Home Assistant gave, which changed its ways over the years; the unique id is ours."""
    found = registry.async_get(hass).async_get_entity_id(platform, "mqtt", f"evcc_ems_{device}_{key}")
    assert found is not None, key
    return str(found)


def state(hass: Any, platform: str, device: str, key: str) -> str:
    return str(hass.states.get(entity(hass, platform, device, key)).state)


async def tell(hass: Any, topic: str, text: str) -> None:
    common.async_fire_mqtt_message(hass, topic, text)
    await hass.async_block_till_done()


async def announce(hass: Any, device: Device, language: str = "en") -> None:
    await tell(hass, f"homeassistant/{device.topic}", payload(device, PREFIX, "1.0", language).decode())


async def announced(hass: Any, home: Home) -> None:
    for device in examples(home):
        await announce(hass, device, home.language)
    for service in SERVICES:
        await tell(hass, f"{PREFIX}/{service}/status", "online")
    for path, model in (FACTS | SAYING).items():
        await tell(hass, f"{PREFIX}/{path}", golden(model))
    await tell(hass, f"{PREFIX}/plan/chart", '<svg xmlns="http://www.w3.org/2000/svg"/>')


def complaints(caplog: pytest.LogCaptureFixture) -> list[str]:
    said = (r.getMessage() for r in caplog.records if r.levelno >= logging.WARNING)
    return [line for line in said if not any(part in line for part in NOT_OURS)]


@pytest.fixture
def expected_lingering_timers() -> bool:
    """Home Assistant's MQTT client leaves one behind in tests."""
    return True


@pytest.mark.parametrize("home", [Home(), Home("de", "CHF", learner=True)], ids=["en", "de"])
async def test_every_entity_is_there_with_a_state_and_nothing_is_complained_about(
    hass: Any, mqtt_mock: Any, caplog: pytest.LogCaptureFixture, home: Home
) -> None:
    assert mqtt_mock
    await announced(hass, home)
    shown = {s.entity_id for s in hass.states.async_all()}
    wanted = sum(not e.disabled for device in examples(home) for e in device.entities)
    assert len(shown) == wanted
    unavailable = [s.entity_id for s in hass.states.async_all() if s.state == "unavailable"]
    assert unavailable == []
    assert complaints(caplog) == []


async def test_entity_ids_are_the_same_in_every_language(hass: Any, mqtt_mock: Any) -> None:
    assert mqtt_mock
    await announced(hass, Home("de"))
    for device in examples(Home()):
        for row in device.entities:
            wanted = f"{row.platform}.{device.id}_{row.key}".replace("-", "_")
            assert entity(hass, row.platform, device.id, row.key) == wanted


async def test_a_wiped_tree_changes_no_state_and_logs_nothing(
    hass: Any, mqtt_mock: Any, caplog: pytest.LogCaptureFixture
) -> None:
    assert mqtt_mock
    await announced(hass, Home())
    before = {s.entity_id: s.state for s in hass.states.async_all()}
    for path in FACTS:
        await tell(hass, f"{PREFIX}/{path}", "")
    assert {s.entity_id: s.state for s in hass.states.async_all()} == before
    assert complaints(caplog) == []


async def test_without_a_goal_or_question_its_entities_say_so_and_nothing_can_be_answered(
    hass: Any, mqtt_mock: Any, caplog: pytest.LogCaptureFixture
) -> None:
    assert mqtt_mock
    await announced(hass, Home())
    there = ("number", "goal_soc"), ("text", "goal_by"), ("sensor", "goal_departure"), ("sensor", "goal_asked_by")
    asked = ("sensor", "question"), ("select", "answer"), ("text", "answer_words")
    assert [state(hass, p, "vehicle-limo", k) for p, k in there] == [
        "55.0",
        "21 Nov 00:15",  # in Home Assistant's own zone, here US/Pacific
        "2026-11-21T08:15:00+00:00",
        "anna",
    ]
    assert [state(hass, p, "vehicle-limo", k) for p, k in asked] == ["charges now: the cheapest slot", "unknown", ""]
    for path in SAYING:
        await tell(hass, f"{PREFIX}/{path}", "")
    assert [state(hass, p, "vehicle-limo", k) for p, k in there] == ["unknown", "", "unknown", "unknown"]
    assert [state(hass, p, "vehicle-limo", k) for p, k in asked] == ["unknown", "unavailable", "unavailable"]
    assert complaints(caplog) == []


@pytest.mark.parametrize("home", [Home(), Home("de")], ids=["en", "de"])
async def test_every_event_is_shown_with_its_words_in_the_homes_language(
    hass: Any, mqtt_mock: Any, caplog: pytest.LogCaptureFixture, home: Home
) -> None:
    assert mqtt_mock
    await announced(hass, home)
    said = json.loads(golden("Event"))
    rows = [(d.id, e.key) for d in examples(home) for e in d.entities if e.key.startswith("event_")]
    learners = {kind for kind, owner in EVENT_OWNERS.items() if owner not in SERVICES}
    assert {key for _, key in rows} == {f"event_{kind}" for kind in EVENT_OWNERS if kind not in learners}
    for device, key in rows:
        kind = key.removeprefix("event_")
        await tell(hass, f"{PREFIX}/event/{kind}", json.dumps(said | {"event_type": kind}))
        shown = hass.states.get(entity(hass, "event", device, key))
        assert shown.state != "unknown"
        assert shown.attributes["event_type"] == kind
        assert shown.attributes["text"] == said["text"][home.language]
        assert shown.attributes["battery"] == "x", "details are attributes"
    assert complaints(caplog) == []


async def test_what_comes_from_evcc_is_unavailable_while_evcc_is_away_and_a_service_takes_its_own_along(
    hass: Any, mqtt_mock: Any
) -> None:
    assert mqtt_mock
    await announced(hass, Home())
    away = '{"at": "2026-11-21T08:00:00Z", "evcc": {"reachable": false}}'
    await tell(hass, f"{PREFIX}/site", away)
    assert state(hass, "sensor", "site", "grid_w") == "unavailable"
    assert state(hass, "select", "loadpoint-1", "mode") == "unavailable"
    assert state(hass, "sensor", "site", "import_kwh") == "12.5", "a counter stands still"
    assert state(hass, "sensor", "planner", "saving_eur") == "1.25"
    await tell(hass, f"{PREFIX}/tariff-planner/status", "offline")
    assert state(hass, "sensor", "planner", "saving_eur") == "unavailable"
    await tell(hass, f"{PREFIX}/tariff-planner/status", "online")
    assert state(hass, "sensor", "planner", "saving_eur") == "1.25"


CONTROLS: list[tuple[str, str, str, dict[str, Any], str, dict[str, Any]]] = [
    ("loadpoint-1", "mode", "select.select_option", {"option": "now"}, "loadpoint/1/mode", {"mode": "now"}),
    ("loadpoint-1", "limit_soc", "number.set_value", {"value": 80}, "loadpoint/1/limit_soc", {"limit_soc_pct": 80}),
    ("loadpoint-1", "boost", "button.press", {}, "loadpoint/1/boost", {"minutes": 90}),
    ("loadpoint-1", "boost_stop", "button.press", {}, "loadpoint/1/boost", {"minutes": 0}),
    ("loadpoint-1", "boost_minutes", "number.set_value", {"value": 30}, "loadpoint/1/boost", {"minutes": 30}),
    ("loadpoint-1", "release", "button.press", {}, "control/loadpoint-1/release", {}),
    (
        "loadpoint-1",
        "controller",
        "select.select_option",
        {"option": "off"},
        "controller/loadpoint-1",
        {"controller": "off"},
    ),
    ("loadpoint-1", "vehicle", "select.select_option", {"option": "Guest"}, "loadpoint/1/vehicle", {}),
    ("loadpoint-1", "vehicle", "select.select_option", {"option": "mini"}, "loadpoint/1/vehicle", {"vehicle": "mini"}),
    ("site", "battery_mode", "select.select_option", {"option": "hold"}, "battery/mode", {"mode": "hold"}),
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


@pytest.mark.parametrize(("device", "key", "service", "data", "topic", "sent"), CONTROLS)
async def test_a_control_sends_a_command_that_the_contract_takes(
    hass: Any,
    mqtt_mock: Any,
    device: str,
    key: str,
    service: str,
    data: dict[str, Any],
    topic: str,
    sent: dict[str, Any],
) -> None:
    await announced(hass, Home())
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
    rows = {(d.id, e.key) for d in examples(Home()) for e in d.entities if e.command and d.id != "loadpoint-2"}
    assert rows - {(device, key) for device, key, *_ in CONTROLS} == {("site", "controller")}, "as loadpoint-1's"


async def test_a_new_question_brings_its_own_answers(
    hass: Any, mqtt_mock: Any, caplog: pytest.LogCaptureFixture
) -> None:
    assert mqtt_mock
    await announced(hass, Home())
    answer = entity(hass, "select", "vehicle-limo", "answer")
    question = json.loads(golden("Question"))
    follows = question | {"id": "q2", "options": [{"key": "done", "label": {"en": "Swapped", "de": "Getauscht"}}]}
    await tell(hass, f"{PREFIX}/question/limo", json.dumps(follows))
    await announce(hass, wishes("limo", "Limo", Question.model_validate_json(json.dumps(follows)), Home()))
    assert hass.states.get(answer).attributes["options"] == ["Swapped"]
    target = {"entity_id": answer, "option": "Swapped"}
    await hass.services.async_call("select", "select_option", target, blocking=True)
    assert json.loads(mqtt_mock.async_publish.mock_calls[-1].args[1]) == {"question": "q2", "option": "done"}
    await tell(hass, f"{PREFIX}/question/limo", "")
    await announce(hass, wishes("limo", "Limo", None, Home()))
    assert state(hass, "select", "vehicle-limo", "answer") == "unavailable"
    assert complaints(caplog) == []


@pytest.mark.parametrize("order", [1, -1])
async def test_a_car_of_which_two_services_tell_is_one_device_that_lives_as_long_as_one_of_them_tells(
    hass: Any, mqtt_mock: Any, caplog: pytest.LogCaptureFixture, order: int
) -> None:
    assert mqtt_mock
    found = dr.async_get(hass)
    hub, *both = [d for d in examples(Home()) if d.id in {"cars", "vehicle-limo"}]
    for device in (hub, *both[::order]):
        await announce(hass, device)
    car = found.async_get_device({("mqtt", "evcc_ems_vehicle-limo")})
    assert (car.name, car.model) == ("Limo", "Vehicle")
    assert found.async_get(car.via_device_id).name == "Cars"
    first, last = both[::order]
    before = car.modified_at
    for device in both:
        await announce(hass, device)
    assert found.async_get(car.id).modified_at == before, "telling again changes nothing"
    await tell(hass, f"homeassistant/{first.topic}", "")
    assert found.async_get(car.id).name == "Limo"
    left = {s.entity_id for s in hass.states.async_all()}
    assert {entity(hass, e.platform, last.id, e.key) for e in last.entities if not e.disabled} <= left
    assert complaints(caplog) == []
    await tell(hass, f"homeassistant/{last.topic}", "")
    assert found.async_get_device({("mqtt", "evcc_ems_vehicle-limo")}) is None
    # A disabled entity makes Home Assistant clear its empty topic once more, and wonder about its own message.
    assert [line for line in complaints(caplog) if "No device components to cleanup" not in line] == []
