"""The simulated evcc behaves for half an hour as four real ones did in the same house: field by field over time."""

import re
from typing import Any

import pytest

from support.evcc_over_time import (
    DIALECTS,
    Difference,
    Gap,
    differences,
    other_replies,
    recorded,
    simulated,
    unfolded,
)
from support.evcc_script import LONG_STAY, SCRIPT

STATIC_TARIFF = "where the price is fixed, as in the recordings, evcc ignores price limits; the double never does"
PV_DELAY = "evcc goes on with the least current for three minutes after the surplus has gone or `now` became `pv`"
ONE_AT_A_TIME = "evcc looks at one loadpoint in each cycle, so that it may charge a little beyond a limit"

UNMODELLED = (
    # Fields that differ anywhere.
    Gap(
        r"loadpoints\.2\.(?!mode$|alwaysCharge$|limit|priority$|m(in|ax)Current$|chargerF).*",
        "a switch socket takes power",
    ),
    Gap(r"vehicles\.\w+\.(repeatingPlans|plan)\b.*", "null or [] where no plan is, and a plan's further details"),
    Gap(r"loadpoints\.1\.session(Price|Co2|Solar).*", "costs and shares of a session"),
    Gap(r"loadpoints\.1\.charge(Duration|RemainingDuration)", "how long it has charged and will charge"),
    Gap(r"loadpoints\.1\.chargeRemainingEnergy", "evcc forgets and guesses it while the car's SoC is not known"),
    Gap(r"loadpoints\.1\.offeredCurrent", "the offer is shown while nothing is taken, too"),
    Gap(r"loadpoints\.1\.planProjectedStart", "among equal prices evcc's planner takes others"),
    Gap(r"loadpoints\.1\.vehicleRange", "a car that tells no range"),
    Gap(r"smartCostType", "the double's price is a forecast"),
    Gap(r"version|startup.*", "set up otherwise in the recordings"),
    Gap(
        r"loadpoints\.1\.vehicleSoc",
        "this 0.207 read the SoC at once, the one whose answers are in evcc-recorded after minutes",
        versions=("0.207.6",),
    ),
    # Fields that differ after a step.
    Gap(r"loadpoints\.1\.vehicleSoc", "0.207 and 0.300 forget it when the car leaves", "plug.*", ("0.300.8",)),
    Gap(r".*", "fields are absent or stale until the first control cycle of their loadpoint", after=r"start .*"),
    Gap(r".*(charg|enabled|[pP]ower).*", PV_DELAY, after=r".*/mode/pv"),
    Gap(r".*(charging|sessionEnergy|chargedEnergy)", ONE_AT_A_TIME, after=r"soc .*"),
    Gap(r"battery.*[pP]ower", "the car had not begun when the battery was held", after=r".*batterymode/hold"),
    Gap(
        r".*([pP]ower|charging)", "a car that was swapped between two cycles: luck whether evcc sees it", after="plug.*"
    ),
    Gap(r".*", STATIC_TARIFF, after=r".*(smartcost|batterygridcharge)limit.*"),
    Gap(r"loadpoints\.1\.vehicleSoc", "a car that tells no SoC", after=r".*/vehicle/guest"),
)
"""Where the simulated evcc is otherwise. No test may rely on it there."""

OTHER_REPLIES = {
    r"GET loadpoints/1/plan": "the planner's duration differs by some per cent, and no plan is one of the year 1",
    r"GET tariff/(grid|feedin|planner)": "a fixed price begins in the past, and 0.207 tells it by the hour",
    r"GET tariff/solar": "0.207 answers that the rates are null where there is no such tariff",
    r"POST vehicles/mini/plan/repeating": "0.207 echoes plans in their envelope",
}
"""Calls that the simulated evcc answers otherwise, and how."""

_seen: dict[str, tuple[list[Difference], list[str]]] = {}


async def seen(version: str) -> tuple[list[Difference], list[str]]:
    """What differs from the recording of ``version``, and the calls that were answered otherwise."""
    if version not in _seen:
        replay = await simulated(version)
        _seen[version] = (differences(version, replay), other_replies(version, replay))
    return _seen[version]


def shown(version: str, field: str) -> list[Any]:
    """A field of a recording at every second."""
    return unfolded(version)[field]


def at(version: str, step: str, nth: int = 0) -> int:
    """When a step was done in a recording."""
    times = [int(s["at"]) for s in recorded(version)["steps"] if s["step"] == step]
    return times[nth]


@pytest.mark.parametrize("version", DIALECTS)
async def test_it_lives_through_the_script_as_the_real_one_did(version: str) -> None:
    found, _ = await seen(version)
    assert [str(d) for d in found if not any(gap.covers(version, d) for gap in UNMODELLED)] == []


@pytest.mark.parametrize("version", DIALECTS)
async def test_it_answers_every_call_as_the_real_one_did(version: str) -> None:
    _, answers = await seen(version)
    assert [a for a in answers if not any(re.match(pattern, a) for pattern in OTHER_REPLIES)] == []


