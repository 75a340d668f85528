"""Every control in a running Home Assistant changes the evcc behind it, or says why not."""

import time
from collections.abc import AsyncGenerator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio

from ems.contract.control import Choice, Owner
from ems.contract.message import Language
from ems.contract.service import Service
from ems.contract.site import BatteryMode, LoadpointMode
from ems.i18n.languages import LOCALES
from ems.runtime.clock import VARIABLE
from ems.simulator.settings_store import LoadpointSettings
from support.household import Household
from support.patience import PATIENCE_S

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.mosquitto, pytest.mark.timeout(600)]

MINI = "Kleiner Flitzer"
"""As evcc calls the small car."""
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
    await household.shows(
        "loadpoint-2", "owner", lambda owner: owner in {household.called(o) for o in (Owner.PLAN, Owner.NONE)}
    )
    await household.shows(
        "site", "owner", lambda owner: owner in {household.called(o) for o in (Owner.PLAN, Owner.NONE)}
    )


async def test_a_loadpoints_mode(household: Household) -> None:
    for mode in (LoadpointMode.OFF, LoadpointMode.NOW, LoadpointMode.MINPV):
        await household.does("loadpoint-2", "mode", "select_option", option=household.called(mode))
        await in_mode(household, mode)
        await household.shows("loadpoint-2", "mode", mode)
    await household.shows("loadpoint-2", "owner", Owner.USER)
    answer = (await household.hass.states())[await household.id("loadpoint-2", "result")]["attributes"]
    assert (answer["value"], answer["command"]) == ("accepted", "loadpoint/2/mode")


async def test_a_loadpoints_limit(household: Household) -> None:
    await household.does("loadpoint-2", "limit_soc", "set_value", value=75)
    await household.happens(lambda: lp(household).limit_soc_pct == 75, "evcc has the limit")
    await household.shows("loadpoint-2", "limit_soc", 75)


async def test_the_car_at_a_loadpoint(household: Household) -> None:
    await household.does("loadpoint-2", "vehicle", "select_option", option="Guest")
    await household.happens(lambda: household.evcc.views["2"].vehicle is None, "a guest is there")
    await household.shows("loadpoint-2", "vehicle", "Guest")
    await household.does("loadpoint-2", "vehicle", "select_option", option=MINI)
    await household.happens(lambda: household.evcc.views["2"].vehicle == "mini", "the car is there again")
    await household.shows("loadpoint-2", "vehicle", MINI)


async def test_a_boost_and_its_end(household: Household) -> None:
    await household.does("loadpoint-2", "boost", "press")
    await in_mode(household, LoadpointMode.NOW)
    await household.shows("loadpoint-2", "owner", Owner.BOOST)
    await household.shows("loadpoint-2", "boost_minutes", 90)
    await household.does("loadpoint-2", "boost_stop", "press")
    await household.shows("loadpoint-2", "owner", lambda owner: owner != household.called(Owner.BOOST))
    # In this afternoon the plan leaves the car to the sun.
    await in_mode(household, LoadpointMode.PV)


async def test_a_boost_of_some_minutes(household: Household) -> None:
    await household.does("loadpoint-2", "boost_minutes", "set_value", value=30)
    await in_mode(household, LoadpointMode.NOW)
    await household.shows("loadpoint-2", "boost_minutes", 30)
    await household.does("loadpoint-2", "boost_minutes", "set_value", value=0)
    await household.shows("loadpoint-2", "owner", lambda owner: owner != household.called(Owner.BOOST))


async def test_the_batterys_mode_and_handing_it_back(household: Household) -> None:
    await household.does("site", "battery_mode", "select_option", option="Hold")
    await household.happens(lambda: household.evcc.battery_mode is BatteryMode.HOLD, "evcc holds the battery")
    await household.shows("site", "battery_mode", BatteryMode.HOLD)
    await household.shows("site", "owner", Owner.USER)
    await household.does("site", "release", "press")
    await household.shows("site", "owner", lambda owner: owner != household.called(Owner.USER))


@pytest.mark.parametrize("device", ["site", "loadpoint-2"])
async def test_who_controls_a_device(household: Household, device: str) -> None:
    await household.shows(device, "owner", Owner.PLAN)
    await household.does(device, "controller", "select_option", option=household.called(Choice.OFF))
    await household.shows(device, "controller", Choice.OFF)
    await household.shows(device, "owner", Owner.NONE)
    await household.does(device, "controller", "select_option", option=household.called(Choice.AUTO))
    await household.shows(device, "controller", Choice.AUTO)
    await household.shows(device, "owner", Owner.PLAN)


