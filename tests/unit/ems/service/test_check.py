"""The parts that a check asks: all at once, none hides another, none is waited for too long."""

import asyncio
import threading
import time

import pytest

from ems.runtime.errors import PermanentError, TransientError
from ems.runtime.settings import SettingsError
from ems.service import check
from ems.service.check import Probe, findings, found_by, hangs
from support.patience import in_time


def probe(what: str, error: Exception | None = None, *, seconds: float = 0) -> Probe:
    async def ask() -> str:
        await asyncio.sleep(seconds)
        if error:
            raise error
        return "is there"

    return Probe(what, ask)


async def test_a_part_that_keeps_the_program_busy_takes_no_time_of_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "TIMEOUT_S", 0.6)

    async def import_much() -> str:
        time.sleep(0.7)  # noqa: ASYNC251  as an import does it
        return "is there"

    async def answer_in_turns() -> str:
        for _ in range(3):
            await asyncio.sleep(0.01)
        return "lets us in"

    found = await findings([Probe("Telegram", import_much), Probe("broker", answer_in_turns)])
    assert [each.line for each in found] == ["ok       Telegram: is there", "ok       broker: lets us in"]


async def test_each_part_is_a_line_and_what_is_wrong_says_so() -> None:
    found = await findings(
        [
            probe("broker"),
            probe("evcc", TransientError("is starting")),
            probe("Telegram", PermanentError("does not know the token")),
            probe("car zoe", SettingsError("no such file")),
            probe("car ev6", KeyError("surprise")),
        ]
    )
    assert [each.line for each in found] == [
        "ok       broker: is there",
        "PROBLEM  evcc: is starting",
        "PROBLEM  Telegram: does not know the token",
        "PROBLEM  car zoe: no such file",
        "PROBLEM  car ev6: KeyError: 'surprise'",
    ]


async def test_parts_are_asked_at_once_and_none_is_waited_for_longer_than_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(check, "TIMEOUT_S", 0.3)
    began = asyncio.get_running_loop().time()
    found = await findings([probe("fast"), *(probe(f"slow {i}", seconds=60) for i in range(20))])
    assert asyncio.get_running_loop().time() - began < 5
    assert found[0].fine
    assert {each.words for each in found[1:]} == {"no answer within 0.3 s"}


def test_a_thread_that_hangs_is_left_behind_and_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "TIMEOUT_S", 0.3)
    dns = threading.Event()

    async def resolve() -> str:
        await asyncio.to_thread(dns.wait, 30)
        return "is there"

    assert not hangs()
    began = time.monotonic()
    found = found_by([Probe("evcc", resolve), probe("broker")])
    assert time.monotonic() - began < in_time(10)
    assert [each.line for each in found] == ["PROBLEM  evcc: no answer within 0.3 s", "ok       broker: is there"]
    assert hangs()
    dns.set()
