"""InfluxDB as the sink meets it: 1.x and 2.x, their answers, types in conflict, TLS."""

import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from ems.metrics import sink as module
from ems.metrics.influx_http import InfluxHttp
from ems.metrics.settings import InfluxSettings
from ems.metrics.sink import Metrics, make_metrics
from ems.runtime.errors import PermanentError, TransientError
from ems.runtime.health import HealthReport
from support.clocks import StandingClock
from support.metrics import AT, record, running, until

TOKEN = "t0ken-of-the-house"


@asynccontextmanager
async def influx2(*statuses: int) -> AsyncIterator[tuple[str, list[web.Request], list[str]]]:
    """A strict 2.x: right path, query, token and body, or 400; the first replies have these statuses instead."""
    queue, requests, lines = list(statuses), list[web.Request](), list[str]()

    async def write(request: web.Request) -> web.Response:
        requests.append(request)
        if queue:
            return web.json_response({"code": "trouble", "message": "queue is full"}, status=queue.pop(0))
        if request.headers.get("Authorization") != f"Token {TOKEN}":
            return web.json_response({"code": "unauthorized", "message": "unauthorized access"}, status=401)
        if dict(request.query) != {"org": "home", "bucket": "ems", "precision": "s"}:
            return web.json_response({"code": "invalid", "message": f"{dict(request.query)}"}, status=400)
        lines.extend((await request.text()).splitlines())
        return web.Response(status=204)

    app = web.Application()
    app.router.add_post("/api/v2/write", write)
    async with TestServer(app, host="127.0.0.1") as server:
        yield f"http://127.0.0.1:{server.port}", requests, lines


