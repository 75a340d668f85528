"""Everything that was announced is there in a running Home Assistant, and what people make of it works.

Devices and entities first, as nobody has touched them; then the blueprints with a phone, the Energy dashboard's choice
and the dashboard. One Home Assistant for all of it: a start costs more than all of these tests.
"""

import asyncio
import os
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
import pytest_asyncio
import yaml
from aiohttp import web
from pydantic import SecretStr

from ems.bus.session import MqttBus
from ems.contract.message import Text
from ems.contract.people import Event, EventKind
from ems.contract.service import Service
from ems.contract.topics import EVENT
from support.bus import session
from support.clouds import served
from support.home_assistant import ROOT
from support.household import Household
from support.patience import PATIENCE_S

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.mosquitto, pytest.mark.timeout(600)]

FOLDER = ROOT / "docs" / "home-assistant"
BLUEPRINTS = FOLDER / "blueprints" / "automation"
RINGS_WITHIN_S = 1.0
"""Time in which an automation that hears of a state has rung."""
HUBS = {"site", "planner", "cars", "drivers"}
WITHOUT_STATE = {"button", "event", "text"}
"""They have none before they are used."""
UNKNOWN = {
    "loadpoint-1_session_kwh": "no car was there yet",
    "loadpoint-1_soc": "no car is there",
    "loadpoint-1_vehicle": "no car is there",
    "planner_next_charge_start": "no charging from the grid is planned",
    "planner_load_error": "no forecast has come true yet",
    "planner_pv_error": "no forecast has come true yet",
    "drivers_muted_until_anna": "she is not muted",
    **{
        f"planner_{key}": "no quarter hour has been measured yet"
        for key in (
            "saved_today",
            "saved_month",
            "saved_total",
            "cost_today",
            "cost_month",
            "cost_total",
            *(f"{share}_{of}" for share in ("self_consumption", "solar_share") for of in ("today", "month", "total")),
            "last_session",
        )
    },
    **{
        f"loadpoint-{number}_{key}": "no quarter hour has been measured yet"
        for number in (1, 2)
        for key in ("charged_month", "charged_cost_month")
    },
    **{
        f"loadpoint-{number}_planned_{key}": "nothing is planned there"
        for number in (1, 2)
        for key in ("start", "end", "energy", "cost", "full_at")
    },
}
UNKNOWN_OF_A_CAR = {
    "goal_soc": "nobody has said how full it shall be",
    "goal_day": "nobody has said when they leave",
    "goal_departure": "nobody has said when they leave",
    "goal_asked_by": "nobody has said anything",
    "question": "nobody is asked",
    "answer": "nobody has answered",
}
MAY_BE_UNKNOWN = {*UNKNOWN, *(f"vehicle-{car}_{key}" for car in ("limo", "mini") for key in UNKNOWN_OF_A_CAR)}
"""In the demo's afternoon, and why."""


@dataclass
class Phone:
    """Somebody's phone: what was pushed to it, and its id in Home Assistant."""

    device: str = ""
    pushed: list[dict[str, Any]] = field(default_factory=list)

    async def push(self, request: web.Request) -> web.Response:
        """As the maker's push service does."""
        self.pushed.append(await request.json())
        return web.json_response({}, status=201)

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/push", self.push)
        return app


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def phone(household: Household) -> AsyncGenerator[Phone]:
    """Registered as the companion app does it."""
    made = Phone()
    async with served(made.app()) as url:
        about = {"device_id": "1", "app_id": "app", "app_name": "App", "app_version": "1", "device_name": "Annas Handy"}
        about |= {"manufacturer": "m", "model": "m", "os_name": "os", "os_version": "1"}
        push = {"push_token": "t", "push_url": f"{url}/push"}
        whole = {**about, "supports_encryption": False, "app_data": push}
        await household.hass.post("mobile_app/registrations", whole)
        devices = await household.hass.ask("config/device_registry/list")
        made.device = next(d["id"] for d in devices if d["name"] == "Annas Handy")
        yield made


async def automate(household: Household, blueprint: str, **inputs: str | list[str]) -> None:
    """Takes the blueprint in, as a file, and makes an automation of it, as the editor does."""
    folder = household.hass.folder / "blueprints" / "automation" / "evcc-ems"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / blueprint).write_bytes((BLUEPRINTS / blueprint).read_bytes())
    name = blueprint.removesuffix(".yaml")
    use = {"path": f"evcc-ems/{blueprint}", "input": inputs}
    await household.hass.post(f"config/automation/config/{name}", {"alias": name, "use_blueprint": use})
    await household.hass.until(lambda: _on(household, name), PATIENCE_S, f"{name} runs")