async def test_nothing_is_listed_as_not_modelled_that_is() -> None:
    found = {version: await seen(version) for version in DIALECTS}
    fields = [gap.fields for gap in UNMODELLED if not any(gap.covers(v, d) for v, (ds, _) in found.items() for d in ds)]
    calls = [p for p in OTHER_REPLIES if not any(re.match(p, a) for _, answers in found.values() for a in answers)]
    assert (fields, calls) == ([], [])


@pytest.mark.parametrize("version", DIALECTS)
def test_the_recording_is_of_this_script(version: str) -> None:
    assert [step["step"] for step in recorded(version)["steps"]] == [step.name for step in SCRIPT]


@pytest.mark.parametrize("version", DIALECTS)
def test_how_long_a_car_has_been_there_real_evcc_says_only_when_it_has_gone(version: str) -> None:
    duration, connected = shown(version, "loadpoints.1.connectedDuration"), shown(version, "loadpoints.1.connected")
    stay = [t for t in range(LONG_STAY_S) if connected[t] is True]
    assert len(stay) > 600
    assert {duration[t] for t in stay} == {0}
    assert duration[LONG_STAY_S - 5] == pytest.approx(len(stay), abs=3)


@pytest.mark.parametrize("version", DIALECTS)
@pytest.mark.parametrize("how", ["terminate", "kill"])
def test_the_default_mode_of_real_evcc_comes_back_however_it_ended(version: str, how: str) -> None:
    mode, ended = shown(version, "loadpoints.1.mode"), at(version, how, 1 if how == "terminate" else 0)
    always = shown(version, "loadpoints.1.alwaysCharge")[ended - 1] if version == "smart" else None
    before = {"terminate": ("now", "off"), "kill": ("smart", "on") if version == "smart" else ("minpv", None)}[how]
    assert (mode[ended - 1], always) == (before[0], always and before[1])
    assert mode[ended + 8] == ("smart" if version == "smart" else "pv")


@pytest.mark.parametrize("version", DIALECTS)
def test_a_battery_that_was_held_when_real_evcc_was_killed_stays_held_until_it_is_made_normal(version: str) -> None:
    battery, killed = shown(version, "house.battery_mode"), at(version, "kill")
    released, normal = at(version, "DELETE batterymode"), at(version, "POST batterymode/normal")
    assert {*battery[killed - 5 : normal - 1]} == {"hold"}
    assert shown(version, "batteryMode")[released - 1] == "unknown"
    assert battery[normal + 7] == "normal"


@pytest.mark.parametrize("version", DIALECTS)
def test_a_battery_mode_of_real_evcc_lapses_after_a_minute(version: str) -> None:
    external, held = shown(version, "batteryModeExternal"), at(version, "POST batterymode/hold", 4)
    lapsed = next(t for t in range(held + 2, held + 75) if external[t] == "unknown")
    assert 59 <= lapsed - held <= 64


@pytest.mark.parametrize("version", DIALECTS)
def test_real_evcc_says_on_the_broker_within_a_second_that_a_mode_has_changed(version: str) -> None:
    asked = at(version, "POST loadpoints/1/mode/now")
    heard = next(t for t, topic, word in recorded(version)["messages"] if (topic, word) == ("loadpoints/1/mode", "now"))
    assert 0 <= heard - asked <= 1


@pytest.mark.parametrize("version", DIALECTS)
def test_real_evcc_says_offline_when_it_ends_and_online_when_it_is_back(version: str) -> None:
    words = [(t, word) for t, topic, word in recorded(version)["messages"] if topic == "status"]
    starts = [s["at"] for s in recorded(version)["steps"] if s["step"].startswith("start")]
    for start in starts:
        assert any(word == "online" and 0 <= t - start <= 3 for t, word in words), start
    assert words[-1][1] == "offline"


def test_always_charge_of_the_smart_dialect_follows_its_own_rules() -> None:
    always, mode = shown("smart", "loadpoints.1.alwaysCharge"), shown("smart", "loadpoints.1.mode")

    def then(step: str, nth: int = 0) -> tuple[str, str]:
        second = at("smart", step, nth) + 3
        return mode[second], always[second]

    assert then("POST loadpoints/1/alwayscharge/on") == ("smart", "on")
    assert then("POST loadpoints/1/mode/now", 4) == ("now", "on")
    assert then("POST loadpoints/1/mode/smart", 1) == ("smart", "on")
    assert then("POST loadpoints/1/mode/pv", 2) == ("smart", "off")
    assert then("POST loadpoints/1/mode/minpv", 2) == ("smart", "on")
    assert then("POST loadpoints/1/alwayscharge/once") == ("smart", "once")
    last_once = at("smart", "POST loadpoints/1/alwayscharge/once", 1)
    assert always[last_once - 1] == "off", "once is not kept over a restart"
    assert (always[last_once + 3], always[at("smart", "plug limo", 1) - 1]) == ("once", "off")


LONG_STAY_S = sum(step.wait_s for step in LONG_STAY)
