"""Home Assistant itself takes every entity without a warning. Its own environment: ``make homeassistant``."""

import json
from typing import Any

import pytest

from ems.contract.people import EVENT_OWNERS
from ems.homeassistant.discovery.entity import HomeContext
from ems.homeassistant.discovery.page import examples
from support.in_homeassistant import FACTS, PREFIX, SAYING, SERVICES, announced, complaints, entity, golden, state, tell


@pytest.mark.parametrize(
    "home", [HomeContext(), HomeContext("de", "CHF", learner=True), HomeContext("nl")], ids=["en", "de", "nl"]
)
async def test_every_entity_is_there_with_a_state_and_nothing_is_complained_about(
    hass: Any, mqtt_mock: Any, caplog: pytest.LogCaptureFixture, home: HomeContext
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
    await announced(hass, HomeContext("de"))
    for device in examples(HomeContext()):
        for row in device.entities:
            wanted = f"{row.platform}.ems_{device.entities_of or device.id}_{row.key}".replace("-", "_")
            assert entity(hass, row.platform, device.entities_of or device.id, row.key) == wanted


async def test_what_is_none_of_a_selects_options_is_unknown_and_no_error(
    hass: Any, mqtt_mock: Any, caplog: pytest.LogCaptureFixture
) -> None:
    assert mqtt_mock
    await announced(hass, HomeContext())
    lp, control = json.loads(golden("Loadpoint")), json.loads(golden("Control"))
    for vehicle, connected, shown in (("new", True, "unknown"), (None, True, "Guest"), ("limo", False, "unknown")):
        fact = {k: v for k, v in lp.items() if k != "vehicle"} | ({"vehicle": vehicle} if vehicle else {})
        await tell(hass, f"{PREFIX}/loadpoint/1", json.dumps(fact | {"connected": connected}))
        assert state(hass, "select", "loadpoint-1", "vehicle") == shown
    await tell(hass, f"{PREFIX}/control/battery", json.dumps(control | {"choice": "rl"}))
    assert state(hass, "select", "site", "controller") == "unknown", "there is no learner any more"
    assert complaints(caplog) == []


async def test_a_wiped_tree_changes_no_state_and_logs_nothing(
    hass: Any, mqtt_mock: Any, caplog: pytest.LogCaptureFixture
) -> None:
    assert mqtt_mock
    await announced(hass, HomeContext())
    before = {s.entity_id: s.state for s in hass.states.async_all()}
    for path in FACTS:
        await tell(hass, f"{PREFIX}/{path}", "")
    assert {s.entity_id: s.state for s in hass.states.async_all()} == before
    assert complaints(caplog) == []


async def test_without_a_goal_or_question_its_entities_say_so_and_nothing_can_be_answered(
    hass: Any, mqtt_mock: Any, caplog: pytest.LogCaptureFixture
) -> None:
    assert mqtt_mock
    await announced(hass, HomeContext())
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


@pytest.mark.parametrize("home", [HomeContext(), HomeContext("de")], ids=["en", "de"])
async def test_every_event_is_shown_with_its_words_in_the_homes_language(
    hass: Any, mqtt_mock: Any, caplog: pytest.LogCaptureFixture, home: HomeContext
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
    await announced(hass, HomeContext())
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


@pytest.mark.parametrize("words", ["short", "Öl & 'Gäste' " * 60], ids=["short", "long"])
async def test_however_much_a_plan_explains_its_attributes_are_recorded_and_what_comes_next_is_in_them(
    hass: Any, mqtt_mock: Any, caplog: pytest.LogCaptureFixture, words: str
) -> None:
    assert mqtt_mock
    await announced(hass, HomeContext("de"))
    plan = json.loads(golden("Plan"))
    like = plan["explanations"][0] | {"text": {"en": "", "de": words}, "alternative": {"en": "", "de": words}}
    devices = ("battery", "loadpoint-1", "loadpoint-2", "loadpoint-3")
    plan["explanations"] = [
        like | {"device": device, "start": f"2026-11-{21 + day}T{hour:02}:00:00Z"}
        for device in devices
        for day in range(3)
        for hour in range(24)
    ]
    plan["summary"]["de"] = words
    await tell(hass, f"{PREFIX}/plan", json.dumps(plan))
    shown = hass.states.get(entity(hass, "sensor", "planner", "summary"))
    assert len(json.dumps(dict(shown.attributes), ensure_ascii=False).encode()) <= 16_384
    assert len(shown.state) <= 255
    rows = shown.attributes["why"]
    assert {row["device"] for row in rows[: len(devices)]} == set(devices)
    assert [row["start"] for row in rows] == sorted(row["start"] for row in rows)
    del plan["explanations"]
    await tell(hass, f"{PREFIX}/plan", json.dumps(plan))
    assert hass.states.get(shown.entity_id).attributes["why"] == []
    assert complaints(caplog) == []