async def _on(household: Household, name: str) -> bool:
    return await household.hass.state(f"automation.{name}") == "on"


@asynccontextmanager
async def speaking(household: Household, service: Service) -> AsyncGenerator[MqttBus]:
    """A bus with a service's own account on the broker."""
    settings = household.rights.broker.settings(username=service.value, client_id="another")
    async with session(settings, Service.USERS, password=SecretStr(household.rights.password(service))) as bus:
        yield bus


async def tap(household: Household, button: str, **more: str) -> None:
    """A button of a message on the phone."""
    await household.hass.post("events/mobile_app_notification_action", {"action": button, **more})


def event(kind: EventKind, household: Household, vehicle: str | None = None, device: str | None = None) -> Event:
    words, now = Text(en="something happened", de="etwas ist geschehen"), household.suite.evcc.home.now
    return Event(event_type=kind, at=now, text=words, vehicle=vehicle, device=device)


async def test_every_device_and_entity_that_was_announced_is_there(household: Household) -> None:
    told = await household.announced()
    names = {name for name, _ in told}
    assert names == {*HUBS, "loadpoint-1", "loadpoint-2", "vehicle-limo", "vehicle-mini", "driver-anna"}
    wanted = {c["unique_id"] for _, device in told for c in device["components"].values()}
    assert set(await household.hass.ours()) == wanted
    devices = await household.hass.ask("config/device_registry/list")
    by_id = {value: d for d in devices for domain, value in d["identifiers"] if domain == "mqtt"}
    assert set(by_id) == {f"evcc_ems_{device}" for device in names}
    above = {name: by_id[f"evcc_ems_{name}"]["via_device_id"] for name in names - {"site", "driver-anna"}}
    assert set(above.values()) == {by_id["evcc_ems_site"]["id"]}, "one parent for all"
    assert by_id["evcc_ems_driver-anna"]["via_device_id"] == by_id["evcc_ems_drivers"]["id"]


async def test_nothing_is_unknown_without_a_reason(household: Household) -> None:
    states, unknown = await household.hass.states(), set()
    for unique, entity in (await household.hass.ours()).items():
        if entity in states and states[entity]["state"] == "unknown" and entity.split(".")[0] not in WITHOUT_STATE:
            unknown.add(unique.removeprefix("evcc_ems_"))
    assert unknown - MAY_BE_UNKNOWN == set()


async def test_a_departure_that_nobody_has_named_is_empty(household: Household) -> None:
    await household.shows("vehicle-mini", "goal_by", "")


async def test_the_plan_is_a_picture(household: Household) -> None:
    picture = await household.hass.get(f"image_proxy/{await household.id('planner', 'chart')}")
    assert "<svg" in picture


async def test_what_happens_is_an_event(household: Household) -> None:
    home = household.suite.evcc.home
    home.cars["limo"].on = None
    home.cars["limo"].loadpoint = "1"
    await household.shows("site", "event_plugged_in", lambda state: state not in {"unknown", "unavailable"})
    attributes = (await household.hass.states())[await household.id("site", "event_plugged_in")]["attributes"]
    assert (attributes["value"], attributes["vehicle"]) == ("plugged_in", "limo")


async def test_energies_grow_in_kwh(household: Household) -> None:
    states = await household.hass.states()
    for key in ("import_kwh", "export_kwh", "home_kwh", "pv_kwh", "battery_charge_kwh", "battery_discharge_kwh"):
        counter = states[await household.id("site", key)]
        assert float(counter["state"]) >= 0
        assert counter["attributes"]["state_class"] == "total_increasing"
        assert counter["attributes"]["unit_of_measurement"] == "kWh"


async def test_a_phone_hears_of_a_deadline_at_risk(household: Household, phone: Phone) -> None:
    await automate(household, "deadline_at_risk.yaml", phone=phone.device)
    async with speaking(household, Service.TARIFF_PLANNER) as bus:
        bus.publish(EVENT, event(EventKind.DEADLINE_AT_RISK, household, vehicle="limo"), event="deadline_at_risk")
        await household.happens(lambda: phone.pushed, "the phone hears of it")
    assert phone.pushed.pop()["message"] == "something happened"


