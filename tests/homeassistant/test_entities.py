"""Home Assistant itself takes every entity without a warning. Its own environment: ``make homeassistant``."""

import json
import random
from collections import Counter
from typing import Any

import pytest

from ems.contract.message import Language
from ems.contract.people import EVENT_OWNERS
from ems.homeassistant.discovery.entity import HomeContext
from ems.homeassistant.discovery.page import examples
from ems.homeassistant.discovery.wording.tables import TABLES, named
from support.in_homeassistant import (
    FACTS,
    PREFIX,
    SAYING,
    SERVICES,
    announced,
    complaints,
    entity,
    golden,
    registry,
    state,
    tell,
)

CENTS = HomeContext(cents=True)
TWENTY_MIN_S = 1200


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
    assert {key for _, key in rows} == {f"event_{kind}" for kind in EVENT_OWNERS}
    for device, key in rows:
        kind = key.removeprefix("event_")
        await tell(hass, f"{PREFIX}/event/{kind}", json.dumps(said | {"event_type": kind}))
        shown = hass.states.get(entity(hass, "event", device, key))
        assert shown.state != "unknown"
        assert shown.attributes["event_type"] == home.say(named(kind))
        assert shown.attributes["value"] == kind
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


async def test_a_quiet_home_makes_few_rows_an_hour_in_the_recorder(
    hass: Any, mqtt_mock: Any, freezer: Any, caplog: pytest.LogCaptureFixture
) -> None:
    assert mqtt_mock
    await announced(hass, HomeContext())
    rows = list[str]()
    hass.bus.async_listen("state_changed", lambda event: rows.append(event.data["entity_id"]))
    noise, facts = random.Random(19), {path: json.loads(golden(model)) for path, model in FACTS.items()}
    site, energy, car = facts["site"], facts["energy"], facts["vehicle/limo"]
    for look in range(TWENTY_MIN_S // 10):
        freezer.tick(10)
        at = f"2026-11-21T12:{look // 6:02}:{look % 6}0Z"
        # A fridge and a few standby devices; the sun is behind clouds; the battery gives what the house needs.
        home_w = 340 + noise.gauss(0, 40) + (90 if look // 40 % 2 else 0)
        soc = 61 - look * 10 * home_w / 3600 / 10_000 * 100
        battery = site["battery"] | {"power_w": home_w - 5, "soc_pct": soc}
        powers = {"home_w": home_w, "grid_w": noise.gauss(5, 15), "pv_w": 0.0, "battery": battery}
        await tell(hass, f"{PREFIX}/site", json.dumps(site | powers | {"at": at}))
        for lp in ("1", "2"):
            await tell(hass, f"{PREFIX}/loadpoint/{lp}", json.dumps(facts[f"loadpoint/{lp}"] | {"at": at}))
        seen = {"at": at, "measured_at": at, "soc_pct": 55 + noise.gauss(0, 0.1), "uncertainty_pct": 2 + look / 500}
        await tell(hass, f"{PREFIX}/vehicle/limo", json.dumps(car | seen))
        if look % 6 == 0:
            kwh = {key: value + look / 360 * 0.35 for key, value in energy.items() if key.endswith("_kwh")}
            await tell(hass, f"{PREFIX}/energy", json.dumps(energy | kwh | {"at": at}))
            for service in SERVICES:
                await tell(hass, f"{PREFIX}/{service}/health", json.dumps(facts[f"{service}/health"] | {"at": at}))
    assert len(rows) * 3600 / TWENTY_MIN_S <= 250, Counter(rows).most_common(10)
    assert complaints(caplog) == []


async def test_a_power_is_shown_at_once_when_it_moves_far_and_after_minutes_when_it_does_not(
    hass: Any, mqtt_mock: Any, freezer: Any
) -> None:
    assert mqtt_mock
    await announced(hass, HomeContext())

    async def shown(watts: float, seconds: float) -> float:
        freezer.tick(seconds)
        await tell(hass, f"{PREFIX}/site", json.dumps(json.loads(golden("Site")) | {"grid_w": watts}))
        return float(state(hass, "sensor", "site", "grid_w"))

    assert await shown(1000, 10) == 1000
    assert await shown(1090, 10) == 1000
    assert await shown(1090, 300) == 1090
    assert await shown(2090, 10) == 2090
    assert await shown(4000, 10) == 4000
    assert await shown(4300, 10) == 4000, "a tenth of what is shown"
    assert await shown(0, 10) == 0


async def test_whoever_shows_a_power_in_another_unit_sees_it_right(hass: Any, mqtt_mock: Any) -> None:
    assert mqtt_mock
    await announced(hass, HomeContext())
    grid = entity(hass, "sensor", "site", "grid_w")
    registry.async_get(hass).async_update_entity_options(grid, "sensor", {"unit_of_measurement": "kW"})
    await hass.async_block_till_done()
    for watts in (1200.0, 1210.0, 40.0):
        await tell(hass, f"{PREFIX}/site", json.dumps(json.loads(golden("Site")) | {"grid_w": watts}))
        assert float(hass.states.get(grid).state) == watts / 1000


@pytest.mark.parametrize(("home", "shown"), [(HomeContext(), "No."), (HomeContext("de"), "Nein.")])
async def test_what_became_of_a_command_is_told_in_the_homes_language(
    hass: Any, mqtt_mock: Any, home: HomeContext, shown: str
) -> None:
    assert mqtt_mock
    await announced(hass, home)
    result = {"v": 1, "accepted": False, "reason": "refused", "at": "2026-11-21T08:00:00Z", "command": "goal/limo"}
    where, event = f"{PREFIX}/notifier/result/vehicle-limo", entity(hass, "event", "vehicle-limo", "goal_reply")
    await tell(hass, where, json.dumps(result | {"text": {"en": "No.", "de": "Nein."}}))
    told = hass.states.get(event)
    assert (told.attributes["value"], told.attributes["text"]) == ("refused", shown)
    assert told.attributes["event_type"] == home.say(named("refused"))
    await tell(hass, where, json.dumps(result | {"accepted": True}))
    told = hass.states.get(event)
    assert (told.attributes["value"], told.attributes["text"]) == ("accepted", "refused"), "without other words"


@pytest.mark.parametrize(("home", "unit", "price"), [(HomeContext(), "EUR/kWh", 0.25), (CENTS, "ct/kWh", 25)])
async def test_prices_have_one_unit_everywhere(
    hass: Any, mqtt_mock: Any, home: HomeContext, unit: str, price: float
) -> None:
    assert mqtt_mock
    await announced(hass, home)
    prices = json.loads(golden("Prices")) | {"now_eur_per_kwh": 0.25}
    prices["next_cheap"]["mean_eur_per_kwh"] = 0.25
    await tell(hass, f"{PREFIX}/prices", json.dumps(prices))
    now = hass.states.get(entity(hass, "sensor", "planner", "price"))
    cheap = hass.states.get(entity(hass, "sensor", "planner", "next_cheap_start"))
    assert (float(now.state), now.attributes["unit_of_measurement"]) == (price, unit)
    assert (cheap.attributes["mean_price"], cheap.attributes["unit"]) == (price, unit)
    plan = json.loads(golden("Plan"))
    plan["slots"][0] |= {"import_eur_per_kwh": 0.25, "export_eur_per_kwh": 0.25}
    await tell(hass, f"{PREFIX}/plan", json.dumps(plan))
    for key, lists in (("plan_series", ("price",)), ("price_series", ("import", "export"))):
        series = hass.states.get(entity(hass, "sensor", "planner", key)).attributes
        assert [series[name][0] for name in lists] == [price] * len(lists)
    told = [s.attributes for s in hass.states.async_all()]
    assert {a["unit"] for a in told if "unit" in a} == {unit}
    units = {s.attributes.get("unit_of_measurement") for s in hass.states.async_all() if "price" in s.entity_id}
    assert units - {"%", None} == {unit}


async def test_a_battery_mode_is_shown_when_it_was_asked_for_not_when_evcc_gets_to_it(
    hass: Any, mqtt_mock: Any, caplog: pytest.LogCaptureFixture
) -> None:
    assert mqtt_mock
    await announced(hass, HomeContext())
    site = json.loads(golden("Site"))
    asked = {"mode": "normal", "mode_external": "hold"}
    for battery, shown in ((asked, "hold"), ({"mode": "normal"}, "normal"), ({}, None)):
        await tell(hass, f"{PREFIX}/site", json.dumps(site | {"battery": {"power_w": 0, **battery}}))
        select = hass.states.get(entity(hass, "select", "site", "battery_mode"))
        assert select.attributes["value"] == shown
        assert select.state == {"hold": "Hold", "normal": "Normal", None: "unknown"}[shown]
    assert complaints(caplog) == []


async def test_the_last_ten_decisions_are_decisions(
    hass: Any, mqtt_mock: Any, caplog: pytest.LogCaptureFixture
) -> None:
    assert mqtt_mock
    await announced(hass, HomeContext("de"))
    told = json.loads(golden("Decisions"))
    (like,) = told["decisions"]
    each = [
        like | {"at": f"2026-11-21T08:{59 - n}:00Z", "outcome": outcome}
        for n in range(20)
        for outcome in ("verified", "accepted")
    ]
    await tell(hass, f"{PREFIX}/decisions", json.dumps(told | {"decisions": each}))
    shown = hass.states.get(entity(hass, "sensor", "site", "decisions"))
    assert [row["outcome"] for row in shown.attributes["decisions"]] == ["accepted"] * 10
    assert shown.state == "2026-11-21T08:59:00+00:00"
    await tell(hass, f"{PREFIX}/decisions", json.dumps(told))
    assert hass.states.get(shown.entity_id).attributes["decisions"] == []
    assert complaints(caplog) == []


async def test_a_cheap_stretch_that_runs_has_begun_when_it_did(hass: Any, mqtt_mock: Any) -> None:
    assert mqtt_mock
    await announced(hass, HomeContext())
    prices = json.loads(golden("Prices"))

    async def shown(at: str, start: str | None) -> str:
        told = {k: v for k, v in prices.items() if k != "next_cheap"} | {"at": f"2026-11-21T{at}Z"}
        if start:
            told["next_cheap"] = prices["next_cheap"] | {"start": f"2026-11-21T{start}Z"}
        await tell(hass, f"{PREFIX}/prices", json.dumps(told))
        return state(hass, "sensor", "planner", "next_cheap_start").removeprefix("2026-11-21T")

    assert await shown("09:00:05", "13:00:00") == "13:00:00+00:00"
    assert await shown("13:00:05", "13:00:05") == "13:00:00+00:00"
    assert await shown("13:15:03.5", "13:15:03.5") == "13:00:00+00:00", "plan after plan"
    assert await shown("16:00:05", "20:00:00") == "20:00:00+00:00"
    assert await shown("16:15:00", None) == "unknown"
    assert await shown("21:15:00", "21:15:00") == "21:15:00+00:00", "Home Assistant knows no better"


async def test_what_rounds_to_nothing_has_no_minus(hass: Any, mqtt_mock: Any) -> None:
    assert mqtt_mock
    await announced(hass, HomeContext())
    await tell(hass, f"{PREFIX}/plan", json.dumps(json.loads(golden("Plan")) | {"saving_eur": -0.001}))
    assert state(hass, "sensor", "planner", "saving_eur") == "0.0"


@pytest.mark.parametrize(
    ("home", "reason"),
    [
        (HomeContext(), "evcc is away (refused)"),
        (HomeContext("de"), "evcc ist weg"),
        (HomeContext("nl"), "evcc is weg"),
    ],
    ids=["en", "de", "nl"],
)
async def test_why_a_service_is_unwell_is_told_without_the_machines_english(
    hass: Any, mqtt_mock: Any, caplog: pytest.LogCaptureFixture, home: HomeContext, reason: str
) -> None:
    assert mqtt_mock
    await announced(hass, home)
    text = {"en": "evcc is away (refused)", "de": "evcc ist weg (refused)", "nl": "evcc is weg (refused)"}
    problem = {"state": "failed", "reason": {"kind": "x", "parameters": {"detail": "refused"}}, "text": text}
    said = json.loads(golden("Health")) | {"state": "failed", "problems": [problem]}
    await tell(hass, f"{PREFIX}/evcc-poller/health", json.dumps(said))
    shown = hass.states.get(entity(hass, "sensor", "site", "evcc_poller_health")).attributes
    assert (shown["reasons"], shown["details"], shown["kinds"]) == ([reason], ["refused"], ["x"])
    del said["problems"]
    await tell(hass, f"{PREFIX}/evcc-poller/health", json.dumps(said))
    shown = hass.states.get(entity(hass, "sensor", "site", "evcc_poller_health")).attributes
    assert (shown["reasons"], shown["details"]) == (said["reasons"], []), "a service of before"
    assert complaints(caplog) == []


SAID = {"en": "ENGLISH", "de": "GERMAN", "nl": "DUTCH"}


def in_words(fact: Any, key: str = "") -> Any:
    """A fact whose texts name their language; what is said in English alone, beside a text, does so, too."""
    if isinstance(fact, dict) and "en" in fact and "de" in fact:
        return SAID
    if isinstance(fact, dict):
        # Beside these stands the same in every language; only a service of before leaves it out.
        texts = {f"{name}_text": SAID for name in ("error", "problem") if isinstance(fact.get(name), str)}
        return {name: in_words(value, name) for name, value in fact.items()} | texts
    if isinstance(fact, list):
        return [in_words(value, key) for value in fact]
    return "ENGLISH" if isinstance(fact, str) and key in {"reason", "reasons", "error", "problem"} else fact


def strings(value: Any) -> list[str]:
    """Every string in a state's attributes, but for what automations read."""
    if isinstance(value, dict):
        return [s for key, each in value.items() if key != "details" for s in strings(each)]
    if isinstance(value, list | tuple):
        return [s for each in value for s in strings(each)]
    return [value] if isinstance(value, str) else []


@pytest.mark.parametrize("language", ["de", "nl"])
async def test_a_home_shows_no_english_text_in_any_state_or_attribute(
    hass: Any, mqtt_mock: Any, caplog: pytest.LogCaptureFixture, language: str
) -> None:
    assert mqtt_mock
    home = HomeContext(language, learner=True)
    await announced(hass, home)
    told = FACTS | SAYING | {f"event/{kind}": "Event" for kind in EVENT_OWNERS}
    told |= {
        f"{service}/result/{device}": "DeviceResult"
        for service in SERVICES
        for device in ("battery", "loadpoint-1", "loadpoint-2", "vehicle-limo", "planner", "drivers")
    }
    for path, model in told.items():
        fact = in_words(json.loads(golden(model)))
        if path.startswith("event/"):
            fact["event_type"] = path.removeprefix("event/")
        await tell(hass, f"{PREFIX}/{path}", json.dumps(fact))
    read = {s.entity_id: [s.state, *strings(dict(s.attributes))] for s in hass.states.async_all()}
    home_words = {"de": "GERMAN", "nl": "DUTCH"}[language]
    assert sum(home_words in " ".join(each) for each in read.values()) > 20
    assert {entity_id: each for entity_id, each in read.items() if "ENGLISH" in " ".join(each)} == {}
    for kind, labels in TABLES[Language.EN].states.items():
        theirs = TABLES[Language(language)].states[kind]
        english = {label for word, label in labels.items() if label not in theirs.values() and label != word}
        assert not [e for e, each in read.items() if english & {each[0]}], kind
    assert complaints(caplog) == []
