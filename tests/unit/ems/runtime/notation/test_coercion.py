"""What people write is what they mean: times, capitals, numbers that are texts; and never silently something else."""

from datetime import time
from pathlib import Path
from typing import Any, Literal

import pytest
from pydantic import Field, SecretStr

from ems.contract.units import VehicleName
from ems.house.calendar import Weekday
from ems.runtime.notation import yaml12
from ems.runtime.settings import Section, SettingsError, validated


class Hours(Section):
    start: time = time(22)
    end: time = time(6)


class Car(Section):
    pin: SecretStr | None = None
    vin: str | None = None
    headers: dict[str, SecretStr] = Field(default_factory=dict)
    disabled: bool = False


class House(Section):
    cars: dict[VehicleName, Car] = Field(default_factory=dict)
    drives: tuple[VehicleName, ...] = ()
    days: tuple[Weekday, ...] = ("mon",)
    quiet: Hours | Literal["house"] | None = "house"
    goals: tuple[Hours, ...] = ()
    version: Literal[1, 2] = 1
    language: Literal["en", "de"] = "en"
    port: int = 1
    enabled: bool = True
    file: Path = Path()
    names: dict[str, str] = Field(default_factory=dict)


def house(text: str) -> House:
    return validated(House, yaml12.load(text))


def refused(text: str) -> str:
    with pytest.raises(SettingsError) as caught:
        house(text)
    return str(caught.value)


@pytest.mark.parametrize("written", ["7:05", "07:05", '"7:05"', '" 07:05 "', "7:05:00"])
def test_a_time_of_day_needs_no_leading_zero(written: str) -> None:
    quiet = house(f"quiet: {{start: {written}}}").quiet
    assert isinstance(quiet, Hours)
    assert quiet.start == time(7, 5)


@pytest.mark.parametrize(
    "written", ["7", "0705", "7.05", "24:00", "7:5", "7 pm", "07:00Z", "07:00+01:00", "yes", "[7]"]
)
def test_what_is_no_time_of_day_is_never_one(written: str) -> None:
    assert refused(f"quiet: {{start: {written}}}") == 'quiet.start: must be a time of day such as "07:00"'


@pytest.mark.parametrize("written", ["0123", "007", "1234", "0x10", "1e3", "12345E6", "1.50", "9007199254740993"])
def test_a_text_that_looks_like_a_number_stays_as_it_is_written(written: str) -> None:
    car = house(f"cars: {{zoe: {{pin: {written}, vin: {written}, headers: {{key: {written}}}}}}}").cars["zoe"]
    assert car.pin is not None
    assert car.pin.get_secret_value() == car.vin == car.headers["key"].get_secret_value() == written


def test_keys_that_look_like_numbers_are_names() -> None:
    assert list(house("cars: {500: {vin: a}}").cars) == ["500"]
    assert house("names: {0815: zoe}").names == {"0815": "zoe"}


def test_numbers_stay_numbers() -> None:
    assert house("port: 0123").port == 123


@pytest.mark.parametrize("written", ["no", "off", '"off"', "false", '"false"', "False", "OFF", "0", "n"])
def test_every_usual_no_means_no(written: str) -> None:
    assert house(f"enabled: {written}").enabled is False
    assert house(f"cars: {{zoe: {{disabled: {written}}}}}").cars["zoe"].disabled is False


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("drives: zoe", "drives: must be a list, such as [a, b], also for one"),
        ("days: mon", "days: must be a list, such as [a, b], also for one"),
        ("goals: {start: 7:00}", "goals: must be a list: begin each entry with a dash"),
        ("cars: zoe", "cars: must be a mapping (a name, and below it its settings)"),
        ("cars: [zoe]", "cars: must be a mapping (a name, and below it its settings)"),
        ("cars: {zoe: renault}", "cars.zoe: must be a mapping (key: value)"),
        ("cars: {Zoe: {}}", "cars.Zoe: a name may have a-z, 0-9, _ and - only, and at most 64 of them; write zoe"),
        ("cars: {'Annas Zoë': {}}", "write annas_zoe"),
        ("drives: [Zoe]", "drives.0: must be 1 to 64 of a-z, 0-9, _ and -"),
        ("port: true", "port: must be a number"),
        ("enabled: perhaps", "enabled: must be true or false"),
        ("quiet: never", "quiet: must be a mapping (key: value), or input should be 'house'"),
        ("quiet: {strat: 7:00}", "quiet.strat: unknown (did you mean 'start'?); known are end, start"),
        ("goals: [{strat: 7:00}]", "goals.0.strat: unknown (did you mean 'start'?); known are end, start"),
        ("cars: {zoe: {pinn: 1}}", "cars.zoe.pinn: unknown (did you mean 'pin'?)"),
        ("days: [monday]", "days.0: input should be 'mon'"),
        ("cars: {zoe: {headers: {true: a}}}", "cars.zoe.headers.True: a key must be a word; put it in quotes"),
    ],
)
def test_what_cannot_be_meant_is_said_with_its_place_and_the_right_form(text: str, words: str) -> None:
    assert words in refused(text)


def test_a_wrong_part_of_a_group_is_said_once() -> None:
    assert refused("days: [monday, tue]").count(";") == 0
    assert refused("quiet: {start: 7, end: 7:00}").count(";") == 0


@pytest.mark.parametrize(("text", "expected"), [("language: DE", "de"), ("language: ' en '", "en")])
def test_a_word_of_a_choice_may_have_capitals(text: str, expected: str) -> None:
    assert house(text).language == expected
    assert house("days: [Mon, FRI]").days == ("mon", "fri")


def test_a_number_of_a_choice_may_be_a_text() -> None:
    assert house('version: "2"').version == 2


def test_a_choice_between_a_word_and_a_group_is_told_apart() -> None:
    assert house("quiet: House").quiet == "house"
    assert house("quiet: null").quiet is None
    assert house("quiet: {}").quiet == Hours()


def test_two_keys_that_are_one_are_refused() -> None:
    given: dict[Any, Any] = {"names": {yaml12.WrittenInt(1, "1"): "a", "1": "b"}}
    with pytest.raises(SettingsError, match=r"names\.1: is there twice"):
        validated(House, given)
