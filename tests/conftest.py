"""Brokers for all tests: ``mosquitto`` where it must be mosquitto, ``broker`` where any will do."""

import logging
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ems import service  # noqa: F401  before structlog: it hides rich, which draws tracebacks for a second each

# isort: split
import structlog

from ems.runtime import redact
from support import examples
from support.brokers import MOSQUITTO, Broker, Embedded, Mosquitto
from support.slowest import rank
from support.warm_start import WarmStart

NONE_HERE = "NO MOSQUITTO HERE: this test needs the real one (Debian's package mosquitto)"
MakeMosquitto = Callable[..., Mosquitto]

examples.load()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The slowest first, file by file."""
    items.sort(key=lambda item: rank(item.path))


@pytest.fixture(scope="session", autouse=True)
def warm_start() -> Iterator[WarmStart | None]:
    """Services that tests start need not import their libraries each time."""
    here = WarmStart.here()
    if here is None:
        yield None
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("subprocess._fork_exec", here.fork_exec)
        patch.setattr("subprocess._USE_POSIX_SPAWN", False)
        yield here
    here.close()


@pytest.fixture
def cold_start(warm_start: WarmStart | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Services start as on a house's machine: what they are forked from would lend memory, and too many modules."""
    if warm_start is not None:
        monkeypatch.setattr("subprocess._fork_exec", warm_start.cold)


@pytest.fixture(autouse=True)
def no_logs_into_what_is_closed() -> Iterator[None]:
    """A program that a test calls sets up logs for the whole process, and into this test's own stderr."""
    yield
    root = logging.getLogger()
    root.handlers[:] = [handler for handler in root.handlers if type(handler) is not logging.StreamHandler]
    structlog.reset_defaults()


@pytest.fixture(autouse=True)
def no_secrets_of_other_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    """A secret is a secret for the whole process; one test's made-up one must not mask another's words."""
    monkeypatch.setattr(redact, "_known", set())


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[MakeMosquitto]:
    """Starts a mosquitto with the configuration lines that it is called with."""
    if MOSQUITTO is None:
        pytest.skip(NONE_HERE)
    started: list[Mosquitto] = []

    def make(*extra: str) -> Mosquitto:
        home = tmp_path / f"mosquitto-{len(started)}"
        home.mkdir()
        started.append(Mosquitto(home, extra))
        started[-1].start()
        return started[-1]

    yield make
    for broker in started:
        broker.kill()


@pytest.fixture
def broker(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Broker]:
    """A broker without restrictions: mosquitto, or where there is none (or TEST_EMBEDDED=1), the demo's."""
    embedded = MOSQUITTO is None or os.environ.get("TEST_EMBEDDED") == "1"
    if embedded and request.node.get_closest_marker("mosquitto"):
        pytest.skip(NONE_HERE)
    one: Broker = Embedded(tmp_path) if embedded else Mosquitto(tmp_path)
    one.start()
    yield one
    one.kill()
