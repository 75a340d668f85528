"""What an InfluxDB holds, as quarter hours: 1.x and 2.x by strict fakes in the form of their own answers."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from ems.metrics.means import means
from ems.metrics.settings import InfluxSettings
from ems.metrics.sink import server_of
from ems.runtime.errors import PermanentError, TransientError

AT = datetime(2026, 11, 21, 7, 0, tzinfo=UTC)
QUARTER = timedelta(minutes=15)
TOKEN = "t0ken-of-the-house"
CSV = (
    ",result,table,_time,_field,_value\r\n"
    ",_result,0,2026-11-21T07:00:00Z,home_power,321.5\r\n"
    ",_result,0,2026-11-21T07:15:00Z,home_power,400\r\n"
    "\r\n"
    ",result,table,_field,_time,_value\r\n"
    ",_result,1,price_cent,2026-11-21T07:15:00Z,28.5\r\n"
    "\r\n"
)
"""Tables as 2.x writes them; the columns' order is each table's own."""

type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def serving(path: str, answer: Handler) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_post(path, answer)
    async with TestServer(app, host="127.0.0.1") as server:
        yield f"http://127.0.0.1:{server.port}"


def settings(version: int, url: str, tmp_path: Path, token: str = TOKEN, **more: Any) -> InfluxSettings:
    (tmp_path / "token").write_text(token)
    (tmp_path / "token").chmod(0o600)
    two = {"org": "home", "bucket": "ems", "token_credential": str(tmp_path / "token")}
    place = {"database": "smartload"} if version == 1 else two
    return InfluxSettings.model_validate({"version": version, "url": url, **place, **more})


async def asked(influx: InfluxSettings, end: datetime = AT + 4 * QUARTER) -> dict[datetime, dict[str, float]]:
    async with server_of(influx) as server:
        return {
            at: dict(fields)
            for at, fields in (await means(server, influx, ("home_power", "price_ct"), AT, end)).items()
        }


async def influx2(request: web.Request) -> web.Response:
    if request.headers.get("Authorization") != f"Token {TOKEN}":
        return web.json_response({"code": "unauthorized", "message": "unauthorized access"}, status=401)
    flux = await request.text()
    assert request.query == {"org": "home"}
    assert (request.content_type, request.headers["Accept"]) == ("application/vnd.flux", "application/csv")
    assert 'from(bucket: "ems") |> range(start: 1795244400, stop: 1795248000)' in flux
    assert 'r._measurement == "Smartprice" and (r._field == "home_power" or r._field == "price_cent")' in flux
    return web.Response(text=CSV, content_type="text/csv")


async def test_2x_tells_its_tables_by_our_names(tmp_path: Path) -> None:
    async with serving("/api/v2/query", influx2) as url:
        found = await asked(settings(2, url, tmp_path, field_names={"price_ct": "price_cent"}))
    assert found == {AT: {"home_power": 321.5}, AT + QUARTER: {"home_power": 400, "price_ct": 28.5}}


async def test_2x_refuses_a_wrong_token_in_its_words(tmp_path: Path) -> None:
    async with serving("/api/v2/query", influx2) as url:
        with pytest.raises(PermanentError, match="401: unauthorized access") as caught:
            await asked(settings(2, url, tmp_path, "wr0ng-token"))
    assert "wr0ng" not in str(caught.value)


async def test_1x_tells_its_series(tmp_path: Path) -> None:
    async def answer(request: web.Request) -> web.Response:
        assert (request.query["db"], request.query["epoch"]) == ("smartload", "s")
        assert request.query["q"] == (
            'SELECT mean("home_power") AS "home_power", mean("price_ct") AS "price_ct" FROM "Smartprice" '
            "WHERE time >= 1795244400s AND time < 1795248000s GROUP BY time(15m) fill(none)"
        )
        values = [[AT.timestamp(), 321.5, None], [(AT + QUARTER).timestamp(), 400, 28.5]]
        series = [{"name": "Smartprice", "columns": ["time", "home_power", "price_ct"], "values": values}]
        return web.json_response({"results": [{"statement_id": 0, "series": series}]})

    async with serving("/query", answer) as url:
        found = await asked(settings(1, url, tmp_path))
    assert found == {AT: {"home_power": 321.5}, AT + QUARTER: {"home_power": 400, "price_ct": 28.5}}


@pytest.mark.parametrize(
    ("status", "kind", "text", "error", "words"),
    [
        (200, "application/json", '{"results":[{"statement_id":0}]}', None, ""),
        (200, "application/json", '{"results":[{"error":"database not found: x"}]}', PermanentError, "not found: x"),
        (200, "application/json", '{"results":[{"series":[{"col', TransientError, "cannot be read"),
        (200, "application/json", "[]", TransientError, "cannot be read"),
        (200, "text/html", "<html>Grafana</html>", TransientError, "is influx.url the address"),
        (204, "application/json", "", TransientError, "something else than InfluxDB's 200"),
        (403, "application/json", '{"error":"user not authorized"}', PermanentError, "not authorized"),
        (503, "application/json", '{"error":"timeout"}', TransientError, "503: timeout"),
        (302, "application/json", "", TransientError, "redirects are not followed"),
    ],
)
async def test_whatever_1x_answers_is_means_or_an_error_in_words(
    tmp_path: Path, status: int, kind: str, text: str, error: type[Exception] | None, words: str
) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=status, text=text, content_type=kind)

    async with serving("/query", answer) as url:
        if error is None:
            assert await asked(settings(1, url, tmp_path)) == {}
        else:
            with pytest.raises(error, match=words):
                await asked(settings(1, url, tmp_path))


@pytest.mark.parametrize(
    "text",
    [
        "error,reference\r\nruntime error @1:1: no,897\r\n",
        ",result,table,_time\r\n,_result,0,2026-11-21T07:00:00Z\r\n",
        ",result,table,_time,_field,_value\r\n,_result,0,soon,home_power,1\r\n",
        ",result,table,_time,_field,_value\r\n,_result,0\r\n",
    ],
)
async def test_a_table_of_2x_that_cannot_be_read_is_said(tmp_path: Path, text: str) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(text=text, content_type="text/csv")

    async with serving("/api/v2/query", answer) as url:
        with pytest.raises(TransientError, match="cannot be read"):
            await asked(settings(2, url, tmp_path))


async def test_a_server_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(TransientError, match="not reached"):
        await asked(settings(1, "http://127.0.0.1:9", tmp_path))