async def test_planning_on_and_off(household: Household) -> None:
    await household.does("planner", "enabled", "turn_off")
    await household.shows("planner", "enabled", "off")
    await household.shows("site", "owner", Owner.NONE)
    await household.happens(lambda: household.evcc.external is None, "evcc decides over the battery")
    await household.does("planner", "enabled", "turn_on")
    await household.shows("planner", "enabled", "on")
    await household.shows("site", "owner", Owner.PLAN)


async def test_a_wish_is_priced_then_obeyed_and_taken_back(household: Household) -> None:
    await household.does("planner", "trial", "turn_on")
    await household.shows("planner", "trial", "on")
    await household.does("planner", "wish_hold_battery", "set_value", value="täglich 17-20")
    await household.shows("planner", "wish_hold_battery", "17:00-20:00 daily")
    await household.shows("planner", "wishes", 1)
    await household.does("planner", "apply_wishes", "press")
    await household.does("planner", "trial", "turn_off")
    await household.shows("planner", "trial", "off")
    await household.does("planner", "wish_hold_battery", "set_value", value="")
    await household.shows("planner", "wish_hold_battery", "")
    await household.shows("planner", "wishes", 0)


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


async def test_a_departure_by_day_and_time(household: Household) -> None:
    zone = ZoneInfo(str(household.suite.own[Service.NOTIFIER]["timezone"]))
    later = household.suite.evcc.home.now.astimezone(zone) + timedelta(days=2)
    day = LOCALES[Language.EN].weekdays[later.weekday()]
    await household.does("vehicle-mini", "goal_day", "select_option", option=day)
    await household.shows("vehicle-mini", "goal_time", "07:00")
    await household.does("vehicle-mini", "goal_time", "set_value", value="6:45")
    await household.shows("vehicle-mini", "goal_time", "06:45")
    await household.shows("vehicle-mini", "goal_day", day)
    departure = datetime.fromisoformat(await household.state("vehicle-mini", "goal_departure")).astimezone(zone)
    assert (departure.date(), departure.hour, departure.minute) == (later.date(), 6, 45)
    await household.does("vehicle-mini", "goal_remove", "press")
    await household.shows("vehicle-mini", "goal_soc", "unknown")


async def refused(household: Household, device: str, key: str, action: str, **data: Any) -> str:
    """Uses a control, and returns the words of the answer that must come."""
    answers = "goal_reply" if key.startswith("goal") else "result"
    before = await household.state(device, answers)
    await household.does(device, key, action, **data)
    entity_id, said = await household.id(device, answers), dict[str, Any]()

    async def so() -> bool:
        said.update((await household.hass.states())[entity_id])
        return bool(said["state"] != before and said["attributes"]["value"] == "refused")

    await household.hass.until(so, PATIENCE_S, lambda: f"refused; {entity_id} says {said}")
    return str(said["attributes"]["text"])


async def test_a_refusal_is_told_on_the_device_and_the_field_shows_what_is_true(household: Household) -> None:
    await household.does("vehicle-mini", "goal_by", "set_value", value="in 5h")
    await household.shows("vehicle-mini", "goal_departure", lambda state: state.startswith("20"))
    true = await household.state("vehicle-mini", "goal_by")
    assert await refused(household, "vehicle-mini", "goal_by", "set_value", value="abrakadabra")
    # A browser shows a state anew only when it changes: the field has said what was typed meanwhile.
    await household.shows("vehicle-mini", "goal_by", true)
    await household.does("vehicle-mini", "goal_remove", "press")
    await household.shows("vehicle-mini", "goal_by", "")


async def test_a_driver_is_muted(household: Household) -> None:
    await household.does("drivers", "mute_anna", "turn_on")
    await household.shows("drivers", "muted_until_anna", lambda state: state.startswith("20"))
    await household.does("drivers", "mute_anna", "turn_off")
    await household.shows("drivers", "mute_anna", "off")


async def test_who_asks_too_often_is_told_so_on_the_device(household: Household) -> None:
    await household.does("vehicle-limo", "refresh", "press")
    assert await refused(household, "vehicle-limo", "refresh", "press")


async def test_every_kind_of_control_was_used(household: Household) -> None:
    announced = {
        f"{component['unique_id'].removeprefix('evcc_ems_').partition('-')[0].partition('_')[0]} {key}"
        for _, device in await household.announced()
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
