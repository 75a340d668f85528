"""Secrets are read from guarded places only, and what goes wrong is said without them."""

from pathlib import Path

import pytest

from ems.runtime import credentials, redact
from ems.runtime.settings import SettingsError

CANARY = "canary-in-a-cage"


@pytest.fixture
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    return tmp_path


def refused(ref: str) -> str:
    with pytest.raises(SettingsError) as caught:
        credentials.read(ref, "mqtt.password_credential")
    said = str(caught.value)
    assert said.startswith("mqtt.password_credential: ")
    assert CANARY not in said
    return said


def test_a_credential_is_read_without_one_newline_and_known_to_the_redactor(directory: Path) -> None:
    (directory / "mqtt").write_text(f"{CANARY}-1\n\n")
    secret = credentials.read("mqtt", "x")
    assert secret.get_secret_value() == f"{CANARY}-1\n"
    assert redact.text(f"with {CANARY}-1 in it") == "with [redacted] in it"


def test_systemds_own_directory_needs_no_mode(directory: Path) -> None:
    (directory / "mqtt").write_text(CANARY)
    (directory / "mqtt").chmod(0o444)
    assert credentials.read("mqtt", "x").get_secret_value() == CANARY


def test_a_name_that_is_not_there_names_those_that_are_but_not_itself(directory: Path) -> None:
    (directory / "mqtt-password").write_text("x")
    assert "did you mean 'mqtt-password'" in refused("mqtt-pasword")
    assert "there are: mqtt-password" in refused(CANARY)


def test_a_name_cannot_lead_out_of_the_directory(directory: Path) -> None:
    (directory.parent / "loot").write_text(CANARY)
    assert "no credential has this name" in refused("../loot")


def test_without_systemd_a_name_is_no_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    assert "LoadCredential=" in refused(CANARY)


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604])
def test_a_development_file_that_others_can_read_is_refused_with_the_remedy(tmp_path: Path, mode: int) -> None:
    file = tmp_path / "token"
    file.write_text(CANARY)
    file.chmod(mode)
    assert f"`chmod 600 {file}`" in refused(str(file))


def test_a_guarded_development_file_is_read(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(CANARY)
    file.chmod(0o600)
    assert credentials.read(str(file), "x").get_secret_value() == CANARY


@pytest.mark.parametrize(
    ("content", "why"), [(b"", "empty"), (b"\n", "empty"), (b"\xff", "not UTF-8"), (b"x" * 70_000, "too large")]
)
def test_a_file_that_holds_no_secret_is_said(tmp_path: Path, content: bytes, why: str) -> None:
    file = tmp_path / "token"
    file.write_bytes(content)
    file.chmod(0o600)
    assert why in refused(str(file))


def test_a_secret_in_the_place_of_a_path_is_not_repeated() -> None:
    assert "there is no such file" in refused(f"/{CANARY}")
    assert "cannot be read" in refused(f"/{CANARY}\0")
