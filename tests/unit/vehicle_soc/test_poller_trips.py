"""A day with a trip: what is told, and when the cloud is asked, while it does not know of it yet."""

from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from ems.contract.vehicle import AgeClass, DoubtKind, Vehicle
from ems.runtime.errors import TransientError
from support.garages import Yard, at_home, config, running, yard
from vehicle_soc.domain.readings import Reading
from vehicle_soc.domain.schedule import Budget
from vehicle_soc.vehicle import PolledVehicle

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


class Driven:
    """A car that leaves at 80 %, comes back at 35 % and is known to its cloud 40 minutes late."""

    def __init__(self, start: datetime, *, lag: timedelta = 40 * MINUTE) -> None:
        self.leaves, self.returns, self.lag = start + 85 * MINUTE, start + 625 * MINUTE, lag

    def real_pct(self, moment: datetime) -> float:
        """How full it is."""
        share = (moment - self.leaves) / (self.returns - self.leaves)
        return round(80 - 45 * min(1.0, max(0.0, share)))

    def cloud(self, now: datetime, *, dated: bool = True) -> Reading:
        """The last report: the car sends one at the start, each hour on the road, and at the end."""
        seen = now - self.lag
        hours = int((min(seen, self.returns) - self.leaves) / HOUR)
        at = self.returns if seen >= self.returns else max(self.leaves + hours * HOUR, self.leaves - HOUR)
        return Reading("counting", now, soc_pct=self.real_pct(at), measured_at=at if dated else None)


async def a_day(made: Yard, car: PolledVehicle, driven: Driven, until: timedelta, **live: Any) -> None:
    """The loadpoint is looked at each minute."""
    end = made.clock.now() + until
    while made.clock.now() < end:
        now = made.clock.now()
        home = not driven.leaves <= now < driven.returns
        car.plug(at_home(made.clock, **live) if home else None, now)
        await made.clock.pass_until(now + MINUTE)


def back_home(made: Yard, driven: Driven) -> list[Vehicle]:
    return [fact for fact in made.told["zoe"] if fact.at > driven.returns]


@pytest.mark.parametrize("dated", [True, False])
async def test_no_more_is_counted_on_than_is_there_from_the_plug_on(tmp_path: Path, dated: bool) -> None:
    made = yard(tmp_path)
    driven = Driven(made.clock.now())
    car, source = made.add(config("zoe", capacity_kwh=41), lambda now: driven.cloud(now, dated=dated))
    async with running(made):
        await a_day(made, car, driven, 14 * HOUR)
    facts = back_home(made, driven)
    assert facts
    for fact in facts:
        counted = fact.soc_pct if fact.soc_at_least_pct is None else fact.soc_at_least_pct
        assert counted is not None
        assert counted <= driven.real_pct(fact.at), fact
        assert fact.soc_pct is None or fact.soc_pct <= 40, "nothing near the 80 from before is shown"
    soon = next(fact for fact in facts if fact.at >= driven.returns + 2 * MINUTE)
    assert soon.doubt is not None
    assert (soon.soc_pct, soon.doubt.kind, soon.age) == (None, DoubtKind.OUTDATED, AgeClass.UNKNOWN)
    assert (facts[-1].soc_pct, facts[-1].soc_at_least_pct is None) == (35, dated)
    asked = [(call - driven.returns) / MINUTE for call in source.calls if call > driven.returns]
    assert asked[:4] == pytest.approx([1, 5, 15, 45], abs=1)


async def test_once_the_cloud_knows_it_is_asked_no_more_than_usual(tmp_path: Path) -> None:
    made = yard(tmp_path)
    driven = Driven(made.clock.now(), lag=timedelta())
    car, source = made.add(config("zoe"), driven.cloud)
    async with running(made):
        await a_day(made, car, driven, 11 * HOUR - MINUTE)
    asked = [(call - driven.returns) / MINUTE for call in source.calls if call > driven.returns]
    assert asked == pytest.approx([1], abs=1)


async def test_the_budget_holds_for_plug_ins_too(tmp_path: Path) -> None:
    made = yard(tmp_path, budget=Budget(per_day=60, per_hour=2))
    driven = Driven(made.clock.now(), lag=24 * HOUR)
    car, source = made.add(config("zoe"), driven.cloud)
    async with running(made):
        await a_day(made, car, driven, 14 * HOUR)
    asked = [call for call in source.calls if call > driven.returns]
    assert all(later - earlier >= HOUR for earlier, later in zip(asked, asked[2:], strict=False))


async def test_a_cloud_that_fails_is_not_asked_in_the_rhythm_of_the_plug_in(tmp_path: Path) -> None:
    made = yard(tmp_path)
    driven = Driven(made.clock.now())

    def broken(now: datetime) -> Reading:
        if now >= driven.returns:
            raise TransientError("no answer")
        return driven.cloud(now)

    car, source = made.add(config("zoe"), broken)
    async with running(made):
        await a_day(made, car, driven, 11 * HOUR)
    asked = [call for call in source.calls if call > driven.returns]
    assert all(later - earlier >= 4 * MINUTE for earlier, later in pairwise(asked))


