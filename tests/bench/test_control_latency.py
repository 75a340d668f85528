"""From a person's command on the bus to the POST at evcc: p99 at most 50 ms, with a real broker and real HTTP."""

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from statistics import quantiles
from typing import Any

import pytest

from ems.bus.session import MqttBus
from ems.contract.control import SetMode
from ems.contract.requests import Result
from ems.contract.service import Service
from ems.contract.site import LoadpointMode
from ems.contract.topics import LOADPOINT, SET_MODE
from ems.runtime.clock import SystemClock
from ems.service.runner import serve
from ems.simulator.server import SimulatedEvcc
from evcc_poller.app import run
from evcc_poller.settings import Settings
from support.brokers import MOSQUITTO, Mosquitto
from support.bus import eventually, session
from support.controlled import a_home

P99_S = 0.050
ROUNDS = 300


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    if MOSQUITTO is None:
        pytest.skip("NO MOSQUITTO HERE: this benchmark needs the real one (Debian's package mosquitto)")
    broker = Mosquitto(tmp_path)
    broker.start()
    yield broker
    broker.kill()


def test_a_command_reaches_evcc_within_50_ms(benchmark: Any, broker: Mosquitto, tmp_path: Path) -> None:
    loop, stack, clock = asyncio.new_event_loop(), AsyncExitStack(), SystemClock()
    modes = [LoadpointMode.NOW, LoadpointMode.MINPV]
    took: list[float] = []

    def listen(bus: MqttBus) -> None:
        bus.watch(LOADPOINT)

    async def begin() -> tuple[SimulatedEvcc, MqttBus, "asyncio.Task[None]"]:
        home = a_home()
        home.now = clock.now()
        evcc = await stack.enter_async_context(SimulatedEvcc(home, clock))
        settings = Settings.model_validate(
            {
                "mqtt": {"host": "127.0.0.1", "port": broker.port},
                "state_dir": tmp_path,
                "evcc": {"url": evcc.url},
                "history": {"backfill": False},
            }
        )
        serving = asyncio.create_task(serve(Service.EVCC_POLLER, settings, run, clock))
        user = await stack.enter_async_context(session(broker.settings(), Service.USERS, prepare=listen))
        await eventually(lambda: user.watch(LOADPOINT).get("1"))
        return evcc, user, serving

    evcc, user, serving = loop.run_until_complete(begin())

    async def ask() -> None:
        mode = modes[len(took) % 2]
        began = clock.now()
        answer = await user.request(SET_MODE, SetMode(mode=mode), id="1")
        assert isinstance(answer, Result)
        assert answer.accepted, answer.reason
        post = next(r for r in reversed(evcc.requests_log) if r.path.endswith(f"/mode/{mode}"))
        took.append((post.at - began).total_seconds())

    try:
        benchmark.pedantic(lambda: loop.run_until_complete(ask()), rounds=ROUNDS, warmup_rounds=3)
    finally:
        serving.cancel()
        with suppress(asyncio.CancelledError):
            loop.run_until_complete(serving)
        loop.run_until_complete(stack.aclose())
        loop.close()
    p50, p99 = (quantiles(took, n=100)[k] for k in (49, 98))
    benchmark.extra_info.update(p50_ms=round(p50 * 1000, 2), p99_ms=round(p99 * 1000, 2), commands=len(took))
    assert p99 <= P99_S, f"p99 {p99 * 1000:.1f} ms over {len(took)} commands"
