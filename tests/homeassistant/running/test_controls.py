"""Every control in a running Home Assistant changes the evcc behind it, or says why not."""

import json
import time
from collections.abc import AsyncGenerator

import pytest
import pytest_asyncio

from ems.contract.service import Service
from ems.contract.site import BatteryMode, LoadpointMode
from ems.contract.topics import PREFIX
from ems.runtime.clock import VARIABLE
from ems.simulator.settings_store import LoadpointSettings
from support.household import Household

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.mosquitto, pytest.mark.timeout(240)]

LATER_S = 600
"""Nobody asks a cloud twice within five minutes."""


def lp(household: Household, number: str = "2") -> LoadpointSettings:
    return household.evcc.settings.loadpoints[number]


async def in_mode(household: Household, mode: LoadpointMode) -> None:
    await household.happens(lambda: lp(household).mode is mode, f"evcc is in {mode}")


@pytest_asyncio.fixture(loop_scope="module", autouse=True)
async def as_before(household: Household) -> AsyncGenerator[None]:
    """Whatever a test took over is handed back after it."""
    yield
    for device in ("loadpoint-2", "site"):
        await household.does(device, "release", "press")
    await household.shows("loadpoint-2", "owner", lambda owner: owner in {"plan", "none"})
    await household.shows("site", "owner", lambda owner: owner in {"plan", "none"})


async def test_a_loadpoints_mode(household: Household) -> None:
    for mode in (LoadpointMode.OFF, LoadpointMode.NOW, LoadpointMode.MINPV):
        await household.does("loadpoint-2", "mode", "select_option", option=mode.value)
        await in_mode(household, mode)
        await household.shows("loadpoint-2", "mode", mode.value)
    await household.shows("loadpoint-2", "owner", "user")


async def test_a_loadpoints_limit(household: Household) -> None:
    await household.does("loadpoint-2", "limit_soc", "set_value", value=75)
    await household.happens(lambda: lp(household).limit_soc_pct == 75, "evcc has the limit")
    await household.shows("loadpoint-2", "limit_soc", 75)


async def test_the_car_at_a_loadpoint(household: Household) -> None:
    await household.does("loadpoint-2", "vehicle", "select_option", option="Guest")
    await household.happens(lambda: household.evcc.views["2"].vehicle is None, "a guest is there")
    await household.shows("loadpoint-2", "vehicle", "Guest")
    await household.does("loadpoint-2", "vehicle", "select_option", option="mini")
    await household.happens(lambda: household.evcc.views["2"].vehicle == "mini", "the car is there again")
    await household.shows("loadpoint-2", "vehicle", "mini")


async def test_a_boost_and_its_end(household: Household) -> None:
    await household.does("loadpoint-2", "boost", "press")
    await in_mode(household, LoadpointMode.NOW)
    await household.shows("loadpoint-2", "owner", "boost")
    await household.shows("loadpoint-2", "boost_minutes", 90)
    await household.does("loadpoint-2", "boost_stop", "press")
    await household.shows("loadpoint-2", "owner", lambda owner: owner != "boost")
    # In this afternoon the plan leaves the car to the sun.
    await in_mode(household, LoadpointMode.PV)


async def test_a_boost_of_some_minutes(household: Household) -> None:
    await household.does("loadpoint-2", "boost_minutes", "set_value", value=30)
    await in_mode(household, LoadpointMode.NOW)
    await household.shows("loadpoint-2", "boost_minutes", 30)
    await household.does("loadpoint-2", "boost_minutes", "set_value", value=0)
    await household.shows("loadpoint-2", "owner", lambda owner: owner != "boost")


async def test_the_batterys_mode_and_handing_it_back(household: Household) -> None:
    await household.does("site", "battery_mode", "select_option", option="hold")
    await household.happens(lambda: household.evcc.battery_mode is BatteryMode.HOLD, "evcc holds the battery")
    await household.shows("site", "battery_mode", "hold")
    await household.shows("site", "owner", "user")
    await household.does("site", "release", "press")
    await household.shows("site", "owner", lambda owner: owner != "user")


