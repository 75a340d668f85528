"""What the poller makes of failures, refused logins and restarts."""

import os
import shutil
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ems.contract.message import Text
from ems.contract.vehicle import ProblemKind, SetSoc
from ems.runtime.errors import PermanentError, TransientError
from support.garages import MONDAY, at_home, config, running, soc, yard
from support.virtual_clock import VirtualClock
from vehicle_soc.adapters.provider import AuthRequired, LoginStep, QuotaExceeded
from vehicle_soc.adapters.token_store import TokenStore
from vehicle_soc.commands import VehicleCommands
from vehicle_soc.domain.readings import Reading
from vehicle_soc.domain.schedule import Trigger

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WORDS = Text(en="words", de="Worte")


async def test_a_failing_cloud_is_asked_less_and_less_and_the_bus_says_why(tmp_path: Path) -> None:
    made = yard(tmp_path)

    def broken(_: datetime) -> Reading:
        raise TransientError("no answer (HTTP 502)")

    _, source = made.add(config("zoe"), broken, quiet=None)
    async with running(made):
        await made.clock.pass_until(MONDAY + DAY)
    gaps = [b - a for a, b in pairwise(source.calls)]
    assert gaps[-1] >= HOUR
    assert max(gaps) <= timedelta(hours=4)
    assert len(source.calls) <= 24
    problem = made.told["zoe"][-1].problem
    assert problem is not None
    assert (problem.kind, problem.text.en) == (ProblemKind.TRANSIENT, "no answer (HTTP 502)")
    assert problem.since == MONDAY


@pytest.mark.parametrize(("error", "shown"), [(TransientError("no answer"), False), (PermanentError("no car"), True)])
async def test_a_source_that_nobody_asks_while_evcc_reads_the_car_is_only_missed_where_somebody_must_act(
    tmp_path: Path, error: Exception, shown: bool
) -> None:
    made = yard(tmp_path)

    def broken(_: datetime) -> Reading:
        raise error

    car, source = made.add(config("zoe"), broken, quiet=None)
    async with running(made):
        await made.clock.pass_until(MONDAY + timedelta(minutes=1))
        assert made.told["zoe"][-1].problem is not None
        for minute in range(2, 60):
            car.plug(at_home(made.clock, soc_pct=40), made.clock.now())
            await made.clock.pass_until(MONDAY + timedelta(minutes=minute))
        assert len(source.calls) == 1
        assert (made.told["zoe"][-1].problem is not None) is shown
        # evcc goes, and the source is missed again before it was asked.
        await made.clock.pass_until(MONDAY + timedelta(minutes=64))
        assert made.told["zoe"][-1].problem is not None


@pytest.mark.parametrize(("reads", "kept"), [(57.0, False), (40.0, True)])
async def test_what_is_held_back_is_not_told_while_evcc_reads_the_car_and_over_where_evcc_says_the_same(
    tmp_path: Path, reads: float, kept: bool
) -> None:
    """evcc was away while the car charged, and came back before its cloud could say the same once more."""
    made = yard(tmp_path)
    begins = made.clock.now() + timedelta(minutes=30)
    car, source = made.add(config("zoe"), lambda now: soc(40 if now < begins else 57)(now), quiet=None)
    async with running(made):
        await made.clock.pass_until(MONDAY + timedelta(minutes=1))
        car.plug(at_home(made.clock), made.clock.now())
        await made.clock.pass_until(MONDAY + timedelta(minutes=61))
        assert car.memory.held is not None
        asked, doubt = len(source.calls), made.told["zoe"][-1].doubt
        assert doubt is not None
        car.plug(at_home(made.clock, soc_pct=reads), made.clock.now())
        await made.clock.pass_until(MONDAY + timedelta(minutes=62))
        assert made.told["zoe"][-1].doubt is None
    assert len(source.calls) == asked
    assert (car.memory.held is not None) is kept