type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def serving(answer: Handler) -> AsyncIterator[str]:
    """A server that answers so to everything; its address."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    async with TestServer(app, host="127.0.0.1") as server:
        yield f"http://127.0.0.1:{server.port}"


def sink1(url: str) -> Metrics:
    settings = InfluxSettings.model_validate({"version": 1, "url": url, "database": "smartload"})
    clock = StandingClock(AT)
    return make_metrics(settings, clock, HealthReport(clock, "test", lambda _: None))


def sink2(url: str, tmp_path: Path, token: str = TOKEN) -> Metrics:
    (tmp_path / "token").write_text(token)
    (tmp_path / "token").chmod(0o600)
    settings = InfluxSettings.model_validate(
        {"version": 2, "url": url, "org": "home", "bucket": "ems", "token_credential": str(tmp_path / "token")}
    )
    clock = StandingClock(AT)
    return make_metrics(settings, clock, HealthReport(clock, "test", lambda _: None))


async def test_2x_gets_lines_with_org_bucket_precision_and_token(tmp_path: Path) -> None:
    async with influx2() as (url, _, lines):
        metrics = sink2(url, tmp_path)
        async with running(metrics):
            record(metrics, 1, 2)
            await until(lambda: not metrics.waiting)
    seconds = int(AT.timestamp())
    assert lines == [f"Smartprice home_power=1 {seconds}", f"Smartprice home_power=2 {seconds + 1}"]


@pytest.mark.parametrize("status", [503, 429, 500])
async def test_2x_in_trouble_is_tried_again(tmp_path: Path, status: int) -> None:
    async with influx2(status) as (url, requests, lines):
        metrics = sink2(url, tmp_path)
        async with running(metrics):
            record(metrics, 1)
            await until(lambda: not metrics.waiting)
    assert (len(requests), len(lines), metrics.lost) == (2, 1, 0)


async def test_2x_with_a_wrong_token_drops_and_says_so_without_the_token(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    async with influx2() as (url, _, lines):
        metrics = sink2(url, tmp_path, "wrong-t0ken")
        async with running(metrics):
            record(metrics, 1)
            await until(lambda: metrics.lost == 1)
    said = capsys.readouterr()
    assert lines == []
    assert "unauthorized access" in said.out + said.err + caplog.text
    assert "wrong-t0ken" not in said.out + said.err + caplog.text


CONFLICT = (
    "failure writing points to database: partial write: field type conflict: "
    'input field "home_power" on measurement "Smartprice" is type float, already exists as type integer dropped=1'
)
"""What InfluxDB 2.7 answers, with 422; the first of 2.x answered 500."""


@pytest.mark.parametrize("status", [422, 500])
async def test_2x_that_keeps_a_field_as_another_type_gets_the_other_fields(tmp_path: Path, status: int) -> None:
    taken: list[str] = []

    async def write(request: web.Request) -> web.Response:
        lines = (await request.text()).splitlines()
        taken.extend(line for line in lines if "home_power" not in line)
        if any("home_power" in line for line in lines):
            return web.json_response({"code": "unprocessable entity", "message": CONFLICT}, status=status)
        return web.Response(status=204)

    async with serving(write) as url:
        metrics = sink2(url, tmp_path)
        metrics.record("Smartprice", {"home_power": 1, "pv_power": 2}, AT)
        metrics.record("Smartprice", {"home_power": 3}, AT)
        async with running(metrics):
            await until(lambda: not metrics.waiting)
    assert taken == [f"Smartprice pv_power=2 {int(AT.timestamp())}"]
    assert metrics.lost == 0
    assert "home_power (as integer)" in metrics._health.snapshot().reasons[0]


PAGE = "<!doctype html><title>Log in</title>"


def html(status: int = 200) -> Handler:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=status, text=PAGE, content_type="text/html")

    return answer


def plain(status: int, text: str = "", **headers: str) -> Handler:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=status, text=text, headers=headers)

    return answer


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (html(), "answers 200 with a web page: is influx.url the address of an InfluxDB?"),
        (html(404), "answers 404 with a web page"),
        (html(401), "answers 401 with a web page"),
        (plain(200, "OK"), "answers 200 with something else than InfluxDB's 204"),
        (plain(201), "answers 201 with something else"),
        (plain(301, Location="/elsewhere"), "answers 301: redirects are not followed, give the final address"),
        (plain(302, Location="/elsewhere"), "answers 302"),
        (plain(307, Location="/elsewhere"), "answers 307"),
        (plain(308, Location="/elsewhere"), "answers 308"),
        (plain(400, "Client sent an HTTP request to an HTTPS server.\n"), "speaks TLS there: write https://"),
    ],
)
async def test_nothing_but_influxdbs_own_204_means_written(
    tmp_path: Path, version: int, answer: Handler, words: str
) -> None:
    asked: list[str] = []

    async def counted(request: web.Request) -> web.StreamResponse:
        asked.append(request.path)
        if request.path == "/elsewhere":
            return web.Response(status=204)
        return await answer(request)

    async with serving(counted) as url:
        metrics = sink2(url, tmp_path) if version == 2 else sink1(url)
        async with metrics._server:
            record(metrics, 1)
            assert not await metrics._write()
    assert (metrics.waiting, metrics.lost, len(asked)) == (1, 0, 1)
    assert words in metrics._health.snapshot().reasons[0]


@pytest.mark.parametrize(
    ("status", "fine"), [(204, True), (400, True), (401, False), (403, False), (404, False), (503, False)]
)
async def test_check_of_2x_is_judged_by_its_documented_answers(tmp_path: Path, status: int, fine: bool) -> None:
    async def write(request: web.Request) -> web.Response:
        assert "=" not in await request.text(), "a check writes no point"
        if status == 204:
            return web.Response(status=204)
        return web.json_response({"code": "any", "message": "writing requires points"}, status=status)

    async with serving(write) as url, sink2(url, tmp_path)._server as server:
        assert isinstance(server, InfluxHttp)
        if fine:
            assert await server.check() == "InfluxDB 2.x"
        else:
            with pytest.raises((TransientError, PermanentError), match=f"answers {status}"):
                await server.check()


async def test_2x_that_is_not_there_is_waited_for(tmp_path: Path, unused_tcp_port: int) -> None:
    metrics = sink2(f"http://127.0.0.1:{unused_tcp_port}", tmp_path)
    async with metrics._server:
        with pytest.raises(TransientError, match="not reached"):
            await metrics._server.write(["m v=1 1"])


def test_who_has_no_influxdb_does_not_pay_for_its_client() -> None:
    assert "influxdb_client" not in vars(module)


@pytest.fixture
def authority(tmp_path: Path) -> tuple[Path, ssl.SSLContext]:
    """A certificate for localhost that nobody else trusts, and a server's context with it."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("NO OPENSSL HERE: this test makes a certificate with it")
    certificate, key = tmp_path / "ca.pem", tmp_path / "key.pem"
    subprocess.run(
        [openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    return certificate, context


@pytest.mark.parametrize("version", [1, 2])
async def test_tls_trusts_the_authority_that_was_named_and_no_unknown_one(
    tmp_path: Path, authority: tuple[Path, ssl.SSLContext], version: int
) -> None:
    certificate, context = authority
    lines: list[str] = []

    async def write(request: web.Request) -> web.Response:
        lines.append(await request.text())
        return web.Response(status=204)

    (tmp_path / "token").write_text(TOKEN)
    (tmp_path / "token").chmod(0o600)
    keys = {1: {"database": "b"}, 2: {"org": "home", "bucket": "b", "token_credential": str(tmp_path / "token")}}
    app = web.Application()
    app.router.add_post("/{path:.*}", write)
    clock = StandingClock(AT)
    server = TestServer(app, host="127.0.0.1", scheme="https")
    await server.start_server(ssl=context)
    async with server:
        given = {"version": version, "url": f"https://localhost:{server.port}", **keys[version]}
        for extra in ({}, {"ca_file": str(certificate)}):
            settings = InfluxSettings.model_validate(given | extra)
            metrics = make_metrics(settings, clock, HealthReport(clock, "test", lambda _: None))
            async with metrics._server:
                if extra:
                    await metrics._server.write(["m v=1 1"])
                else:
                    with pytest.raises(TransientError, match="certificate"):
                        await metrics._server.write(["m v=1 1"])
    assert lines == ["m v=1 1"]
