"""How often clouds are asked, over days and weeks of a virtual clock."""

import random
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from ems.contract.message import Text
from ems.contract.vehicle import AgeClass
from ems.runtime.errors import PermanentError, TransientError
from support.garages import MONDAY, QUIET, ZONE, Yard, at_home, config, running, soc, yard
from support.virtual_clock import VirtualClock
from vehicle_soc import poller
from vehicle_soc.adapters.provider import QuotaExceeded
from vehicle_soc.domain.readings import Reading
from vehicle_soc.domain.schedule import Budget, Trigger

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WORDS = Text(en="words", de="Worte")


def most_in(calls: list[datetime], window: timedelta) -> int:
    """The most calls in any window of this length."""
    calls = sorted(calls)
    return max((sum(1 for later in calls[i:] if later - call < window) for i, call in enumerate(calls)), default=0)


@pytest.fixture
def seldom(monkeypatch: pytest.MonkeyPatch) -> None:
    """The poller looks around every half hour, and when something is due as always: looking is what a week costs."""
    monkeypatch.setattr(poller, "CHECK_INTERVAL_S", 1800.0)


async def a_week(made: Yard, seed: int) -> None:
    """Cars come home each evening and leave each morning; an automation asks for refreshes far too often."""
    chance = random.Random(seed)
    clock, cars = made.clock, list(made.poller.cars.values())
    async with running(made):
        for step in range(7 * 24 * 6):
            hour = clock.now().astimezone(ZONE).hour
            for number, car in enumerate(cars):
                home = hour >= 17 + number or hour < 7
                live = at_home(clock, soc_pct=None if number == 1 else 40, charging=hour == 23) if home else None
                car.plug(live, clock.now())
                if chance.random() < 0.3:
                    made.poller.request_poll(car, Trigger.REQUEST)
            await clock.pass_until(MONDAY + (step + 1) * timedelta(minutes=10))


@pytest.mark.usefixtures("seldom")
async def test_a_week_of_plug_ins_requests_and_errors_never_exceeds_the_budget(tmp_path: Path) -> None:
    budget, chance = Budget(per_day=30, per_hour=4), random.Random(1)
    made = yard(tmp_path, budget=budget)

    def moody(now: datetime) -> Reading:
        mood = chance.random()
        if mood < 0.1:
            raise TransientError("no answer")
        if mood < 0.13:
            raise QuotaExceeded(WORDS)
        if mood < 0.15:
            raise PermanentError("no such car")
        return soc()(now)

    _, first = made.add(config("first", user="one"), moody)
    _, second = made.add(config("second", user="one"), moody)
    _, third = made.add(config("third", user="two"), moody)
    await a_week(made, seed=2)
    shared = first.calls + second.calls
    assert most_in(shared, DAY) <= budget.per_day
    assert most_in(shared, HOUR) <= budget.per_hour
    assert most_in(third.calls, DAY) <= budget.per_day
    for source in (first, second, third):
        assert source.forced == [], "no forced refresh unless allowed"
        assert all(b - a >= timedelta(minutes=5) for a, b in pairwise(source.calls))
        assert len(source.calls) > 20, "and yet each car was asked"


@pytest.mark.usefixtures("seldom")
async def test_a_quiet_week_is_one_call_an_hour_by_day_and_none_at_night(tmp_path: Path) -> None:
    made = yard(tmp_path)
    _, source = made.add(config("zoe"), soc())
    async with running(made):
        await made.clock.pass_until(MONDAY + 7 * DAY)
    hours = {call.astimezone(ZONE).hour for call in source.calls}
    assert hours == set(range(5, 22))
    assert len(source.calls) == 15 + 6 * 17 + 4, "from Monday 7:00 to Monday 8:00, summer time having begun"


async def test_a_car_that_charges_at_home_without_a_live_value_is_asked_at_night(tmp_path: Path) -> None:
    made = yard(tmp_path)
    car, source = made.add(config("zoe"), soc())
    async with running(made):
        await made.clock.pass_until(MONDAY + timedelta(hours=17))  # 00:00 in Berlin
        before = len(source.calls)
        for _ in range(120):
            car.plug(at_home(made.clock, charging=True), made.clock.now())
            await made.clock.pass_until(made.clock.now() + timedelta(minutes=1))
    assert len(source.calls) - before >= 2


async def test_nothing_is_asked_while_evcc_is_live_and_it_is_again_when_the_car_has_left(tmp_path: Path) -> None:
    made = yard(tmp_path)
    car, source = made.add(config("zoe"), soc(50))
    async with running(made):
        await made.clock.settle()
        first = len(source.calls)
        for minute in range(180):
            car.plug(at_home(made.clock, soc_pct=41 + minute / 10), made.clock.now())
            await made.clock.pass_until(made.clock.now() + timedelta(minutes=1))
        assert len(source.calls) == first == 1
        assert (made.told["zoe"][-1].source, made.told["zoe"][-1].age) == ("evcc", AgeClass.FRESH)
        assert made.told["zoe"][-1].next_poll_at is None
        car.plug(None, made.clock.now())
        await made.clock.pass_until(made.clock.now() + timedelta(minutes=5))
        assert len(source.calls) == 2


