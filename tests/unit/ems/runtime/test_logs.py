"""Logs: one JSON object a line, and no secret in any corner of it."""

import asyncio
import io
import json
import logging
from collections.abc import Iterator
from typing import Any, override

import pytest
import structlog

from ems.runtime import logs, redact

CANARY = "canary/in a+mine"


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    redact.register(CANARY)
    root = logging.getLogger()
    before = root.handlers[:], root.level
    out = io.StringIO()
    logs.configure("notifier", "info", out)
    yield out
    root.handlers[:], level = before
    root.setLevel(level)
    structlog.reset_defaults()


def last(stream: io.StringIO) -> dict[str, Any]:
    said = stream.getvalue()
    assert CANARY not in said
    record: dict[str, Any] = json.loads(said.splitlines()[-1])
    return record


def test_a_line_is_json_with_service_level_time_and_what_happened(stream: io.StringIO) -> None:
    structlog.get_logger("some.where").warning("battery full", soc_pct=100, vehicle="zoe")
    record = last(stream)
    assert {
        "service": "notifier",
        "level": "warning",
        "event": "battery full",
        "soc_pct": 100,
    }.items() <= record.items()
    assert record["logger"] == "some.where"
    assert record["at"].endswith("Z")


def test_the_standard_librarys_records_are_the_same(stream: io.StringIO) -> None:
    logging.getLogger("lib").error("could not %s", "connect")
    assert {"service": "notifier", "level": "error", "event": "could not connect"}.items() <= last(stream).items()


def test_what_is_below_the_level_is_not_written(stream: io.StringIO) -> None:
    structlog.get_logger().debug("detail")
    logging.getLogger("lib").debug("detail")
    assert stream.getvalue() == ""


@pytest.mark.parametrize(
    "fields",
    [
        {"why": f"refused with {CANARY}"},
        {"deep": {"list": [{"x": CANARY}], "tuple": (CANARY,)}},
        {"error": ValueError(CANARY)},
        {"raw": CANARY.encode()},
        {CANARY: 1},
        {"url": "https://api.example/?key=canary%2Fin%20a%2Bmine"},
        {"form": "canary%2Fin+a%2Bmine"},
        {"password": "short"},
        {"headers": {"Authorization": "Bearer short"}},
        {"access_token": "short", "apiKey": "short", "set-cookie": "short"},
        {"text": '{"password": "short", "user": "anna"}'},
        {"text": "Authorization: Bearer short"},
        {"url": "mqtt://anna:short@localhost"},
    ],
)
def test_no_secret_is_written_wherever_it_hides(stream: io.StringIO, fields: dict[str, Any]) -> None:
    structlog.get_logger().info("look", **fields)
    said = stream.getvalue()
    assert last(stream)["event"] == "look"
    assert "short" not in said
    assert "canary" not in said
    assert "[redacted]" in said


def fail_twice() -> None:
    try:
        raise ValueError(CANARY)  # noqa: TRY301  a cause is wanted
    except ValueError as error:
        raise RuntimeError(f"because of {CANARY}") from error


@pytest.mark.parametrize("logger", [structlog.get_logger(), logging.getLogger("lib")])
def test_no_secret_is_written_in_a_traceback(stream: io.StringIO, logger: Any) -> None:
    try:
        fail_twice()
    except RuntimeError:
        logger.exception("failed")
    record = last(stream)
    assert "RuntimeError: because of [redacted]" in record["exception"]
    assert "ValueError: [redacted]" in record["exception"]


async def test_what_asyncio_complains_about_is_redacted_too(stream: io.StringIO) -> None:
    asyncio.get_running_loop().call_exception_handler({"message": f"lost {CANARY}", "exception": ValueError(CANARY)})
    assert last(stream)["event"].startswith("lost [redacted]")


def test_ordinary_words_and_numbers_stay(stream: io.StringIO) -> None:
    structlog.get_logger().info("plan", power_w=-1500.5, slots=[1, 2], none=None, ok=True, keys="3 tokens left")
    assert {"power_w": -1500.5, "slots": [1, 2], "none": None, "ok": True, "keys": "3 tokens left"}.items() <= last(
        stream
    ).items()


def test_a_person_at_a_terminal_reads_lines_not_json() -> None:
    class Terminal(io.StringIO):
        @override
        def isatty(self) -> bool:
            return True

    out = Terminal()
    root = logging.getLogger()
    before = root.handlers[:], root.level
    try:
        logs.configure("notifier", "info", out)
        structlog.get_logger().info("started", password=CANARY)
    finally:
        root.handlers[:], level = before
        root.setLevel(level)
        structlog.reset_defaults()
    assert "started" in out.getvalue()
    assert CANARY not in out.getvalue()
    assert not out.getvalue().startswith("{")


def test_a_secret_of_several_lines_is_known_line_by_line() -> None:
    redact.register("-----BEGIN\nline-of-a-key\n-----END\n")
    assert redact.text("x line-of-a-key y") == "x [redacted] y"


def test_a_secret_too_short_to_tell_from_anything_else_is_not_looked_for() -> None:
    redact.register("12")
    assert redact.text("at 12:12") == "at 12:12"
