"""The learner's device in Home Assistant."""

import json

import pytest

from ems.contract.control import Choice, Controller
from ems.contract.message import Language
from ems.contract.service import Service
from ems.contract.site import BatteryFact, EvccFact, Site
from ems.contract.topics import CONTROLLER, LOADPOINT, SITE
from ems.homeassistant.discovery.devices import devices
from ems.homeassistant.discovery.entity import HomeContext, payload
from ems.homeassistant.discovery.learner import learner
from ems.homeassistant.discovery.wording.tables import labels
from support.clocks import StandingClock
from support.evening import NOW, loadpoint
from support.quiet_bus import QuietBus


@pytest.mark.parametrize("language", Language)
def test_who_steers_each_device_is_told_and_can_be_chosen(language: Language) -> None:
    device = learner({"battery": "Battery", "loadpoint-1": "Garage"}, HomeContext(language))
    components = json.loads(payload(device, "evcc/ems", "1", language))["components"]
    words = {word: text.in_language(language) for word, text in labels(Choice).items()}
    for key, path in (("battery", "battery"), ("loadpoint_1", "loadpoint-1")):
        assert components[f"{key}_steers"]["state_topic"] == f"evcc/ems/controller/{path}"
        assert components[f"{key}_steers"]["options"] == [said for word, said in words.items() if word != Choice.AUTO]
        assert all(
            f'"{word}": "{said}"' in components[f"{key}_steers"]["value_template"]
            for word, said in words.items()
            if word != Choice.AUTO
        )
        assert f"value_json.evidence.text.{language}" in components[f"{key}_steers"]["json_attributes_template"]
        choice = components[f"{key}_choice"]
        assert choice["command_topic"] == f"evcc/ems/controller/{path}/set"
        assert choice["state_topic"] == f"evcc/ems/control/{path}"
        assert choice["options"] == list(words.values())
        assert choice["command_template"].startswith(f'{{% set value = {{"{words["auto"]}": "auto", ')
        assert {f"{key}_evidence", f"{key}_days_to_go", f"{key}_saving_per_day"} <= set(components)
    assert {"learning", "training", "next_training", "event_controller_changed", "rl_agent_health"} <= set(components)


def test_it_is_announced_for_what_it_learns_for_with_the_names_that_people_gave() -> None:
    bus = QuietBus(StandingClock(NOW))
    assert not devices(Service.RL_AGENT, bus, HomeContext("de")).complete
    bus.set(SITE, Site(at=NOW, evcc=EvccFact(reachable=True), battery=BatteryFact(soc_pct=50)))
    bus.set(LOADPOINT, loadpoint(title="Garage"), "1")
    for device in ("battery", "loadpoint-1"):
        made = Controller(device=device, at=NOW, since=NOW, controller=Choice.LP, chosen_by="automatic")
        bus.set(CONTROLLER, made, device)
    (found,) = devices(Service.RL_AGENT, bus, HomeContext("de")).devices
    named = {entity.key: entity.name.de for entity in found.entities if entity.name}
    assert named["battery_steers"] == "Batterie gesteuert von"
    assert named["loadpoint_1_steers"] == "Garage gesteuert von"
    assert found.name == "Lerner"
