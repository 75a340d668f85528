"""All devices and entities are there in a running Home Assistant, on a broker with only the narrow rights."""

import pytest

from support.household import Household

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.mosquitto, pytest.mark.timeout(240)]

WITHOUT_STATE = {"button", "event", "text"}
"""They have none before they are used."""
UNKNOWN = {
    "evcc_ems_loadpoint-1_session_kwh": "no car was there yet",
    "evcc_ems_loadpoint-1_soc": "no car is there",
    "evcc_ems_planner_next_charge_start": "no charging from the grid is planned",
    "evcc_ems_planner_load_error": "no forecast has come true yet",
    "evcc_ems_planner_pv_error": "no forecast has come true yet",
}
"""What may be unknown in the demo's afternoon, and why."""


async def test_every_device_and_entity_that_was_announced_is_there(household: Household) -> None:
    told = await household.announced()
    assert {"site", "loadpoint-1", "loadpoint-2", "planner", "vehicle-limo", "vehicle-mini"} <= set(told)
    wanted = {c["unique_id"] for device in told.values() for c in device["components"].values()}
    assert set(await household.hass.ours()) == wanted
    devices = await household.hass.ask("config/device_registry/list")
    by_id = {value: d for d in devices for domain, value in d["identifiers"] if domain == "mqtt"}
    assert set(by_id) == {f"evcc_ems_{device}" for device in told}
    assert by_id["evcc_ems_loadpoint-1"]["via_device_id"] == by_id["evcc_ems_site"]["id"]


async def test_nothing_is_unknown_without_a_reason(household: Household) -> None:
    states = await household.hass.states()
    ours = {unique: entity for unique, entity in (await household.hass.ours()).items() if entity in states}
    unknown = {u for u, e in ours.items() if states[e]["state"] == "unknown" and e.split(".")[0] not in WITHOUT_STATE}
    assert unknown <= set(UNKNOWN)


async def test_the_plan_is_a_picture(household: Household) -> None:
    picture = await household.hass.get(f"image_proxy/{await household.id('planner', 'chart')}")
    assert "<svg" in picture


async def test_what_happens_is_an_event(household: Household) -> None:
    home = household.suite.evcc.home
    home.cars["limo"].on = None
    home.cars["limo"].loadpoint = "1"
    await household.shows("site", "event_plugged_in", lambda state: state not in {"unknown", "unavailable"})
    attributes = (await household.hass.states())[await household.id("site", "event_plugged_in")]["attributes"]
    assert (attributes["event_type"], attributes["vehicle"]) == ("plugged_in", "limo")


async def test_the_log_holds_no_word_about_us(household: Household) -> None:
    assert household.hass.complaints() == []