async def test_a_restart_forgets_neither_the_trip_nor_since_when_a_value_is_known(tmp_path: Path) -> None:
    made = yard(tmp_path)
    driven = Driven(made.clock.now(), lag=24 * HOUR)
    car, _ = made.add(config("zoe"), lambda now: driven.cloud(now, dated=False))
    async with running(made):
        await a_day(made, car, driven, 11 * HOUR)
    since = car.memory.readings["counting"].known_since
    again = yard(tmp_path, made.clock)
    car, _ = again.add(config("zoe"), lambda now: driven.cloud(now, dated=False))
    async with running(again):
        await a_day(again, car, driven, 2 * HOUR)
    fact = again.told["zoe"][-1]
    assert fact.doubt is not None
    assert (fact.soc_pct, fact.doubt.kind) == (None, DoubtKind.OUTDATED)
    assert car.memory.readings["counting"].known_since == since


async def test_evcc_that_repeats_what_was_known_before_the_trip_is_not_believed_either(tmp_path: Path) -> None:
    """Its source is the same cloud, and it tells no times at all."""
    made = yard(tmp_path)
    driven = Driven(made.clock.now())
    car, source = made.add(config("zoe"), driven.cloud)
    async with running(made):
        await a_day(made, car, driven, 655 * MINUTE, soc_pct=80)
        fact = made.told["zoe"][-1]
        assert (fact.soc_pct, fact.soc_at_least_pct) == (None, 0)
        asked = [(call - driven.returns) / MINUTE for call in source.calls if call >= driven.returns]
        assert asked == pytest.approx([0, 5, 15], abs=1), "by chance it was asked just when the car came"
        await a_day(made, car, driven, 2 * MINUTE, soc_pct=35)
        fact = made.told["zoe"][-1]
        assert (fact.soc_pct, fact.source, fact.soc_at_least_pct) == (35, "evcc", None)


async def test_what_cannot_be_is_held_back_told_why_and_asked_for_again(tmp_path: Path) -> None:
    made = yard(tmp_path)
    start = made.clock.now()

    def cloud(now: datetime) -> Reading:
        return Reading("counting", now, soc_pct=0 if now >= start + HOUR else 63, measured_at=now)

    car, source = made.add(config("zoe"), cloud)
    async with running(made):
        await made.clock.pass_until(start + HOUR + 2 * MINUTE)
        fact = made.told["zoe"][-1]
        assert fact.doubt is not None
        assert (fact.soc_pct, fact.doubt.kind) == (63, DoubtKind.IMPLAUSIBLE)
        assert "0 % out of nothing" in fact.doubt.text.en
        await made.clock.pass_until(start + HOUR + 6 * MINUTE)
        fact = made.told["zoe"][-1]
        assert (fact.soc_pct, fact.doubt) == (0, None), "a second measurement agrees"
    assert [(call - start) / MINUTE for call in source.calls] == pytest.approx([0, 60, 65], abs=0.1)
    assert car.memory.held is None


async def test_what_is_held_back_survives_a_restart(tmp_path: Path) -> None:
    made = yard(tmp_path)
    start = made.clock.now()
    answers = [Reading("counting", start, soc_pct=63, measured_at=start)]

    def cloud(_now: datetime) -> Reading:
        return answers[-1]

    made.add(config("zoe"), cloud)
    async with running(made):
        await made.clock.settle()
        answers.append(Reading("counting", start + HOUR, soc_pct=100, measured_at=start + HOUR))
        await made.clock.pass_until(start + HOUR + MINUTE)
    again = yard(tmp_path, made.clock)
    again.add(config("zoe"), cloud)
    async with running(again):
        await again.clock.settle()
        fact = again.told["zoe"][-1]
    assert fact.doubt is not None
    assert (fact.soc_pct, fact.doubt.kind) == (63, DoubtKind.IMPLAUSIBLE)


@pytest.mark.parametrize(("told", "known"), [({"2"}, True), ({"1", "2"}, False)])
@pytest.mark.parametrize("restarted", [False, True])
async def test_a_car_whose_loadpoint_nobody_tells_of_has_not_left(
    tmp_path: Path, told: set[str], known: bool, restarted: bool
) -> None:
    """The tree was wiped while the gateway was away: another loadpoint's fact is there before the car's own."""
    made = yard(tmp_path)
    car, source = made.add(config("zoe", disabled=True), lambda now: Reading("counting", now))
    async with running(made):
        made.poller.take_reading(car, Reading("manual", made.clock.now(), soc_pct=63, measured_at=made.clock.now()))
        await made.clock.pass_until(made.clock.now() + 10 * MINUTE)
        car.plug(at_home(made.clock), made.clock.now())
        await made.clock.settle()
    if restarted:
        made = yard(tmp_path, made.clock)
        car, source = made.add(config("zoe", disabled=True), lambda now: Reading("counting", now))
    async with running(made):
        car.plug(None, made.clock.now(), told)
        await made.clock.pass_until(made.clock.now() + 3 * MINUTE)
        car.plug(at_home(made.clock), made.clock.now())
        await made.clock.settle()
    assert source.calls == []
    assert (made.told["zoe"][-1].soc_pct == 63) is known


async def test_a_persons_word_is_not_doubted(tmp_path: Path) -> None:
    made = yard(tmp_path)
    car, _ = made.add(config("zoe"), lambda now: Reading("counting", now, soc_pct=63, measured_at=now))
    async with running(made):
        await made.clock.settle()
        now = made.clock.now() + MINUTE
        await made.clock.pass_until(now)
        made.poller.take_reading(car, Reading("manual", now, soc_pct=0, measured_at=now))
        await made.clock.settle()
    assert (made.told["zoe"][-1].soc_pct, made.told["zoe"][-1].source) == (0, "manual")
