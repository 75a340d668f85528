"""From the settings and the predecessor's vehicles.yaml to cars."""

from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest

from ems.runtime import redact
from ems.runtime.settings import SettingsError
from vehicle_soc.adapters.http import HttpOptions
from vehicle_soc.adapters.hyundai_kia.source import HyundaiKiaOptions
from vehicle_soc.adapters.provider import GROUP, provider_kind, provider_names
from vehicle_soc.adapters.renault.source import RenaultOptions
from vehicle_soc.config_loader import load
from vehicle_soc.settings import Settings

FIXTURE = Path(__file__).parents[2] / "fixtures" / "vehicles" / "smartload-vehicles.yaml"


def settings(tmp_path: Path, **more: Any) -> Settings:
    return Settings.model_validate({"state_dir": str(tmp_path), **more})


@pytest.fixture
def predecessors(tmp_path: Path) -> Path:
    copy = tmp_path / "vehicles.yaml"
    copy.write_bytes(FIXTURE.read_bytes())
    copy.chmod(0o600)
    return copy


def test_the_predecessors_file_loads_as_it_is(predecessors: Path, tmp_path: Path) -> None:
    fleet = load(settings(tmp_path, vehicles_file=str(predecessors)))
    cars = {car.name: car for car in fleet.cars}
    assert list(cars) == ["kia_ev9", "twingo", "ora_03", "guest"]
    kia, twingo, ora = cars["kia_ev9"].options, cars["twingo"].options, cars["ora_03"].options
    assert isinstance(kia, HyundaiKiaOptions)
    assert (kia.brand, kia.region, kia.username) == ("kia", "europe", "kia@example.org")
    assert kia.pin is not None
    assert kia.pin.get_secret_value() == "1234", "a PIN without quotes is a number in YAML"
    assert isinstance(twingo, RenaultOptions)
    assert twingo.username == "renault@example.org", "`user` is what was never read by the predecessor"
    assert cars["twingo"].common.capacity_kwh == 22
    assert isinstance(ora, HttpOptions)
    assert (ora.soc, ora.headers["X-Api-Key"].get_secret_value()) == ("data.soc", "canary-header-key")
    assert cars["kia_ev9"].common.interval_minutes == 30
    assert cars["guest"].common.disabled


def test_what_has_no_meaning_here_is_named(predecessors: Path, tmp_path: Path) -> None:
    warnings = " | ".join(load(settings(tmp_path, vehicles_file=str(predecessors))).warnings)
    for words in ("kia_ev9: charge_power_kw", "kia_ev9: locale has no meaning for hyundai_kia", "guest: username"):
        assert words in warnings
    assert "canary" not in warnings


def test_the_predecessors_passwords_are_taken_out_of_logs(predecessors: Path, tmp_path: Path) -> None:
    load(settings(tmp_path, vehicles_file=str(predecessors)))
    assert "canary" not in redact.text("login with canary-kia-yaml-password or canary-header-key failed")


