"""What Home Assistant's own tests make possible, with our devices and facts in it."""

import logging
from pathlib import Path
from typing import Any

import pytest

from ems.homeassistant.discovery.entity import DiscoveryDevice, HomeContext, payload
from ems.homeassistant.discovery.page import examples

common = pytest.importorskip(
    "pytest_homeassistant_custom_component.common", reason="NO HOME ASSISTANT HERE: make homeassistant"
)
registry = pytest.importorskip("homeassistant.helpers.entity_registry")

GOLDEN = Path(__file__).parents[1] / "contract" / "golden"
PREFIX = "evcc/ems"
FACTS = {
    "site": "Site",
    "energy": "Energy",
    "loadpoint/1": "Loadpoint",
    "loadpoint/2": "Loadpoint",
    "plan": "Plan",
    "savings": "Savings",
    "decisions": "Decisions",
    "prices": "Prices",
    "planning": "Planning",
    "control/battery": "Control",
    "control/loadpoint-1": "Control",
    "control/loadpoint-2": "Control",
    "vehicle/limo": "Vehicle",
    "controller/battery": "Controller",
    "controller/loadpoint-1": "Controller",
    "comparison/battery": "Comparison",
    "comparison/loadpoint-1": "Comparison",
    "learning": "Learning",
    "forecast/load": "Forecast",
    "forecast/pv": "Forecast",
    "driver/anna": "Driver",
    "evcc-poller/health": "Health",
    "tariff-planner/health": "Health",
    "vehicle-soc/health": "Health",
    "notifier/health": "Health",
    "rl-agent/health": "Health",
}
SAYING = {"goal/limo": "Goal", "question/limo": "Question"}
"""Facts that say something by being empty, too."""
SERVICES = ("evcc-poller", "tariff-planner", "vehicle-soc", "notifier", "rl-agent")
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


async def announce(hass: Any, device: DiscoveryDevice, language: str = "en") -> None:
    await tell(hass, f"homeassistant/{device.topic}", payload(device, PREFIX, "1.0", language).decode())


async def announced(hass: Any, home: HomeContext) -> None:
    for device in examples(home):
        await announce(hass, device, home.language)
    await told(hass)


async def told(hass: Any) -> None:
    """Everything that the suite says of a house."""
    for service in SERVICES:
        await tell(hass, f"{PREFIX}/{service}/status", "online")
    for path, model in (FACTS | SAYING).items():
        await tell(hass, f"{PREFIX}/{path}", golden(model))
    await tell(hass, f"{PREFIX}/plan/chart", '<svg xmlns="http://www.w3.org/2000/svg"/>')


def complaints(caplog: pytest.LogCaptureFixture) -> list[str]:
    said = (r.getMessage() for r in caplog.records if r.levelno >= logging.WARNING)
    return [line for line in said if not any(part in line for part in NOT_OURS)]