async def test_a_phone_hears_that_control_is_lost_and_back(household: Household, phone: Phone) -> None:
    await automate(household, "control_lost.yaml", phone=phone.device)
    async with speaking(household, Service.EVCC_POLLER) as bus:
        bus.publish(EVENT, event(EventKind.CONTROL_LOST, household, device="battery"), event="control_lost")
        await household.happens(lambda: phone.pushed, "the phone hears of it")
        lost = phone.pushed.pop()
        bus.publish(EVENT, event(EventKind.CONTROL_BACK, household, device="battery"), event="control_back")
        await household.happens(lambda: phone.pushed, "the phone hears of the end")
    assert lost["message"] == "something happened"
    back = phone.pushed.pop()
    assert (back["message"], back["data"]["tag"]) == ("clear_notification", lost["data"]["tag"])


async def offers(household: Household, select: str, option: str) -> bool:
    """The question and its answers are two entities; nobody's thumb is quicker than the second one's message."""
    return option in (await household.hass.states())[select]["attributes"]["options"]


def rung(phone: Phone) -> list[str]:
    """What the phone was pushed that is read, instead of taking a message back."""
    return [message for pushed in phone.pushed if (message := pushed["message"]) != "clear_notification"]


async def test_a_question_is_answered_on_a_phone_and_rings_once_also_over_a_restart_of_home_assistant(
    household: Household, phone: Phone
) -> None:
    car = {key: await household.id("vehicle-mini", key) for key in ("question", "answer", "answer_words")}
    await automate(household, "questions.yaml", phone=phone.device, **car)
    async with speaking(household, Service.EVCC_POLLER) as bus:
        bus.publish(EVENT, event(EventKind.PLUGGED_IN, household, vehicle="mini"), event="plugged_in")
        await household.happens(lambda: phone.pushed, "the phone is asked when")
    when = phone.pushed.pop()["data"]["actions"]
    asked = await household.state("vehicle-mini", "question")
    await household.hass.stop()
    await household.start_hass()
    await household.shows("vehicle-mini", "question", asked, within_s=60)
    await household.all_there()
    await asyncio.sleep(RINGS_WITHIN_S)
    assert rung(phone) == [], "the question, what was at risk and what was lost have rung before"
    phone.pushed.clear()
    await household.hass.until(
        lambda: offers(household, car["answer"], when[0]["title"]), PATIENCE_S, "it is an answer"
    )
    await tap(household, when[0]["action"])
    await household.happens(lambda: phone.pushed, "the phone is asked how full")
    full = phone.pushed.pop()["data"]["actions"]
    assert full[-1]["behavior"] == "textInput"
    await tap(household, when[1]["action"])  # of the message before: it answers nothing
    await tap(household, full[-1]["action"], reply_text="70 %")
    await household.shows("vehicle-mini", "goal_soc", 70)
    await household.happens(lambda: phone.pushed, "the message goes")
    assert phone.pushed.pop()["message"] == "clear_notification"


async def test_a_goal_is_set_on_a_phone_when_a_car_is_plugged_in(household: Household, phone: Phone) -> None:
    car = {"goal": await household.id("vehicle-limo", "goal_soc")}
    car["departure"] = await household.id("vehicle-limo", "goal_by")
    await automate(household, "ask_when_plugged_in.yaml", phone=phone.device, vehicle="limo", **car)
    await household.shows("vehicle-limo", "goal_soc", "unknown")
    async with speaking(household, Service.EVCC_POLLER) as bus:
        bus.publish(EVENT, event(EventKind.PLUGGED_IN, household, vehicle="mini"), event="plugged_in")
        bus.publish(EVENT, event(EventKind.PLUGGED_IN, household, vehicle="limo"), event="plugged_in")
        await household.happens(lambda: phone.pushed, "the phone is asked")
    (asked,) = phone.pushed
    phone.pushed.clear()
    usual, by, words = (each["action"] for each in asked["data"]["actions"])
    await tap(household, usual)
    await household.shows("vehicle-limo", "goal_soc", 80)
    await tap(household, by)
    await household.shows("vehicle-limo", "goal_departure", lambda state: state.startswith("20"))
    await tap(household, words, reply_text="95 % tomorrow 9am")
    await household.shows("vehicle-limo", "goal_soc", 95)
    await household.does("vehicle-limo", "goal_remove", "press")
    await household.shows("vehicle-limo", "goal_soc", "unknown")


