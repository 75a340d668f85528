"""The rig with a real evcc: opt-in, since it takes real minutes. ``EVCC=path make rig``."""

import os
from collections.abc import AsyncGenerator, Iterator
from pathlib import Path

import pytest

from support.brokers import MOSQUITTO, Mosquitto
from support.evcc_rig import Rig, evcc_rig

EVCC = os.environ.get("EVCC")


@pytest.fixture
def evcc_path() -> Path:
    if not EVCC:
        pytest.skip("NO EVCC HERE: say EVCC=path of a real evcc to run this test (make rig)")
    return Path(EVCC)


@pytest.fixture
def rig_broker(tmp_path: Path) -> Iterator[Mosquitto]:
    if MOSQUITTO is None:
        pytest.skip("NO MOSQUITTO HERE: this test needs the real one (Debian's package mosquitto)")
    broker = Mosquitto(tmp_path)
    broker.start()
    yield broker
    broker.kill()


@pytest.fixture
async def rig(tmp_path: Path, evcc_path: Path, rig_broker: Mosquitto) -> AsyncGenerator[Rig]:
    async with evcc_rig(tmp_path, evcc_path, rig_broker.settings()) as rig:
        yield rig
