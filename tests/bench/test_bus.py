"""How long a message is under way: from a publish to the handler of another service, over a real broker."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from statistics import quantiles

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from ems.contract.people import Goal
from ems.contract.service import Service
from ems.contract.topics import GOAL
from support.brokers import MOSQUITTO, Mosquitto
from support.bus import session

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def goal(number: int) -> Goal:
    return Goal(vehicle="zoe", soc_pct=50, asked_by=str(number), asked_at=NOON)


@pytest.mark.skipif(MOSQUITTO is None, reason="NO MOSQUITTO HERE: what is measured is the way over the real one")
def test_a_fact_is_with_the_others_in_a_few_milliseconds(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    broker = Mosquitto(tmp_path)
    broker.start()

    async def under_way_s(rounds: int) -> list[float]:
        settings, took_s = broker.settings(), []
        now_s: Callable[[], float] = asyncio.get_running_loop().time
        async with session(settings, Service.NOTIFIER) as bus, session(settings, Service.TARIFF_PLANNER) as reader:
            changes = reader.changes(GOAL)
            await reader.subscribed()
            for number in range(rounds):
                began_s = now_s()
                bus.publish(GOAL, goal(number), vehicle="zoe")
                await anext(changes)
                took_s.append(now_s() - began_s)
        return took_s

    try:
        took_s = benchmark.pedantic(lambda: asyncio.run(under_way_s(500)), rounds=1)  # type: ignore[no-untyped-call]  # not annotated
    finally:
        broker.kill()
    cuts = quantiles(took_s, n=100)
    benchmark.extra_info.update(p50_ms=cuts[49] * 1000, p99_ms=cuts[98] * 1000)
    assert cuts[49] < 0.05
