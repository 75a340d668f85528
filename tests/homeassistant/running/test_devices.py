"""All devices and entities are there in a running Home Assistant, on a broker with only the narrow rights."""

import pytest

from support.household import Household

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.mosquitto, pytest.mark.timeout(600)]

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


async def test_the_log_holds_no_word_about_us(household: Household) -> None:
    assert household.hass.complaints() == []
