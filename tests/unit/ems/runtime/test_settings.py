"""Settings: an error names the file, the key, what is wrong and what is allowed, and never a value."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import Field, SecretStr

from ems.contract.units import VehicleName
from ems.runtime.settings import Section, ServiceSettings, SettingsError, Url, validated

CANARY = "canary-in-a-coal-mine"


class Account(Section):
    kind: str = "renault"
    pin: SecretStr | None = None
    budget: int = 10


class Settings(ServiceSettings):
    cars: dict[VehicleName, Account] = Field(default_factory=dict)
    mode: str = "auto"
    quiet_from: str = "22:00"
    day: str = ""
    speed: float = 1.0
    count: int = 0
    accounts: dict[str, Account] = Field(default_factory=dict)


type Load = Callable[..., Settings]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    def write_and_load(text: str, name: str = "s.yaml", *, state_dir: bool = True) -> Settings:
        path = tmp_path / name
        path.write_text((f"state_dir: {tmp_path}\n" if state_dir else "") + text)
        return Settings.load(path)

    return write_and_load


def refused(load: Load, text: str, name: str = "s.yaml", *, state_dir: bool = True) -> str:
    with pytest.raises(SettingsError) as caught:
        load(text, name, state_dir=state_dir)
    assert CANARY not in str(caught.value)
    return str(caught.value)


def test_what_is_not_said_has_a_default(load: Load) -> None:
    settings = load("")
    assert (settings.mqtt.host, settings.mqtt.port, settings.mqtt.prefix) == ("localhost", 1883, "evcc/ems")
    assert (settings.timezone, settings.language, settings.log_level) == ("Europe/Berlin", "en", "info")
    assert settings.zone.key == "Europe/Berlin"


@pytest.mark.parametrize("word", ["off", "on", "yes", "no", "n", "Y"])
def test_words_that_yaml_once_took_for_booleans_are_words(load: Load, word: str) -> None:
    assert load(f"mode: {word}").mode == word


@pytest.mark.parametrize(("text", "value"), [("true", True), ("False", False)])
def test_true_and_false_are_booleans(load: Load, text: str, value: bool) -> None:
    assert load(f"mqtt: {{tls: {text}}}").mqtt.tls is value


def test_times_and_dates_are_words_and_numbers_are_decimal(load: Load) -> None:
    settings = load("quiet_from: 22:30\nday: 2026-11-21\nspeed: 1e3\ncount: 010")
    assert (settings.quiet_from, settings.day, settings.speed, settings.count) == ("22:30", "2026-11-21", 1000.0, 10)


def test_json_is_read_too(load: Load, tmp_path: Path) -> None:
    text = f'{{"state_dir": "{tmp_path}", "mode": "off"}}'
    assert load(text, "s.json", state_dir=False).mode == "off"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("mqtt: {hots: x}", ["mqtt.hots: unknown", "did you mean 'host'", "known are ca_file"]),
        ("langage: de", ["langage: unknown", "did you mean 'language'"]),
        ("language: fr", ["language", "'en', 'de' or 'nl'"]),
        ("timezone: Europe/Berln", ["timezone", "did you mean 'Europe/Berlin'"]),
        ("mqtt: {port: 70000}", ["mqtt.port", "65535"]),
        ("mqtt: {port: twelve}", ["mqtt.port", "integer"]),
        ("mqtt: {prefix: 'evcc/#'}", ["mqtt.prefix", "a topic such as evcc/ems"]),
        ("mqtt: {password_credential: mqtt}", ["mqtt", "password_credential needs a username"]),
        ("mqtt: {ca_file: /no/such/file, tls: true}", ["mqtt.ca_file", "file"]),
        ("speed: .nan", ["speed", "finite"]),
        ("count: yes", ["count", "integer"]),
        ("cars: {zoe: {budgte: 3}}", ["cars.zoe.budgte: unknown", "did you mean 'budget'", "known are budget, kind"]),
        (f"accounts: {{zoe: {{pin: {CANARY}, budget: {CANARY}}}}}", ["accounts.zoe.budget", "integer"]),
        (f"accounts: {{zoe: {{pin: {CANARY}, pinn: {CANARY}}}}}", ["accounts.zoe.pinn", "did you mean 'pin'"]),
        (f"password: {CANARY}", ["password: unknown"]),
    ],
)
def test_a_wrong_setting_is_named_with_what_is_allowed(load: Load, text: str, words: list[str]) -> None:
    said = refused(load, text)
    assert said.startswith("/")
    assert "s.yaml: " in said
    assert [word for word in words if word not in said] == []


def test_all_that_is_wrong_is_said_at_once(load: Load) -> None:
    said = refused(load, "language: fr\nmqtt: {port: 0}\nmood: good")
    assert all(key in said for key in ("language", "mqtt.port", "mood"))


@pytest.mark.parametrize(
    ("text", "name", "words"),
    [
        (f"mode: [{CANARY}", "s.yaml", "line 1, column 29: expected ',' or ']'"),
        (f"mode: *{CANARY}", "s.yaml", "line 1, column 7: found undefined alias ..."),
        (f"mode: !{CANARY} x", "s.yaml", "line 1, column 7"),
        ("mode: a\nmode: b", "s.yaml", "line 2, column 1: the key mode is there twice"),
        ("mqtt: {host: a, host: b}", "s.yaml", "line 1, column 17: the key host is there twice"),
        ("\tmode: a", "s.yaml", "line 1, column 1"),
        ("", "s.yaml", "empty; write `{}`"),
        ("# nothing", "s.yaml", "empty"),
        ("- a", "s.yaml", "must be a mapping"),
        ("just words", "s.yaml", "must be a mapping"),
        ("1: a", "s.yaml", "a key must be a word"),
        ("{", "s.json", "line 1, column 2"),
        (f'{{"mode": {CANARY}}}', "s.json", "line 1, column 10: expecting value"),
        ('{"mode": "a", "mode": "b"}', "s.json", "the key mode is there twice"),
        ('{"speed": NaN}', "s.json", "NaN is no number"),
        ("", "s.json", "empty"),
        ("", "s.toml", "must end in one of .yaml, .yml, .json"),
    ],
)
def test_a_file_that_cannot_be_understood_is_named_with_the_place(load: Load, text: str, name: str, words: str) -> None:
    said = refused(load, text, name, state_dir=False)
    assert f"{name}: " in said
    assert words in said


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"nowhere\.yaml: no such file"):
        Settings.load(tmp_path / "nowhere.yaml")


def test_a_folder_is_no_settings_file(tmp_path: Path) -> None:
    (tmp_path / "d.yaml").mkdir()
    with pytest.raises(SettingsError, match=r"d\.yaml: is a directory"):
        Settings.load(tmp_path / "d.yaml")


def test_bytes_that_are_no_text_are_said(tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_bytes(b"mode: \xff\xfe")
    with pytest.raises(SettingsError, match="not UTF-8"):
        Settings.load(tmp_path / "s.yaml")


def test_the_state_directory_is_systemds_unless_it_is_given(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATE_DIRECTORY", "/var/lib/evcc-poller:/var/lib/other")
    assert load("mode: a", state_dir=False).state_dir == Path("/var/lib/evcc-poller")
    monkeypatch.delenv("STATE_DIRECTORY")
    assert "state_dir: missing; give a directory" in refused(load, "mode: a", state_dir=False)


@pytest.mark.parametrize(
    ("written", "host", "port", "tls"),
    [
        ("a", "a", 1883, False),
        ("a:1884", "a", 1884, False),
        ("mqtt://a:1884", "a", 1884, False),
        ("mqtt://a/", "a", 1883, False),
        ("tcp://a", "a", 1883, False),
        ("mqtts://a", "a", 8883, True),
        ("MQTTS://a:8884", "a", 8884, True),
        ("ssl://a", "a", 8883, True),
        ("192.0.2.1:1884", "192.0.2.1", 1884, False),
        ("::1", "::1", 1883, False),
        ("2001:db8::1", "2001:db8::1", 1883, False),
        ("[::1]", "::1", 1883, False),
        ("[2001:db8::1]:1884", "2001:db8::1", 1884, False),
        ("mqtts://[::1]:8884", "::1", 8884, True),
        ("my_broker.lan ", "my_broker.lan", 1883, False),
    ],
)
def test_a_broker_is_understood_as_people_write_it(load: Load, written: str, host: str, port: int, tls: bool) -> None:
    mqtt = load(f"mqtt: {{host: '{written}'}}").mqtt
    assert (mqtt.host, mqtt.port, mqtt.tls) == (host, port, tls)


@pytest.mark.parametrize(
    ("mqtt", "words"),
    [
        ("host: 'http://a:1883'", "mqtt.host: MQTT is spoken over TCP here; write broker.example"),
        ("host: 'ws://a:9001'", "mqtt.host: MQTT is spoken over TCP here"),
        (f"host: 'mqtt://anna:{CANARY}@a'", "mqtt.host: must hold no name and no password; give username"),
        ("host: 'a b'", "mqtt.host: is no broker's name or address; write broker.example"),
        ("host: 'a/b'", "mqtt.host: is no broker's name"),
        ("host: 'a:b'", "mqtt.host: is no broker's name"),
        ("host: '[::1'", "mqtt.host: is no broker's name"),
        ("host: ''", "mqtt.host"),
        ("host: 'a:99999'", "mqtt.port"),
        ("host: 'a:1884', port: 1883", "mqtt: port: host says another one"),
        ("host: 'mqtt://a', tls: yes", "mqtt: tls: host says otherwise"),
        ("host: 'mqtts://a', tls: off", "mqtt: tls: host says otherwise"),
    ],
)
def test_a_broker_that_cannot_be_meant_is_refused_with_the_right_form(load: Load, mqtt: str, words: str) -> None:
    assert words in refused(load, f"mqtt: {{{mqtt}}}")


def test_a_secret_in_the_settings_is_told_where_it_belongs(load: Load) -> None:
    said = refused(load, f"mqtt: {{username: a, password: {CANARY}}}")
    assert "mqtt.password: unknown; a secret does not belong here: give password_credential" in said


def test_an_address_without_a_scheme_is_refused_with_the_right_form() -> None:
    class Evcc(Section):
        url: Url

    with pytest.raises(SettingsError, match=r"url: must be an address such as http://evcc\.example:7070"):
        validated(Evcc, {"url": "evcc.local:7070"})


def test_a_very_long_number_is_no_crash(load: Load) -> None:
    assert "too long" in refused(load, f"count: {'1' * 5000}")


def test_the_state_directory_may_be_in_the_users_home(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/anna")
    assert load("state_dir: ~/ems", state_dir=False).state_dir == Path("/home/anna/ems")
    assert "state_dir: ~ leads nowhere" in refused(load, "state_dir: ~nobody-of-that-name/ems", state_dir=False)