async def test_a_phone_hears_why_what_was_set_was_refused(household: Household, phone: Phone) -> None:
    answers = [await household.id("vehicle-mini", key) for key in ("goal_reply", "result")]
    await automate(household, "refused.yaml", phone=phone.device, answers=answers)
    await household.does("vehicle-mini", "goal_by", "set_value", value="in 5h")
    await household.shows("vehicle-mini", "goal_departure", lambda state: state.startswith("20"))
    await household.does("vehicle-mini", "goal_by", "set_value", value="abrakadabra")
    await household.happens(lambda: phone.pushed, "the phone hears of it")
    (told,) = phone.pushed
    phone.pushed.clear()
    attributes = (await household.hass.states())[answers[0]]["attributes"]
    assert told["message"] == attributes["text"]
    await household.does("vehicle-mini", "goal_remove", "press")
    await household.shows("vehicle-mini", "goal_soc", "unknown")


async def choice(household: Household) -> dict[str, Any]:
    """What docs/home-assistant.md says to pick for the Energy dashboard."""
    ids = await household.hass.ours()
    site = {u.removeprefix("evcc_ems_site_"): entity for u, entity in ids.items() if u.startswith("evcc_ems_site_")}
    import_, export = site["import_kwh"], site["export_kwh"]
    buying, selling = site["import_eur_per_kwh"], site["export_eur_per_kwh"]
    grid: dict[str, Any] = {"type": "grid", "cost_adjustment_day": 0.0}
    solar: dict[str, Any] = {"type": "solar", "stat_energy_from": site["pv_kwh"], "config_entry_solar_forecast": None}
    battery: dict[str, Any] = {"type": "battery", "stat_energy_from": site["battery_discharge_kwh"]}
    battery["stat_energy_to"] = site["battery_charge_kwh"]
    if (await household.hass.get("config"))["version"] < "2026":
        price = {"number_energy_price": None, "entity_energy_price": buying}
        grid["flow_from"] = [{"stat_energy_from": import_, **price}]
        grid["flow_to"] = [{"stat_energy_to": export, **price, "entity_energy_price": selling}]
    else:
        grid |= {"stat_energy_from": import_, "entity_energy_price": buying, "stat_rate": site["grid_w"]}
        grid |= {"stat_energy_to": export, "entity_energy_price_export": selling}
        solar["stat_rate"], battery["stat_rate"] = site["pv_w"], site["battery_w"]
    devices = [{"stat_consumption": ids[f"evcc_ems_loadpoint-{n}_energy_kwh"]} for n in (1, 2)]
    return {"energy_sources": [grid, solar, battery], "device_consumption": devices}


async def test_the_energy_dashboard_takes_counters_prices_and_powers(household: Household) -> None:
    await household.hass.ask("energy/save_prefs", **await choice(household))
    found = await household.hass.ask("energy/validate")
    issues = {issue["type"] for part in found.values() for each in part for issue in each}
    # Statistics are made every five minutes; PATIENT=1 waits for them.
    if os.environ.get("PATIENT"):
        await household.hass.until(lambda: _no_issue(household), 330, "the Energy dashboard has no issue")
    assert issues <= {"statistics_not_defined"}


async def _no_issue(household: Household) -> bool:
    return not any(each for part in (await household.hass.ask("energy/validate")).values() for each in part)


@pytest.mark.parametrize("file", ["dashboard.yaml", "dashboard.de.yaml"])
async def test_a_dashboard_is_taken_and_everything_on_it_is_there(household: Household, file: str) -> None:
    text = (FOLDER / file).read_text(encoding="utf-8")
    written, path = yaml.safe_load(text), f"try-{file.replace('.', '-')}"
    await household.hass.ask("lovelace/dashboards/create", url_path=path, title="Try", mode="storage")
    await household.hass.ask("lovelace/config/save", url_path=path, config=written)
    assert await household.hass.ask("lovelace/config", url_path=path) == written
    shown = set(re.findall(r"\b[a-z_]+\.ems_[a-z0-9_]+", text))
    assert len(shown) > 60
    assert shown - set((await household.hass.ours()).values()) == set()


async def test_the_log_holds_no_word_about_us(household: Household) -> None:
    assert household.hass.complaints() == []
