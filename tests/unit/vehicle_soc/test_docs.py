"""The examples in docs/vehicles.md work as they stand."""

import re
from pathlib import Path

import pytest

from ems.runtime.notation import yaml12
from support.doc_blocks import blocks, page
from vehicle_soc.config_loader import load
from vehicle_soc.settings import Settings

EXAMPLES = [block.text for block in blocks(page("vehicles.md"), "yaml")]


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_can_be_copied(example: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in re.findall(r"(?:_credential: |Authorization: )([\w-]+)", example):
        (tmp_path / name).write_text("some-secret-of-the-house")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    found = yaml12.load(example)
    assert isinstance(found, dict)
    fleet = load(Settings.model_validate({"state_dir": str(tmp_path), **found}))
    assert [car.name for car in fleet.cars] == list(found["vehicles"])


def test_there_is_an_example_for_every_provider() -> None:
    assert set(re.findall(r"provider: (\w+)", "".join(EXAMPLES))) == {
        *("renault", "hyundai_kia", "http", "mqtt", "evcc", "manual")
    }
