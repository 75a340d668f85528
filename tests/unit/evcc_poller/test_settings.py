"""``evcc-poller --check``: good files in words, broken ones by file, key, what is wrong and what is allowed."""

import json
from pathlib import Path

import pytest

from evcc_poller.app import describe
from evcc_poller.settings import Settings
from support.program import program

SECRET = "hunter2-correct-horse"


def check(tmp_path: Path, text: str, *, name: str = "evcc-poller.yaml") -> tuple[int, str]:
    """The exit status and everything that was said."""
    config, credentials = tmp_path / name, tmp_path / "credentials"
    config.write_text(text)
    credentials.mkdir()
    (credentials / "evcc-password").write_text(SECRET + "\n")
    own = {"STATE_DIRECTORY": str(tmp_path), "CREDENTIALS_DIRECTORY": str(credentials)}
    return program("evcc-poller", "--check", "--config", str(config), environment=own)


BROKEN = {
    "an unknown key": (
        f"evcc:\n  ulr: http://evcc:7070\nmqtt: {{username: ems, password_credential: {SECRET}}}\n",
        ("evcc.ulr", "unknown", "did you mean 'url'?", "password_credential, timeout_s, url"),
    ),
    "a wrong type": (
        "poll_interval_s: often\n",
        ("poll_interval_s", "should be a valid number"),
    ),
    "a value out of range": (
        "history: {retention_days: 0}\n",
        ("history.retention_days", "greater than or equal to 1"),
    ),
    "a password where a credential's name belongs": (
        f"evcc:\n  url: http://evcc:7070\n  password_credential: {SECRET}\n",
        ("evcc.password_credential", "no credential has this name", "there are: evcc-password"),
    ),
    "keys of another InfluxDB": (
        f"influx: {{version: 2, org: home, bucket: home, token_credential: influx, username: {SECRET}}}\n",
        ("influx", "username is for version 1, but version is 2"),
    ),
    "a field of InfluxDB's that there is not": (
        "influx: {version: 1, database: a, field_names: {ev_sock: ev}}\n",
        ("influx.field_names.ev_sock", "did you mean 'ev_soc'?"),
    ),
    "a name that a field cannot have": (
        "influx: {version: 1, database: a, measurement: 'my home'}\n",
        ("influx.measurement", "must begin with a letter"),
    ),
    "a password in an address": (
        f"evcc: {{url: 'http://admin:{SECRET}@evcc:7070'}}\n",
        ("evcc.url", "a URL must hold no name and no password"),
    ),
    "a word that is not allowed": (
        "control: {battery_modes: [hold, discharge]}\n",
        ("control.battery_modes", "'normal', 'hold', 'charge' or 'holdcharge'"),
    ),
    "a vehicle's name that cannot be used": (
        'vehicle_names: {"db:7": "My Twingo"}\n',
        ("vehicle_names", "a-z, 0-9, _ and -"),
    ),
    "no YAML": (
        f"evcc: {{url: [{SECRET}\n",
        ("line 2, column 1",),
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_file_is_refused_in_words_without_any_secret(tmp_path: Path, case: str) -> None:
    text, words = BROKEN[case]
    status, said = check(tmp_path, text)
    assert status == 78
    for expected in (*words, *([] if "credential's name" in case else [str(tmp_path / "evcc-poller.yaml")])):
        assert expected in said
    assert SECRET not in said
    assert "Traceback" not in said


def test_a_good_file_is_told_in_words_without_any_secret(tmp_path: Path, unused_tcp_port: int) -> None:
    settings: dict[str, object] = {
        "evcc": {"url": f"http://127.0.0.1:{unused_tcp_port}", "password_credential": "evcc-password"},
        "vehicle_names": {"db:7": "zoe"},
        "influx": {"version": 1, "database": "smartload"},
    }
    settings["mqtt"] = {"host": "127.0.0.1", "port": unused_tcp_port}
    status, said = check(tmp_path, json.dumps(settings), name="settings.json")
    assert status == 1
    for expected in (
        f"reads evcc at http://127.0.0.1:{unused_tcp_port}/ every 10 s, with a password",
        "calls evcc's vehicle 'db:7' zoe",
        "keeps 15-minute means for 400 days, taking over evcc's own",
        "records into InfluxDB 1.x at http://localhost:8086/, database smartload, as Smartprice",
        "battery's mode (charge, hold, holdcharge)",
        f"PROBLEM  evcc: evcc at http://127.0.0.1:{unused_tcp_port} cannot be reached",
        f"PROBLEM  broker 127.0.0.1:{unused_tcp_port}: connection refused",
        "PROBLEM  InfluxDB http://localhost:8086/: not reached",
        f"ok       state directory: {tmp_path} is there",
    ):
        assert expected in said
    assert SECRET not in said


def test_who_only_reads_is_told_so(tmp_path: Path) -> None:
    settings = Settings.model_validate({"state_dir": tmp_path, "control": {"enabled": False}})
    assert "only reads: it never writes to evcc" in describe(settings)
