"""The command line of a service: what it says, and the status it ends with."""

import argparse
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest

from ems.bus.api import Bus
from ems.bus.broker_check import BrokerCheck
from ems.contract.service import Service
from ems.runtime.errors import PermanentError, TransientError
from ems.runtime.settings import ServiceSettings
from ems.service.check import Probe
from ems.service.runner import Subcommand, main, our_version


async def run(_bus: Bus, _settings: ServiceSettings) -> None:
    raise AssertionError("nobody asked for it")


def describe(settings: ServiceSettings) -> Iterable[str]:
    yield f"speaks {settings.language} to people"


def call(*argv: str, commands: Sequence[Subcommand] = ()) -> int:
    return main(Service.NOTIFIER, ServiceSettings, run, describe=describe, commands=lambda: commands, argv=argv)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "n.yaml"
    path.write_text(f"state_dir: {tmp_path}\nlanguage: de\n")
    return path


def test_check_says_in_words_what_would_be_done(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("--check", "--offline", "--config", str(config)) == 0
    said = capsys.readouterr().out
    assert f"{config} is good" in said
    assert "localhost:1883 without a name, NOT encrypted, below evcc/ems/" in said
    assert said.endswith("speaks de to people\n")


def test_check_of_a_wrong_file_is_one_line_and_status_78(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config.write_text(f"state_dir: {config.parent}\nlangauge: de\n")
    assert call("--check", "--config", str(config)) == 78
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"notifier: {config}: langauge: unknown (did you mean 'language'?)")
    assert err.count("\n") == 1


def test_check_looks_for_the_brokers_password_too(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config.write_text(config.read_text() + "mqtt: {username: n, password_credential: /nowhere}\n")
    assert call("--check", "--config", str(config)) == 78
    assert capsys.readouterr().err == f"notifier: {config}: mqtt.password_credential: there is no such file\n"


@pytest.mark.parametrize(("error", "status"), [(None, 0), (TransientError("evcc does not answer"), 1)])
def test_check_asks_the_world_a_line_each_and_ends_with_1_when_something_is_wrong(
    config: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    error: Exception | None,
    status: int,
) -> None:
    async def lets_us_in(_: BrokerCheck) -> str:
        return "lets us in"

    async def ask() -> str:
        if error:
            raise error
        return "evcc 0.313 answers"

    monkeypatch.setattr(BrokerCheck, "run", lets_us_in)
    probes = [Probe("evcc", ask)]
    argv = ["--check", "--config", str(config)]
    assert main(Service.NOTIFIER, ServiceSettings, run, describe=describe, probes=lambda _: probes, argv=argv) == status
    said = capsys.readouterr().out.splitlines()
    assert said[-3:] == [
        f"ok       state directory: {config.parent} is there",
        "ok       broker localhost:1883: lets us in",
        f"PROBLEM  evcc: {error}" if error else "ok       evcc: evcc 0.313 answers",
    ]


def test_a_password_that_is_missing_in_the_settings_is_said_in_our_own_words(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config.write_text(config.read_text() + "mqtt: {username: a, password: hunter2-horse}\n")
    assert call("--check", "--config", str(config)) == 78
    said = capsys.readouterr().err
    assert "mqtt.password: unknown; a secret does not belong here: give password_credential" in said
    assert "hunter2" not in said


def test_without_a_config_it_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert call() == 78
    assert capsys.readouterr().err == "notifier: --config FILE is missing\n"


def test_version_is_the_distributions(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        call("--version")
    assert capsys.readouterr().out == f"notifier {our_version()}\n"


@pytest.mark.parametrize(
    "argv",
    ["--config c.yaml login zoe", "login zoe --config c.yaml", "login --config=c.yaml zoe"],
)
def test_a_subcommand_takes_the_config_before_and_after_its_name(argv: str) -> None:
    seen: list[argparse.Namespace] = []

    def login(args: argparse.Namespace) -> int:
        seen.append(args)
        return 5

    def configure(parser: argparse.ArgumentParser) -> None:
        parser.add_argument("vehicle")

    assert call(*argv.split(), commands=[Subcommand("login", "logs in", configure, login)]) == 5
    assert (seen[0].vehicle, seen[0].config) == ("zoe", Path("c.yaml"))


def test_a_subcommand_that_a_person_must_help_says_so_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    def login(_: argparse.Namespace) -> int:
        raise PermanentError("the code is wrong;\nask for a new one")

    assert call("login", commands=[Subcommand("login", "logs in", lambda _: None, login)]) == 1
    assert capsys.readouterr().err == "notifier: the code is wrong; ask for a new one\n"
