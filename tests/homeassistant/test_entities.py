"""Home Assistant itself takes every device without a warning. Its own environment: ``make homeassistant``."""

import logging
from pathlib import Path
from typing import Any

import pytest

from ems.contract.topic import Json
from ems.contract.topics import TOPICS
from ems.runtime.discovery.entity import Device, payload
from ems.runtime.discovery.loadpoint import loadpoint
from ems.runtime.discovery.planner import planner
from ems.runtime.discovery.site import site
from ems.runtime.discovery.vehicle import vehicle

common = pytest.importorskip(
    "pytest_homeassistant_custom_component.common", reason="NO HOME ASSISTANT HERE: make homeassistant"
)
registry = pytest.importorskip("homeassistant.helpers.entity_registry")

GOLDEN = Path(__file__).parents[1] / "contract" / "golden"
PREFIX = "evcc/ems"
FACTS = {
    "site": "Site",
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
    "evcc-poller/health": "Health",
    "tariff-planner/health": "Health",
}
NOT_OURS = ("async_forward_entry_setups", "zlib_ng", "Executing <")
"""What Home Assistant and asyncio say of themselves, on a slow machine too."""


def devices(language: str) -> list[Device]:
    return [
        site("Home", battery=True, learner=False),
        loadpoint(1, "Garage", ("limo", "mini"), heater=False, learner=False),
        loadpoint(2, "Boiler", (), heater=True, learner=False),
        vehicle("limo", "Limo", cloud=True),
        planner("Planner", language),
    ]


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


async def announced(hass: Any, language: str) -> None:
    for device in devices(language):
        await tell(hass, f"homeassistant/{device.topic}", payload(device, PREFIX, "1.0", language).decode())
    for service in ("evcc-poller", "tariff-planner", "vehicle-soc"):
        await tell(hass, f"{PREFIX}/{service}/status", "online")
    for path, model in FACTS.items():
        await tell(hass, f"{PREFIX}/{path}", (GOLDEN / f"{model}.full.json").read_text(encoding="utf-8"))
    await tell(hass, f"{PREFIX}/plan/chart", '<svg xmlns="http://www.w3.org/2000/svg"/>')


def complaints(caplog: pytest.LogCaptureFixture) -> list[str]:
    said = (r.getMessage() for r in caplog.records if r.levelno >= logging.WARNING)
    return [line for line in said if not any(part in line for part in NOT_OURS)]


@pytest.fixture
def expected_lingering_timers() -> bool:
    """Home Assistant's MQTT client leaves one behind in tests."""
    return True


@pytest.mark.parametrize("language", ["en", "de"])
async def test_every_entity_is_there_with_a_state_and_nothing_is_complained_about(
    hass: Any, mqtt_mock: Any, caplog: pytest.LogCaptureFixture, language: str
) -> None:
    assert mqtt_mock
    await announced(hass, language)
    shown = {s.entity_id for s in hass.states.async_all()}
    wanted = sum(not e.disabled for device in devices(language) for e in device.entities)
    assert len(shown) == wanted
    unavailable = [s.entity_id for s in hass.states.async_all() if s.state == "unavailable"]
    assert unavailable == []
    assert complaints(caplog) == []


async def test_a_wiped_tree_changes_no_state_and_logs_nothing(
    hass: Any, mqtt_mock: Any, caplog: pytest.LogCaptureFixture
) -> None:
    assert mqtt_mock
    await announced(hass, "en")
    before = {s.entity_id: s.state for s in hass.states.async_all()}
    for path in FACTS:
        await tell(hass, f"{PREFIX}/{path}", "")
    assert {s.entity_id: s.state for s in hass.states.async_all()} == before
    assert complaints(caplog) == []


async def test_what_comes_from_evcc_is_unavailable_while_evcc_is_away_and_a_service_takes_its_own_along(
    hass: Any, mqtt_mock: Any
) -> None:
    assert mqtt_mock
    await announced(hass, "en")
    away = '{"at": "2026-11-21T08:00:00Z", "evcc": {"reachable": false}}'
    await tell(hass, f"{PREFIX}/site", away)
    assert state(hass, "sensor", "site", "grid_w") == "unavailable"
    assert state(hass, "select", "loadpoint-1", "mode") == "unavailable"
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
    ("loadpoint-1", "vehicle", "select.select_option", {"option": "guest"}, "loadpoint/1/vehicle", {}),
    ("loadpoint-1", "vehicle", "select.select_option", {"option": "mini"}, "loadpoint/1/vehicle", {"vehicle": "mini"}),
    ("site", "battery_mode", "select.select_option", {"option": "hold"}, "battery/mode", {"mode": "hold"}),
    ("site", "release", "button.press", {}, "control/battery/release", {}),
    ("planner", "enabled", "switch.turn_off", {}, "planning", {"enabled": False}),
    ("planner", "reserve_soc", "number.set_value", {"value": 20}, "planning", {"reserve_soc_pct": 20}),
    ("vehicle-limo", "soc_set", "number.set_value", {"value": 55}, "vehicle/limo/soc", {"soc_pct": 55}),
    ("vehicle-limo", "refresh", "button.press", {}, "vehicle/limo/refresh", {}),
    ("vehicle-limo", "login_code", "text.set_value", {"value": "123456"}, "vehicle/limo/login", {"code": "123456"}),
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
    await announced(hass, "en")
    domain, action = service.split(".")
    target = {"entity_id": entity(hass, domain, device, key)}
    await hass.services.async_call(domain, action, target | data, blocking=True)
    published = [call.args[:2] for call in mqtt_mock.async_publish.mock_calls if call.args[0].startswith(PREFIX)]
    assert [path for path, _ in published] == [f"{PREFIX}/{topic}/set"]
    spec = next(t for t in TOPICS if t.names(f"{topic}/set") is not None)
    assert isinstance(spec.codec, Json)
    command = spec.codec.decode(published[0][1].encode())
    assert {k: v for k, v in command.model_dump(exclude_none=True).items() if k != "v"} == sent
