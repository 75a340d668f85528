"""The http provider on a real HTTP server."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from ems.demo.broker import free_port
from support.clouds import NOW, context, served, source
from vehicle_soc.adapters.http import HttpOptions, reading
from vehicle_soc.adapters.provider import AuthRequired, Impossible, QuotaExceeded, Unavailable

BODY = (
    '{"car": {"battery": [{"level": "63.5 %"}], "range": 210, "at": "2026-11-20T18:05:00+01:00", "plug": "connected"}}'
)


@asynccontextmanager
async def site(tmp_path: Path, answer: Any = BODY, **options: Any) -> AsyncGenerator[Any]:
    """A car behind a URL that answers ``answer``: a text, or what a handler returns."""

    async def handle(request: web.Request) -> web.StreamResponse:
        found: web.StreamResponse = await answer(request) if callable(answer) else web.Response(text=answer)
        return found

    app = web.Application()
    app.router.add_route("*", "/car", handle)
    async with served(app) as url, context(tmp_path) as using:
        paths = {"soc": "/car/battery/0/level"} if "soc_regex" not in options else {}
        yield source("http", using, **{"url": f"{url}/car", **paths, **options})


async def test_values_are_found_by_json_pointer_or_dotted_path(tmp_path: Path) -> None:
    for paths in (
        {"soc": "/car/battery/0/level", "range": "/car/range", "measured_at": "/car/at", "plugged_in": "/car/plug"},
        {"soc": "car.battery[0].level", "range": "$.car.range", "measured_at": "car.at", "plugged_in": "car.plug"},
    ):
        async with site(tmp_path, **paths) as car:
            found = await car.read(force=False)
        assert (found.soc_pct, found.range_km, found.plugged_in, found.charging) == (63.5, 210, True, None)
        assert found.measured_at == datetime(2026, 11, 20, 17, 5, tzinfo=UTC)


@pytest.mark.parametrize("pattern", [r"level\D+([\d.]+)", r"[\d.]+(?= %)"])
async def test_a_regular_expression_finds_a_number_in_any_text(tmp_path: Path, pattern: str) -> None:
    async with site(tmp_path, "<b>level: 41.5 %</b>", soc_regex=pattern) as car:
        assert (await car.read(force=False)).soc_pct == 41.5


async def test_method_headers_body_and_login_are_sent(tmp_path: Path) -> None:
    async def answer(request: web.Request) -> web.Response:
        good = (
            request.method == "POST"
            and request.headers.get("X-Key") == "canary-key"
            and request.headers.get("Authorization", "").startswith("Basic ")
            and await request.text() == "which=car"
        )
        return web.Response(text=BODY if good else "no")

    options = {"method": "POST", "headers": {"X-Key": "canary-key"}, "body": "which=car"}
    async with site(tmp_path, answer, username="me", password="canary-http-password", **options) as car:
        assert (await car.read(force=False)).soc_pct == 63.5


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, AuthRequired),
        (403, AuthRequired),
        (404, Impossible),
        (302, Impossible),
        (429, QuotaExceeded),
        (500, Unavailable),
        (503, Unavailable),
    ],
)
async def test_each_status_says_what_to_do(tmp_path: Path, status: int, error: type[Exception]) -> None:
    async def answer(_request: web.Request) -> web.Response:
        return web.Response(status=status, text=BODY, headers={"Location": "/elsewhere"})

    async with site(tmp_path, answer) as car:
        with pytest.raises(error) as why:
            await car.read(force=False)
    assert type(why.value) is error


@pytest.mark.parametrize("text", ["", "null", "[]", '{"car": 5}', '{"car": {"battery": [{"level": 180}]}}', "<html>"])
async def test_an_answer_without_a_soc_is_said_not_guessed(tmp_path: Path, text: str) -> None:
    async with site(tmp_path, text) as car:
        with pytest.raises(Unavailable, match="state of charge"):
            await car.read(force=False)


async def test_a_server_that_never_answers_or_is_not_there_is_left_in_peace(tmp_path: Path) -> None:
    async def never(_request: web.Request) -> web.Response:
        await asyncio.Event().wait()
        raise AssertionError

    async with site(tmp_path, never, timeout_s=0.2) as car:
        with pytest.raises(Unavailable, match="timeout"):
            await car.read(force=False)
    async with site(tmp_path, url=f"http://127.0.0.1:{free_port()}/?key=canary-key-in-url") as car:
        with pytest.raises(Unavailable, match="no connection") as why:
            await car.read(force=False)
    assert "canary" not in str(why.value)


async def test_an_endless_answer_is_not_swallowed(tmp_path: Path) -> None:
    async def answer(_request: web.Request) -> web.Response:
        return web.Response(text="x" * 2_000_000)

    async with site(tmp_path, answer) as car:
        with pytest.raises(Impossible, match="too large"):
            await car.read(force=False)


@pytest.mark.parametrize(
    "options", [{}, {"soc": "/a", "soc_regex": "b"}, {"soc_regex": "("}, {"soc": "/a", "colour": "red"}]
)
def test_options_that_make_no_sense_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"soc|colour"):
        HttpOptions.model_validate({"url": "http://localhost/", **options})


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["soc", "at", "x"]), inner, max_size=3),
    max_leaves=8,
)


@given(text=st.text() | JSON.map(json.dumps))
def test_no_answer_breaks_the_parser_and_no_impossible_value_comes_out(text: str) -> None:
    options = HttpOptions.model_validate(
        {"url": "http://localhost/", "soc": "/soc", "range": "x.0", "measured_at": "at", "charging": "/x/soc"}
    )
    found = reading(text, options, NOW)
    assert found.soc_pct is None or 0 <= found.soc_pct <= 100
    assert found.range_km is None or found.range_km >= 0
    assert found.measured_at is None or found.measured_at.tzinfo is UTC
