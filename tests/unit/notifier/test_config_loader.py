"""Drivers from the settings and from the predecessor's file."""

import shutil
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from ems.runtime import redact
from ems.runtime.settings import SettingsError
from notifier.config_loader import load
from notifier.settings import Settings

FILE = Path(__file__).parents[2] / "fixtures/drivers/drivers.yaml"
NIGHT = datetime(2026, 11, 18, 22, tzinfo=UTC)


def settings(tmp_path: Path, **more: Any) -> Settings:
    return Settings.model_validate({"state_dir": tmp_path, **more})


@pytest.fixture
def drivers_file(tmp_path: Path) -> Path:
    path = tmp_path / "drivers.yaml"
    shutil.copy(FILE, path)
    path.chmod(0o600)
    return path


def test_the_predecessors_file_loads_as_it_is(tmp_path: Path, drivers_file: Path) -> None:
    loaded = load(settings(tmp_path, drivers_file=drivers_file, language="de"))
    nico, anna = loaded.people.drivers
    assert (nico.name, nico.title, nico.vehicles, nico.chat_id) == ("nico", "Nico", ("zoe", "ev6"), 1001)
    assert (anna.name, anna.chat_id, anna.language) == ("anna", 1002, "de")
    assert loaded.token is not None
    assert "canary" not in redact.text("the token is 123456:canary-of-the-bot")


def test_a_file_with_a_token_that_others_can_read_is_refused(tmp_path: Path, drivers_file: Path) -> None:
    drivers_file.chmod(0o644)
    with pytest.raises(SettingsError, match=f"chmod 600 {drivers_file}"):
        load(settings(tmp_path, drivers_file=drivers_file))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("drivers: [{name: Anna}, {name: anna}]", "two drivers are named 'anna'"),
        ("drivers: [{name: '!'}]", "letters or digits"),
        ("drivers: [{name: anna, telegram_chat_id: -100123}]", "private chat .* telegram.groups"),
        ("drivers: [{name: anna, telegram_chat_id: me}]", "private chat"),
        ("drivers: [{name: anna, language: fr}]", "language"),
        ("drivers: [{vehicles: [zoe]}]", "needs a name"),
        ("drivers: 5", "list of `drivers`"),
        ("[", "not YAML"),
    ],
)
def test_what_is_wrong_in_the_file_is_said(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "drivers.yaml"
    path.write_text(text)
    with pytest.raises(SettingsError, match=words):
        load(settings(tmp_path, drivers_file=path))


def test_quiet_hours_are_the_drivers_own_or_the_houses_or_none(tmp_path: Path) -> None:
    drivers = {
        "anna": {"quiet_hours": None},
        "ben": {},
        "carl": {"quiet_hours": {"start": "23:30", "end": "05:00"}},
    }
    anna, ben, carl = load(settings(tmp_path, drivers=drivers)).people.drivers
    assert anna.quiet is None
    assert ben.quiet is not None
    assert ben.quiet.end_after(NIGHT) == datetime(2026, 11, 19, 5, tzinfo=UTC)
    assert carl.quiet is not None
    assert carl.quiet.end_after(NIGHT) is None
    assert carl.quiet.start == time(23, 30)


def test_two_drivers_cannot_be_in_one_chat(tmp_path: Path) -> None:
    drivers = {"anna": {"telegram_chat_id": 5}, "ben": {"telegram_chat_id": 5}}
    with pytest.raises(SettingsError, match="same telegram_chat_id"):
        load(settings(tmp_path, drivers=drivers))


def test_a_groups_number_is_refused_where_a_drivers_belongs_and_taken_where_groups_are(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match=r"below 0 is a group's, which belongs into telegram\.groups"):
        settings(tmp_path, drivers={"anna": {"telegram_chat_id": -4001}})
    token = tmp_path / "token"
    token.write_text("1:x")
    token.chmod(0o600)
    telegram = {"token_credential": str(token), "groups": [-4001, -1001234567890]}
    groups = load(settings(tmp_path, telegram=telegram, language="de")).people.groups
    assert [(g.chat_id, g.language, g.vehicles) for g in groups] == [(-4001, "de", ()), (-1001234567890, "de", ())]
    with pytest.raises(ValidationError, match="less than 0"):
        settings(tmp_path, telegram=telegram | {"groups": [4001]})


AS_PEOPLE_HAVE_IT = """
telegram_bot_token: 123456:canary
notify: true
drivers:
  - {name: Jörg Anton, vehicles: Jörgs Zoé, telegram_chat_id: 1001, phone: 0171}
  - {name: Anna, vehicles: "zoe, EV6", telegram_chat_id: ""}
  - {name: ben, vehicles: [500, zoe, zoe]}
"""


def test_the_predecessors_names_and_keys_load_as_they_are_and_what_changed_is_told(tmp_path: Path) -> None:
    path = tmp_path / "drivers.yaml"
    path.write_text(AS_PEOPLE_HAVE_IT)
    path.chmod(0o600)
    loaded = load(settings(tmp_path, drivers_file=path))
    assert {d.name: (d.title, d.vehicles) for d in loaded.people.drivers} == {
        "joerg_anton": ("Jörg Anton", ("joergs_zoe",)),
        "anna": ("Anna", ("zoe", "ev6")),
        "ben": ("ben", ("500", "zoe")),
    }
    told = " | ".join(loaded.notes)
    for words in ("notify is not known here", "joerg_anton: phone is not known here", "'EV6' is called ev6 here"):
        assert words in told
    assert "0171" not in told