async def test_a_quota_pauses_all_cars_of_the_account_for_a_quarter_of_an_hour_and_more(tmp_path: Path) -> None:
    made = yard(tmp_path)
    start = made.clock.now()

    def limited(now: datetime) -> Reading:
        if now - start < timedelta(minutes=1):
            raise QuotaExceeded(WORDS)
        return soc()(now)

    first, one = made.add(config("first"), limited)
    second, two = made.add(config("second"), limited)
    async with running(made):
        for car in (first, second):
            made.poller.request_poll(car, Trigger.REQUEST)
        await made.clock.pass_until(start + timedelta(minutes=14))
        assert len(one.calls) + len(two.calls) == 1
        assert {facts[-1].problem.kind for facts in made.told.values() if facts[-1].problem} == {ProblemKind.QUOTA}
        await made.clock.pass_until(start + timedelta(minutes=20))
    assert len(one.calls) + len(two.calls) >= 2
    assert made.told["second"][-1].problem is None


async def test_a_refused_login_is_said_once_and_not_tried_again_for_a_day(tmp_path: Path) -> None:
    made = yard(tmp_path)

    def refused(_: datetime) -> Reading:
        raise AuthRequired(WORDS, LoginStep.PASSWORD)

    _, one = made.add(config("first"), refused, quiet=None)
    _, two = made.add(config("second"), refused, quiet=None)
    async with running(made):
        await made.clock.pass_until(MONDAY + timedelta(hours=23))
        assert len(one.calls) + len(two.calls) <= 2
        assert [name for name, _ in made.logins] == ["first"]
        assert made.told["second"][-1].problem is not None


async def test_neither_budget_nor_a_refused_login_is_forgotten_by_a_restart(tmp_path: Path) -> None:
    made = yard(tmp_path)

    def refused(_: datetime) -> Reading:
        raise AuthRequired(WORDS, LoginStep.PASSWORD)

    made.add(config("zoe"), refused, quiet=None)
    async with running(made):
        await made.clock.pass_until(MONDAY + timedelta(minutes=1))
    for minute in range(2, 30):
        again = yard(tmp_path, VirtualClock(MONDAY + timedelta(minutes=minute)))
        _, source = again.add(config("zoe"), refused, quiet=None)
        async with running(again):
            await again.clock.settle()
        assert source.calls == []
        assert again.logins == []


async def test_a_mended_password_is_tried_at_the_next_start(tmp_path: Path) -> None:
    made = yard(tmp_path)

    def refused(_: datetime) -> Reading:
        raise AuthRequired(WORDS, LoginStep.PASSWORD)

    made.add(config("zoe", password="wrong"), refused)
    async with running(made):
        await made.clock.settle()
    again = yard(tmp_path, VirtualClock(MONDAY + timedelta(minutes=10)))
    _, source = again.add(config("zoe", password="right"), soc(61), quiet=None)
    async with running(again):
        await again.clock.pass_until(MONDAY + timedelta(minutes=71))
    assert len(source.calls) >= 1
    assert again.told["zoe"][-1].problem is None


async def test_a_login_made_by_another_process_is_noticed(tmp_path: Path) -> None:
    made = yard(tmp_path)
    logged_in = False

    def cloud(now: datetime) -> Reading:
        if not logged_in:
            raise AuthRequired(WORDS, LoginStep.CODE)
        return soc(61)(now)

    car, source = made.add(config("zoe"), cloud, quiet=None)
    async with running(made):
        await made.clock.pass_until(MONDAY + timedelta(minutes=30))
        assert len(source.calls) == 1
        logged_in = True
        made.poller.tokens.save(car.account, {"login_token": "x"})
        os.utime(made.poller.tokens.path(car.account), (1, 1))
        await made.clock.pass_until(MONDAY + timedelta(minutes=33))
    assert made.told["zoe"][-1].soc_pct == 61