async def test_what_evcc_said_last_stands_until_the_cloud_has_something_newer(tmp_path: Path) -> None:
    made = yard(tmp_path)
    parked = made.clock.now()

    def cloud(now: datetime) -> Reading:
        back = now - parked > timedelta(hours=3)
        return Reading("counting", now, soc_pct=60 if back else 40, measured_at=now if back else parked)

    car, _ = made.add(config("zoe", capacity_kwh=50), cloud)
    async with running(made):
        for minute in range(60):
            live = at_home(made.clock, soc_pct=41 + minute, charging=True, session_kwh=minute / 2)
            car.plug(live, made.clock.now())
            await made.clock.pass_until(made.clock.now() + timedelta(minutes=1))
        car.plug(None, made.clock.now())
        await made.clock.pass_until(made.clock.now() + timedelta(minutes=90))
        fact = made.told["zoe"][-1]
        assert (fact.source, fact.soc_pct, fact.estimated, fact.plugged_in) == ("evcc", 100, False, None)
        assert fact.measured_at == parked + timedelta(minutes=59)
        await made.clock.pass_until(parked + timedelta(hours=5))
        assert (made.told["zoe"][-1].source, made.told["zoe"][-1].soc_pct) == ("counting", 60)
    again = yard(tmp_path, VirtualClock(made.clock.now()))
    assert again.poller.remembered(config("zoe", capacity_kwh=50)).readings["evcc"].soc_pct == 100


async def test_plugging_in_asks_after_a_moment(tmp_path: Path) -> None:
    made = yard(tmp_path)
    car, source = made.add(config("zoe"), soc())
    async with running(made):
        await made.clock.pass_until(MONDAY + timedelta(minutes=20))
        car.plug(None, made.clock.now())
        car.plug(at_home(made.clock), made.clock.now())
        await made.clock.pass_until(MONDAY + timedelta(minutes=22))
    assert source.calls == [MONDAY, MONDAY + timedelta(minutes=21)]


async def test_a_car_that_is_there_when_we_start_has_not_just_come(tmp_path: Path) -> None:
    made = yard(tmp_path)
    car, source = made.add(config("zoe"), soc())
    car.plug(at_home(made.clock), made.clock.now())
    async with running(made):
        await made.clock.pass_until(MONDAY + timedelta(minutes=30))
    assert source.calls == [MONDAY]


async def test_a_disabled_car_is_never_asked(tmp_path: Path) -> None:
    made = yard(tmp_path)
    car, source = made.add(config("zoe", disabled=True), soc())
    async with running(made):
        made.poller.request_poll(car, Trigger.REQUEST)
        await made.clock.pass_until(MONDAY + DAY)
    assert source.calls == []
    assert made.told["zoe"][-1].soc_pct is None


@pytest.mark.usefixtures("seldom")
async def test_a_car_is_woken_only_as_often_as_allowed_and_only_with_a_full_12_v_battery(tmp_path: Path) -> None:
    made = yard(tmp_path)
    old = timedelta(hours=6)

    def stale(now: datetime) -> Reading:
        return Reading("counting", now, soc_pct=50, measured_at=now - old, plugged_in=True, aux_battery_pct=90)

    def weak(now: datetime) -> Reading:
        return Reading("counting", now, soc_pct=50, measured_at=now - old, plugged_in=True, aux_battery_pct=60)

    _, allowed = made.add(config("allowed", user="a", forced_refreshes_per_day=2), stale, quiet=None)
    _, flat = made.add(config("flat", user="b", forced_refreshes_per_day=2), weak, quiet=None)
    _, never = made.add(config("never", user="c"), stale, quiet=None)
    async with running(made):
        await made.clock.pass_until(MONDAY + 3 * DAY)
    assert most_in(allowed.forced, DAY) == 2
    assert 5 <= len(allowed.forced) <= 6
    assert flat.forced == never.forced == []


async def test_what_was_charged_since_the_last_reading_is_added_and_labelled(tmp_path: Path) -> None:
    made = yard(tmp_path)
    reading = Reading("counting", MONDAY, soc_pct=40, measured_at=MONDAY)
    car, _ = made.add(config("zoe", capacity_kwh=50, charge_efficiency=0.9), lambda _: reading, quiet=QUIET)
    async with running(made):
        for minute in range(31):
            live = at_home(made.clock, charging=True, power_w=10_000, session_kwh=minute / 6)
            car.plug(live, made.clock.now())
            await made.clock.pass_until(MONDAY + (minute + 1) * timedelta(minutes=1))
    fact = made.told["zoe"][-1]
    assert fact.estimated
    assert fact.soc_pct == pytest.approx(40 + 5 * 0.9 / 50 * 100, abs=0.1)
    assert fact.uncertainty_pct is not None
    assert 0.5 <= fact.uncertainty_pct <= 1.5
    assert fact.measured_at == MONDAY
    assert fact.range_km is None


async def test_the_fact_is_repeated_every_five_minutes_and_its_age_grows(tmp_path: Path) -> None:
    made = yard(tmp_path)
    reading = Reading("counting", MONDAY, soc_pct=40, measured_at=MONDAY)
    made.add(config("zoe", interval_minutes=60), lambda _: reading, quiet=None)
    async with running(made):
        await made.clock.pass_until(MONDAY + timedelta(hours=8))
    facts = made.told["zoe"]
    assert max(b.at - a.at for a, b in pairwise(facts)) <= timedelta(minutes=6)
    ages = list(dict.fromkeys(fact.age for fact in facts if fact.soc_pct is not None))
    assert ages == [AgeClass.FRESH, AgeClass.AGING, AgeClass.STALE]


def test_the_week_begins_before_summer_time() -> None:
    assert MONDAY.astimezone(ZONE).utcoffset() != (MONDAY + 7 * DAY).astimezone(ZONE).utcoffset()
    assert MONDAY.tzinfo is UTC