def test_a_file_with_passwords_that_others_can_read_is_refused(predecessors: Path, tmp_path: Path) -> None:
    predecessors.chmod(0o640)
    with pytest.raises(SettingsError, match="chmod 600"):
        load(settings(tmp_path, vehicles_file=str(predecessors)))
    predecessors.write_text("vehicles:\n  - {name: zoe, type: evcc}\n")
    assert [car.name for car in load(settings(tmp_path, vehicles_file=str(predecessors))).cars] == ["zoe"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("vehicles:\n  - {type: renault}", "vehicle needs a name"),
        ("vehicles:\n  - {name: '???', type: renault}", "letters or digits"),
        ("vehicles:\n  - {name: a, type: spaceship}", "known are"),
        ("vehicles:\n  - {name: a, type: evcc}\n  - {name: a, type: evcc}", "two vehicles"),
        ("vehicles:\n  - {name: Zoe, type: evcc}\n  - {name: zoe, type: evcc}", "two vehicles are named 'zoe'"),
        ("vehicles:\n  - {name: a, type: evcc, enabled: perhaps}", "a: enabled must be true or false"),
        ("vehicles:\n  - {name: a, type: renault, user: x, username: y}", "says again"),
        ("vehicles: 5", "list of `vehicles`"),
        ("vehicle: [{name: a, type: evcc}]", "list of `vehicles`"),
        ("vehicles: {zoe: renault}", "list of `vehicles`"),
        ("vehicles: [", "not YAML"),
        ("{password: canary", "not YAML"),
    ],
)
def test_a_file_that_makes_no_sense_is_refused_in_words(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "vehicles.yaml"
    file.write_text(text)
    file.chmod(0o600)
    with pytest.raises(SettingsError, match=words) as why:
        load(settings(tmp_path, vehicles_file=str(file)))
    assert "canary" not in str(why.value)


@pytest.mark.parametrize("text", ["", "[]", "vehicles: []", "zoe: {type: evcc}", "- {name: zoe, type: evcc}"])
def test_a_list_names_as_keys_or_nothing_are_all_fine(tmp_path: Path, text: str) -> None:
    file = tmp_path / "vehicles.yaml"
    file.write_text(text)
    assert len(load(settings(tmp_path, vehicles_file=str(file))).cars) == ("zoe" in text)


def test_a_credential_fills_any_option(tmp_path: Path) -> None:
    for name, content in (
        ("url", "http://localhost/?key=canary-key"),
        ("header", "canary-bearer"),
        ("pw", "canary-pw"),
    ):
        (tmp_path / name).write_text(content + "\n")
        (tmp_path / name).chmod(0o600)
    car = {"provider": "http", "soc": "/soc", "url_credential": str(tmp_path / "url"), "username": "me"}
    car |= {"password_credential": str(tmp_path / "pw")}
    given = {**car, "header_credentials": {"Authorization": str(tmp_path / "header")}}
    (made,) = load(settings(tmp_path, vehicles={"car": given})).cars
    assert isinstance(made.options, HttpOptions)
    assert made.options.headers["Authorization"].get_secret_value() == "canary-bearer"
    assert made.options.password is not None
    assert str(made.options.url).endswith("canary-key")
    assert "canary" not in redact.text(f"{made.options.url}")
    assert "canary" not in repr(made.options.headers)


def test_a_car_in_both_places_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "vehicles.yaml"
    file.write_text("- {name: zoe, type: evcc}")
    with pytest.raises(SettingsError, match="keep one"):
        load(settings(tmp_path, vehicles_file=str(file), vehicles={"zoe": {"provider": "evcc"}}))


def test_every_provider_is_found_by_its_entry_point() -> None:
    assert {"renault", "hyundai_kia", "evcc", "http", "mqtt", "manual"} <= set(provider_names())
    for entry in entry_points(group=GROUP):
        assert provider_kind(entry.name).options is not None


AS_PEOPLE_HAVE_IT = """
vehicles:
  - name: Jörgs Zoé
    type: Renault
    username: me@example.org
    password: 0815
    vin: 12345678901234567
    poll_interval_minutes: 5
    colour: blue
    enabled: yes
  - name: 500
    type: evcc
    capacity_kwh: 0
    enabled: "no"
  - {name: EV-6, type: evcc, disabled: off}
  - {name: old, type: kia, user: me, password: 0123, pin: 0123, disabled: "on"}
"""


def test_the_predecessors_names_numbers_and_keys_load_as_they_are_and_what_changed_is_told(tmp_path: Path) -> None:
    file = tmp_path / "vehicles.yaml"
    file.write_text(AS_PEOPLE_HAVE_IT)
    file.chmod(0o600)
    fleet = load(settings(tmp_path, vehicles_file=str(file)))
    cars = {car.name: car for car in fleet.cars}
    assert list(cars) == ["joergs_zoe", "500", "ev-6", "old"]
    zoe, kia = cars["joergs_zoe"], cars["old"].options
    assert isinstance(zoe.options, RenaultOptions)
    assert isinstance(kia, HyundaiKiaOptions)
    assert zoe.common.title == "Jörgs Zoé"
    assert zoe.options.vin == "12345678901234567"
    assert kia.pin is not None
    assert (kia.pin.get_secret_value(), kia.password.get_secret_value()) == ("0123", "0123")
    assert zoe.common.interval_minutes == 10
    assert cars["500"].common.capacity_kwh is None
    assert [name for name, car in cars.items() if car.common.disabled] == ["500", "old"]
    told = " | ".join(fleet.warnings)
    for words in (
        "'Jörgs Zoé' is called joergs_zoe here",
        "joergs_zoe: colour is not known here",
        "asked every 10 min and not every 5",
        "500: a capacity of 0 is none",
    ):
        assert words in told
    assert "0815" not in redact.text("with 0815 refused")


@pytest.mark.parametrize(
    ("car", "words"),
    [
        ({"provder": "renault"}, "vehicles.zoe.provider: missing; is provder meant to be it?"),
        ({"provider": "renault", "username": "a", "interval_minute": 5}, "did you mean 'interval_minutes'?"),
        ({"provider": "renault", "usernam": "a"}, "vehicles.zoe.usernam: unknown (did you mean 'username'?)"),
        ({"provider": "renault"}, "vehicles.zoe.username: missing"),
        (
            {"provider": "mqtt", "topic": "a", "broker": {"hots": "b"}},
            "zoe.broker.hots: unknown (did you mean 'host'?)",
        ),
        ({"provider": "mqtt", "topic": "a/#"}, "vehicles.zoe.topic: must be one topic, without the wildcards"),
        ({"provider": "renault", "username": "a", "pasword_credential": "x"}, "did you mean 'password_credential'?"),
    ],
)
def test_a_wrong_key_below_a_car_is_named_with_the_nearest(tmp_path: Path, car: dict[str, Any], words: str) -> None:
    with pytest.raises(SettingsError) as why:
        load(settings(tmp_path, vehicles={"zoe": car}))
    assert words in str(why.value)


@pytest.mark.parametrize("text", ["version: 2\nzoe: {type: evcc}", "version: 2\nvehicles: [{name: zoe, type: evcc}]"])
def test_what_stands_beside_the_cars_is_told(tmp_path: Path, text: str) -> None:
    file = tmp_path / "vehicles.yaml"
    file.write_text(text)
    fleet = load(settings(tmp_path, vehicles_file=str(file)))
    assert [car.name for car in fleet.cars] == ["zoe"]
    assert fleet.warnings == (f"{file}: version is not known here",)