@pytest.mark.parametrize("running_then", [True, False])
async def test_a_login_made_after_a_restart_or_between_two_runs_is_noticed(tmp_path: Path, running_then: bool) -> None:
    made = yard(tmp_path)

    def refused(_: datetime) -> Reading:
        raise AuthRequired(WORDS, LoginStep.CODE)

    car, _ = made.add(config("zoe"), refused, quiet=None)
    async with running(made):
        await made.clock.settle()
    if not running_then:
        made.poller.tokens.save(car.account, {"login_token": "x"})
    again = yard(tmp_path, VirtualClock(MONDAY + timedelta(minutes=10)))
    _, source = again.add(config("zoe"), soc(61), quiet=None)
    async with running(again):
        await again.clock.settle()
        assert source.calls == []
        if running_then:
            again.poller.tokens.save(car.account, {"login_token": "x"})
        await again.clock.pass_until(MONDAY + timedelta(minutes=61))
    assert again.told["zoe"][-1].soc_pct == 61


async def test_readings_survive_a_restart(tmp_path: Path) -> None:
    made = yard(tmp_path)
    made.add(config("zoe"), soc(61))
    async with running(made):
        await made.clock.settle()
    again = yard(tmp_path, VirtualClock(MONDAY + timedelta(minutes=10)))
    _, source = again.add(config("zoe"), soc(99))
    async with running(again):
        await again.clock.settle()
    assert source.calls == []
    assert again.told["zoe"][-1].soc_pct == 61
    assert again.told["zoe"][-1].measured_at == MONDAY


@pytest.mark.parametrize("content", ["{", "[]", '{"cars": 5}', '{"cars": {"zoe": {"readings": {"x": 1}}}}'])
async def test_a_memory_that_is_broken_is_begun_anew(tmp_path: Path, content: str) -> None:
    TokenStore(tmp_path).path("memory").write_text(content)
    made = yard(tmp_path)
    _, source = made.add(config("zoe"), soc(61))
    async with running(made):
        await made.clock.settle()
    assert len(source.calls) == 1


async def test_a_disk_that_takes_nothing_costs_a_word_and_is_tried_again(tmp_path: Path) -> None:
    state = tmp_path / "state"
    made = yard(state)
    car, _ = made.add(config("zoe"), soc(50))
    async with running(made):
        await made.clock.pass_until(MONDAY + HOUR + timedelta(minutes=10))
        assert made.kept[-1] is None
        shutil.rmtree(state)
        state.write_text("no directory")
        now = made.clock.now()
        made.poller.take_reading(car, Reading("manual", now, soc_pct=33, measured_at=now))
        await made.clock.pass_until(MONDAY + 2 * HOUR)
        assert made.kept[-1] is not None
        assert str(state) in made.kept[-1]
        assert 33 in [fact.soc_pct for fact in made.told["zoe"]]
        state.unlink()
        await made.clock.pass_until(MONDAY + 3 * HOUR)
        assert made.kept[-1] is None
    assert yard(state).poller.remembered(car.config).readings


async def test_a_soc_that_cannot_be_kept_is_refused_and_not_taken(tmp_path: Path) -> None:
    state = tmp_path / "state"
    made = yard(state)
    car, _ = made.add(config("zoe"), soc(50))
    commands = VehicleCommands(made.poller, ZoneInfo("Europe/Berlin"))
    await commands.set_soc(SetSoc(soc_pct=40), {"vehicle": "zoe"})
    before = car.memory
    shutil.rmtree(state)
    state.write_text("no directory")
    with pytest.raises(PermanentError, match="nothing can be written"):
        await commands.set_soc(SetSoc(soc_pct=44), {"vehicle": "zoe"})
    assert car.memory == before
    state.unlink()
    await commands.set_soc(SetSoc(soc_pct=45), {"vehicle": "zoe"})
    assert yard(state).poller.remembered(car.config).readings["manual"].soc_pct == 45