@pytest.mark.parametrize("device", ["site", "loadpoint-2"])
async def test_who_controls_a_device(household: Household, device: str) -> None:
    await household.shows(device, "owner", "plan", within_s=60)
    await household.does(device, "controller", "select_option", option="off")
    await household.shows(device, "controller", "off")
    await household.shows(device, "owner", "none")
    await household.does(device, "controller", "select_option", option="auto")
    await household.shows(device, "controller", "auto")
    await household.shows(device, "owner", "plan", within_s=60)


async def test_planning_on_and_off(household: Household) -> None:
    await household.does("planner", "enabled", "turn_off")
    await household.shows("planner", "enabled", "off")
    await household.shows("site", "owner", "none", within_s=40)
    await household.happens(lambda: household.evcc.external is None, "evcc decides over the battery")
    await household.does("planner", "enabled", "turn_on")
    await household.shows("planner", "enabled", "on")
    await household.shows("site", "owner", "plan", within_s=60)


async def test_a_wish_is_priced_then_obeyed_and_taken_back(household: Household) -> None:
    await household.does("planner", "trial", "turn_on")
    await household.shows("planner", "trial", "on")
    await household.does("planner", "wish_hold_battery", "set_value", value="täglich 17-20")
    await household.shows("planner", "wish_hold_battery", "17:00-20:00 daily")
    await household.shows("planner", "wishes", 1, within_s=60)
    await household.does("planner", "apply_wishes", "press")
    await household.does("planner", "trial", "turn_off")
    await household.shows("planner", "trial", "off")
    await household.does("planner", "wish_hold_battery", "set_value", value="")
    await household.shows("planner", "wish_hold_battery", "")
    await household.shows("planner", "wishes", 0, within_s=60)


@pytest.mark.parametrize(
    ("device", "kind", "words", "shown"),
    [
        ("planner", "charge_battery", "2-4 mon-fri", "02:00-04:00 Mon, Tue, Wed, Thu, Fri"),
        ("planner", "weekly_goal", "40 % 7:00", "40 % 07:00 daily"),
        ("planner", "absence", "1.1. 18:00", "1.1. 18:00"),
        ("vehicle-mini", "pause_vehicle", "17-20 daily", "17:00-20:00 daily"),
        ("vehicle-mini", "charge_vehicle", "2-3 every sat", "02:00-03:00 every Sat"),
        ("vehicle-mini", "trip", "1.1. 8:00-18:00 4 kWh", "1.1. 08:00-18:00 4 kWh"),
        ("vehicle-mini", "weekly_goal", "40 % 7:00 mon", "40 % 07:00 every Mon"),
        ("vehicle-mini", "weekly_goal", "40 % sometime", ""),
    ],
)
async def test_what_is_wished_is_shown_and_what_nobody_understands_is_not(
    household: Household, device: str, kind: str, words: str, shown: str
) -> None:
    await household.does(device, f"wish_{kind}", "set_value", value=words)
    await household.shows(device, f"wish_{kind}", shown)
    await household.does(device, f"wish_{kind}", "set_value", value="")
    await household.shows(device, f"wish_{kind}", "")


async def test_the_batterys_reserve(household: Household) -> None:
    await household.does("planner", "reserve_soc", "set_value", value=20)
    await household.shows("planner", "reserve_soc", 20)


async def test_a_charge_that_was_read_off_the_car(household: Household) -> None:
    await household.does("vehicle-limo", "soc_set", "set_value", value=61)
    await household.shows("vehicle-limo", "soc", 61)


async def test_a_cars_cloud_is_asked_again_some_minutes_later(household: Household) -> None:
    await household.suite.end(Service.VEHICLE_SOC)
    household.suite.start(Service.VEHICLE_SOC, {VARIABLE: f"{time.time()},{time.time() + LATER_S},1"})
    await household.shows("vehicle-limo", "soc", lambda state: state != "unavailable")
    # A few percent more than is shown: a parked car that lost some would not be believed.
    shown = (await household.hass.states())[await household.id("vehicle-limo", "soc")]["state"]
    household.cloud.soc_pct, asked = round(float(shown)) + 2.0, household.cloud.asked
    await household.does("vehicle-limo", "refresh", "press")
    await household.happens(lambda: household.cloud.asked > asked, "the cloud is asked")
    await household.shows("vehicle-limo", "soc", household.cloud.soc_pct)


