"""What `evcc-poller --check` says of the evcc that is there."""

from pathlib import Path

import pytest

from evcc_poller.app import probes
from evcc_poller.settings import Settings
from support.controlled import controlled


@pytest.mark.parametrize(("topic", "told"), [("evcc", True), ("evcc/ems", True), ("evcc/core", False), (None, False)])
async def test_evccs_root_above_the_suites_is_told(tmp_path: Path, topic: str | None, told: bool) -> None:
    async with controlled(tmp_path / "control.db") as rig:
        rig.sim.faults.mqtt_topic = topic
        (evcc,) = probes(Settings.model_validate({"state_dir": tmp_path, "evcc": {"url": rig.sim.url}}))
        words = await evcc.ask()
        assert words.startswith("evcc 0.313")
        assert ("on the same broker evcc erases it at every start" in words) is told
