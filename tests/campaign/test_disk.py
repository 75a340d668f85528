"""A disk that is full, or takes nothing any more: what was accepted is there afterwards, the rest is refused."""

import asyncio
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from campaign.home import Home, campaign_home
from campaign.wishes import TOPICS, Wishes
from ems.contract.service import SERVICES, Service
from ems.contract.site import BatteryMode

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(0),
    pytest.mark.skipif(not os.environ.get("KILLS"), reason="opt-in, because it takes long: make faults"),
    pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a disk"),
]

SIZE = "4m"
"""Of each service's disk."""
LEASE_S = 70.0
"""Time after which evcc has let go of the battery, in the home's time."""


@contextmanager
def disks(folder: Path) -> Iterator[list[Path]]:
    """A small disk of its own for each service's state."""
    states = [folder / "suite" / service.replace("-", "_") for service in SERVICES]
    mounted = []
    try:
        for state in states:
            state.mkdir(parents=True)
            if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", state], check=False).returncode:
                pytest.skip("nothing can be mounted here")
            mounted.append(state)
        yield states
    finally:
        for state in mounted:
            subprocess.run(["umount", "-l", state], check=False)


def remount(state: Path, how: str) -> None:
    """``ro`` or ``rw``."""
    subprocess.run(["mount", "-o", f"remount,{how}", state], check=True)


def fill(state: Path) -> None:
    """Not a byte is left."""
    with (state / "fill").open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * 4096)
        except OSError:
            return


async def test_what_is_accepted_beside_a_full_disk_is_kept_and_the_rest_is_refused(tmp_path: Path) -> None:
    with disks(tmp_path) as states:
        async with campaign_home(tmp_path) as home:
            wishes, dice = Wishes(), random.Random(1)
            await _say_all(wishes, home, dice)
            for state in states:
                fill(state)
            await _say_all(wishes, home, dice)
            await _only_the_gateway_ends(home)
            told = {s: home.watcher.health[s].reasons for s in SERVICES if s not in home.suite.dead()}
            sys.stdout.write(f"  full: {', '.join(map(str, home.suite.dead()))} ended; {told}\n")
            for state in states:
                (state / "fill").unlink()
            await _again(home)
            assert wishes.broken(home) == []


async def test_a_service_whose_directory_is_read_only_says_so_and_has_lost_nothing_afterwards(tmp_path: Path) -> None:
    with disks(tmp_path) as states:
        async with campaign_home(tmp_path) as home:
            wishes, dice = Wishes(), random.Random(2)
            await _say_all(wishes, home, dice)
            await home.suite.end(*SERVICES, how=signal.SIGKILL)
            for state in states:
                remount(state, "ro")
            for service in SERVICES:
                home.suite.start(service)
            await asyncio.sleep(5)
            words = [home.suite.logs[service].read_text() for service in SERVICES]
            for state in states:
                remount(state, "rw")
            assert ["cannot be written by the user" in said for said in words] == [True] * len(SERVICES)
            await _again(home)
            assert wishes.broken(home) == []


async def _say_all(wishes: Wishes, home: Home, dice: random.Random) -> None:
    for topic in sorted(TOPICS):
        await wishes.say(home, topic, dice)


async def _only_the_gateway_ends(home: Home) -> None:
    """And if it does, the battery is evcc's own in time."""
    await asyncio.sleep(LEASE_S / home.clock.speed)
    dead = home.suite.dead()
    assert set(dead) <= {str(Service.EVCC_POLLER)}
    assert not dead or home.battery_mode is BatteryMode.NORMAL


async def _again(home: Home) -> None:
    """The disks are well again, and everybody starts anew: what is not on them is gone."""
    await home.suite.end(*list(home.suite.processes), how=signal.SIGKILL)
    for service in SERVICES:
        home.suite.start(service)
    await home.well()
    for _ in range(10):
        await asyncio.sleep(0.5)
        await home.look()
