"""The simulated evcc answers as three real ones did to the same requests, one after the other."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from ems.house.battery import BatterySpec
from ems.house.car import CarSpec, Charger
from ems.simulator.environment import Conditions, Steady
from ems.simulator.home import SimulatedCar, SimulatedHome
from ems.simulator.server import SimulatedEvcc
from support.clocks import StandingClock

RECORDED = Path(__file__).parents[3] / "fixtures" / "evcc-recorded"
DIALECTS = {"0.207.6": "0.207", "0.300.8": "0.300", "0.313": "0.313"}

UNSUPPORTED = ("state-jq-1",)
"""What the simulated evcc does not answer: jq filters."""
OTHER_SETUP = (
    "fatal-",
    "tariff-grid-ok",
    "state-unplugged",
    "tariff-grid-outdated",
    "state-tariff-outdated",
    "history-",
)
"""Recorded later, on homes that were prepared otherwise; the faults' and history's own tests cover them."""

IGNORED = {
    # Set up otherwise in the recording, or texts of one machine.
    ".config", ".database", ".network.internalUrl", ".network.externalUrl", ".siteTitle", ".version",
    # Parts of solar's forecast beyond today.
    ".forecast.solar.tomorrow", ".forecast.solar.dayAfterTomorrow", ".vehicles.*.icon", ".vehicles.*.features",
    # An older planner's detail.
    ".vehicles.*.plan.precondition", ".vehicles.*.plan.continuous", ".loadpoints[].chargeRemainingDuration",
    ".loadpoints[].chargerStatusReason",
}  # fmt: skip
"""Fields of the state that differ, and that no client of ours reads."""

SITE_VALUES = (
    *("batteryMode", "batteryModeExternal", "bufferSoc", "bufferStartSoc", "prioritySoc", "residualPower"),
    *("homePower", "pvPower"),
)
LOADPOINT_VALUES = (
    *("title", "mode", "connected", "charging", "enabled", "chargePower", "vehicleName", "vehicleTitle"),
    *("limitSoc", "effectiveLimitSoc", "limitEnergy", "minCurrent", "maxCurrent", "phasesConfigured", "priority"),
    *("batteryBoost", "smartCostLimit", "smartFeedInPriorityLimit"),
    *("planEnergy", "planTime", "planActive", "effectivePlanSoc", "effectivePlanTime"),
)
"""Fields of the state whose values are the same, not only their kinds."""


def rig(now: datetime) -> SimulatedHome:
    """The house of the recordings: limo at the garage, mini away."""
    return SimulatedHome(
        now=now,
        environment=Steady(Conditions(load_w=395.3, pv_w=74.2, import_eur_per_kwh=0.318, pv_forecast_w=49.2)),
        battery=BatterySpec(capacity_kwh=10, charge_kw=5, discharge_kw=5),
        battery_kwh=5,
        chargers={"1": Charger(switchable=True), "2": Charger()},
        cars={
            "limo": SimulatedCar("limo", "Limousine", CarSpec(60), 25.2, loadpoint="1", parks_at="1"),
            "mini": SimulatedCar("mini", "Kleiner Flitzer", CarSpec(28, max_kw=3.7), 18.2, parks_at="2"),
            "guest": SimulatedCar("guest", "Gast", CarSpec(50), 25),
        },
    )


def kinds(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every path in a JSON value and the kind of thing there; whole and broken numbers are one kind."""
    if isinstance(value, dict):
        if path:
            yield path, "object"
        for key, inner in value.items():
            name = "*" if path == ".vehicles" else key
            yield from kinds(inner, f"{path}.{name}")
    elif isinstance(value, list):
        yield path, "list"
        for inner in value:
            yield from kinds(inner, f"{path}[]")
    else:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        yield path, "number" if number else type(value).__name__


def shape(value: Any) -> set[tuple[str, str]]:
    return {(p, k) for p, k in kinds(value) if not any(p.startswith(i) for i in IGNORED)}


def differences(recorded: Any, simulated: Any) -> list[str]:
    """Paths that only one of them has, or where they hold different kinds; null is of every kind."""
    ours, theirs = shape(simulated), shape(recorded)
    nulls = {p for p, k in ours | theirs if k == "NoneType"}
    below = tuple(f"{null}{sign}" for null in nulls for sign in ".[")
    differing = (x for x in ours ^ theirs if x[0] not in nulls and not x[0].startswith(below or ("never",)))
    return sorted(f"{'ours' if x in ours else 'theirs'}: {x[0]} ({x[1]})" for x in differing)


def other_values(recorded: Any, simulated: Any) -> list[str]:
    """Values that must be the same and are not."""
    pairs = [(key, recorded.get(key), simulated.get(key)) for key in SITE_VALUES]
    for theirs, ours in zip(recorded["loadpoints"], simulated["loadpoints"], strict=True):
        pairs += [(f"{theirs['title']}.{key}", theirs.get(key), ours.get(key)) for key in LOADPOINT_VALUES]
    return [f"{key}: {ours!r}, recorded {theirs!r}" for key, theirs, ours in pairs if ours != theirs]


async def replay(version: str) -> list[tuple[str, str]]:
    """All that differs: (call, difference)."""
    recorded = json.loads((RECORDED / f"{version}.json").read_text(encoding="utf-8"))
    clock = StandingClock(datetime(2026, 11, 21, 6, tzinfo=UTC))
    first = datetime.fromisoformat(next(iter(recorded.values()))["at"])
    clock.moment = first - timedelta(seconds=1)
    found: list[tuple[str, str]] = []
    async with (
        SimulatedEvcc(rig(clock.moment), clock, dialect=DIALECTS[version], interval_s=3) as evcc,
        aiohttp.ClientSession() as session,
    ):
        for name, call in recorded.items():
            if name.startswith((*OTHER_SETUP, *UNSUPPORTED)):
                continue
            clock.moment = datetime.fromisoformat(call["at"])
            request, expected = call["request"], call["response"]
            async with session.request(request["method"], evcc.url + request["path"], json=request["body"]) as response:
                text = await response.text()
                if response.status != expected["status"]:
                    found.append((name, f"status {response.status}, recorded {expected['status']}"))
                    continue
                kind, wanted = response.content_type, expected["content_type"].split(";")[0]
                if kind != wanted:
                    found.append((name, f"content type {kind}, recorded {wanted}"))
            body = json.loads(text) if kind == "application/json" and text else text
            if name.startswith(("state", "tariff-", "lp-plan")):
                found += [(name, d) for d in differences(expected["body"], body)]
                if name.startswith("state"):
                    found += [(name, d) for d in other_values(expected["body"], body)]
            elif body != expected["body"]:
                found.append((name, f"{body!r}, recorded {expected['body']!r}"))
    return found


@pytest.mark.parametrize("version", DIALECTS)
async def test_it_answers_as_the_real_one_did(version: str) -> None:
    assert await replay(version) == []