async def test_a_question_is_answered(household: Household) -> None:
    # The afternoon is cheap, and nobody has said how full the car shall be.
    await household.shows("vehicle-limo", "question", lambda state: state not in {"unknown", "unavailable"}, 60)
    answer = await household.id("vehicle-limo", "answer")
    await household.shows("vehicle-limo", "answer", "unknown")
    options = (await household.hass.states())[answer]["attributes"]["options"]
    await household.does("vehicle-limo", "answer", "select_option", option=options[0])
    await household.shows("vehicle-limo", "answer", "unavailable")
    await household.shows("vehicle-limo", "goal_soc", 80)
    await household.does("vehicle-limo", "goal_remove", "press")
    await household.shows("vehicle-limo", "goal_soc", "unknown")


async def test_a_question_is_answered_in_words(household: Household) -> None:
    await household.shows("vehicle-mini", "answer_words", lambda state: state != "unavailable", 60)
    await household.does("vehicle-mini", "answer_words", "set_value", value="70 % tomorrow 8am")
    await household.shows("vehicle-mini", "goal_soc", 70)
    await household.shows("vehicle-mini", "goal_departure", lambda state: state.startswith("20"))
    await household.shows("vehicle-mini", "question", "unknown")
    await household.does("vehicle-mini", "goal_remove", "press")
    await household.shows("vehicle-mini", "goal_soc", "unknown")


async def test_a_goal_by_halves_and_in_words(household: Household) -> None:
    await household.does("vehicle-mini", "goal_soc", "set_value", value=90)
    await household.shows("vehicle-mini", "goal_soc", 90)
    await household.does("vehicle-mini", "goal_by", "set_value", value="in 5h")
    await household.shows("vehicle-mini", "goal_departure", lambda state: state.startswith("20"))
    await household.shows("vehicle-mini", "goal_soc", 90)
    assert await household.state("vehicle-mini", "goal_asked_by") == "homeassistant"
    await household.does("vehicle-mini", "goal_remove", "press")
    await household.shows("vehicle-mini", "goal_soc", "unknown")


async def test_a_goal_that_nobody_understands_is_refused_in_words(household: Household) -> None:
    before = await household.state("vehicle-mini", "goal_reply")
    await household.does("vehicle-mini", "goal_by", "set_value", value="whenever, really")
    await household.shows("vehicle-mini", "goal_reply", lambda state: state != before)
    reply = (await household.hass.states())[await household.id("vehicle-mini", "goal_reply")]["attributes"]
    assert reply["event_type"] == "refused"
    assert reply["text"]


async def test_a_driver_is_muted(household: Household) -> None:
    await household.does("drivers", "mute_anna", "turn_on")
    await household.shows("drivers", "muted_until_anna", lambda state: state.startswith("20"))
    await household.does("drivers", "mute_anna", "turn_off")
    await household.shows("drivers", "mute_anna", "off")


async def test_a_login_code_that_nobody_asked_for_is_refused_in_words(household: Household) -> None:
    result = f"{PREFIX}/vehicle/limo/login/result"
    for key, action, data in (("login_code", "set_value", {"value": "123456"}), ("login_send", "press", {})):
        async with household.listening(result) as hand:
            await household.does("vehicle-limo", key, action, **data)
            answer = json.loads(await hand.wait_for(result))
        assert answer["accepted"] is False
        assert answer["reason"]


async def test_every_kind_of_control_was_used(household: Household) -> None:
    announced = {
        f"{name.partition('-')[0]} {key}"
        for name, device in await household.announced()
        for key, component in device["components"].items()
        if "command_topic" in component
    }
    assert announced - household.used == set()


async def test_the_log_holds_no_word_about_us(household: Household) -> None:
    assert household.hass.complaints() == []


IMPOSSIBLE: list[tuple[str, str, str, dict[str, object]]] = [
    ("loadpoint-2", "mode", "select_option", {"option": "turbo"}),
    ("loadpoint-2", "limit_soc", "set_value", {"value": 140}),
    ("site", "battery_mode", "select_option", {"option": "explode"}),
]


@pytest.mark.parametrize(("device", "key", "action", "data"), IMPOSSIBLE)
async def test_what_is_impossible_is_refused_by_home_assistant_itself(
    household: Household, device: str, key: str, action: str, data: dict[str, object]
) -> None:
    with pytest.raises(AssertionError, match="valid"):
        await household.does(device, key, action, **data)
