"""The gateway under control on the simulated evcc, for the tests of this folder."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from support.controlled import Controlled, controlled


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncGenerator[Controlled]:
    async with controlled(tmp_path / "control.db") as rig:
        yield rig
