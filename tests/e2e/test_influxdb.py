"""A real InfluxDB 1.x: written, queried, away for a while and back with nothing lost."""

import asyncio
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from ems.contract.service import Health
from ems.demo.broker import free_port
from ems.metrics.influx_http import InfluxHttp
from ems.metrics.settings import InfluxSettings
from ems.metrics.sink import Metrics, make_metrics
from ems.runtime.clock import SystemClock
from ems.runtime.errors import PermanentError
from ems.runtime.health import HealthReport
from ems.runtime.retry import Backoff
from rl_agent.adapters.influx_history import InfluxHistory
from support.brokers import wait_for_port
from support.patience import PATIENCE_S, in_time

INFLUXD = shutil.which("influxd") or shutil.which("influxd", path="/usr/bin:/usr/sbin:/usr/local/bin")
pytestmark = pytest.mark.skipif(
    INFLUXD is None, reason="NO INFLUXDB HERE: this test needs a real influxd 1.x (Debian's package influxdb)"
)
PASSWORD = "pa55-of-influx"
AT = datetime(2026, 11, 21, 7, 0, tzinfo=UTC)


class Influxd:
    """A server with authentication, in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.port, self._folder = free_port(), folder
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None
        (folder / "influxdb.conf").write_text(
            f'reporting-disabled = true\nbind-address = "127.0.0.1:{free_port()}"\n'
            f'[meta]\n  dir = "{folder}/meta"\n[data]\n  dir = "{folder}/data"\n  wal-dir = "{folder}/wal"\n'
            f'[http]\n  bind-address = "127.0.0.1:{self.port}"\n  auth-enabled = true\n  log-enabled = false\n'
            "[monitor]\n  store-enabled = false\n"
        )

    def start(self) -> None:
        assert INFLUXD is not None
        self._process = subprocess.Popen(
            [INFLUXD, "-config", str(self._folder / "influxdb.conf")],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={"PATH": os.environ["PATH"], "HOME": str(self._folder)},
        )
        wait_for_port(self.port)

    def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait()
        self._process = None

    @property
    def runs(self) -> bool:
        return self._process is not None

    async def query(self, text: str) -> list[list[Any]]:
        """The values of the first series."""
        parameters = {"q": text, "db": "smartload", "epoch": "s", "u": "ems", "p": PASSWORD}
        async with aiohttp.ClientSession() as http, http.post(f"{self.url}/query", params=parameters) as reply:
            found = json.loads(await reply.text())
        assert "error" not in found, found
        assert "error" not in found["results"][0], found
        series = found["results"][0].get("series")
        values: list[list[Any]] = series[0]["values"] if series else []
        return values


@pytest.fixture
def influxd(tmp_path: Path) -> Iterator[Influxd]:
    server = Influxd(tmp_path)
    server.start()
    yield server
    if server.runs:
        server.kill()


async def prepared(influxd: Influxd) -> None:
    await influxd.query(f"CREATE USER ems WITH PASSWORD '{PASSWORD}' WITH ALL PRIVILEGES")
    await influxd.query("CREATE DATABASE smartload")


def sink(influxd: Influxd, tmp_path: Path, said: list[Health], **changes: Any) -> Metrics:
    (tmp_path / "password").write_text(PASSWORD)
    (tmp_path / "password").chmod(0o600)
    settings = {
        "version": 1, "url": influxd.url, "database": "smartload", "username": "ems",
        "password_credential": str(tmp_path / "password"), "timeout_s": 5,
    }  # fmt: skip
    clock = SystemClock()
    metrics = make_metrics(
        InfluxSettings.model_validate(settings | changes), clock, HealthReport(clock, "test", said.append)
    )
    metrics._backoff = Backoff(first_s=0.05, max_s=0.2)
    return metrics


async def drained(metrics: Metrics, within_s: float = PATIENCE_S) -> None:
    async with asyncio.timeout(within_s):
        while metrics.waiting:  # noqa: ASYNC110  the spool has no event for it
            await asyncio.sleep(0.02)


async def test_points_are_written_and_found_by_the_predecessors_query(influxd: Influxd, tmp_path: Path) -> None:
    await prepared(influxd)
    metrics = sink(influxd, tmp_path, [])
    now = datetime.now(UTC).replace(minute=10, second=0, microsecond=0) - timedelta(hours=1)
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(metrics.run())
        metrics.record("Smartprice", {"price_ct": 28, "battery_soc": 50, "pv_power": 100, "ev_soc": None}, now)
        metrics.record("Smartprice", {"price_ct": 30.5, "battery_soc": 60}, now + timedelta(seconds=10))
        await drained(metrics)
        task.cancel()
    found = await influxd.query(
        "SELECT mean(price_ct), mean(battery_soc), mean(pv_power) FROM Smartprice "
        "WHERE time > now() - 168h GROUP BY time(1h) fill(none)"
    )
    assert [row[1:] for row in found] == [[29.25, 55, 100]]


async def test_a_server_that_is_away_gets_everything_when_it_is_back(influxd: Influxd, tmp_path: Path) -> None:
    await prepared(influxd)
    said: list[Health] = []
    metrics = sink(influxd, tmp_path, said)
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(metrics.run())
        metrics.record("Smartprice", {"home_power": 0}, AT)
        await drained(metrics)
        influxd.kill()
        for i in range(1, 400):
            metrics.record("Smartprice", {"home_power": i}, AT + timedelta(seconds=10 * i))
        async with asyncio.timeout(PATIENCE_S):
            while not said:  # noqa: ASYNC110  health is told by a callback
                await asyncio.sleep(0.02)
        assert "points wait" in said[-1].reasons[0]
        await asyncio.to_thread(influxd.start)
        await drained(metrics)
        task.cancel()
    assert said[-1].reasons == ()
    assert metrics.lost == 0
    assert await influxd.query("SELECT count(home_power), sum(home_power) FROM Smartprice") == [
        [0, 400, sum(range(400))]
    ]


async def test_what_the_server_refuses_is_dropped_and_said_in_its_words(influxd: Influxd, tmp_path: Path) -> None:
    await prepared(influxd)
    said: list[Health] = []
    metrics = sink(influxd, tmp_path, said, database="nowhere")
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(metrics.run())
        metrics.record("Smartprice", {"home_power": 1}, AT)
        await drained(metrics)
        task.cancel()
    assert metrics.lost == 1
    assert "answers 404" in said[-1].reasons[0]
    assert "database not found" in said[-1].reasons[0]


async def test_a_wrong_password_is_said_without_it(influxd: Influxd, tmp_path: Path) -> None:
    await prepared(influxd)
    said: list[Health] = []
    metrics = sink(influxd, tmp_path, said, username="nobody")
    async with metrics._server:
        with pytest.raises(PermanentError, match="answers 401") as caught:
            await metrics._server.write(["m v=1 1"])
    assert PASSWORD not in str(caught.value)


async def test_a_field_that_is_kept_as_another_type_is_left_out_and_the_rest_recorded(
    influxd: Influxd, tmp_path: Path
) -> None:
    await prepared(influxd)
    said: list[Health] = []
    metrics = sink(influxd, tmp_path, said)
    async with metrics._server:
        await metrics._server.write([f'Smartprice ev_soc=40i,price_ct="28" {AT.timestamp():.0f}'])
        for i in range(1, 4):
            at = AT + timedelta(seconds=10 * i)
            metrics.record("Smartprice", {"ev_soc": 40 + i, "price_ct": 28.5, "home_power": 100 * i}, at)
        metrics.record("Smartprice", {"ev_soc": 44}, AT + timedelta(seconds=40))
        assert await metrics._write()
    assert await influxd.query("SELECT sum(home_power) FROM Smartprice") == [[0, 600]]
    assert (metrics.waiting, metrics.lost) == (0, 0)
    (reason,) = said[-1].reasons
    assert "in Smartprice: ev_soc (as integer), price_ct (as string)" in reason
    assert "influx.field_names, such as {ev_soc: ev_soc_float}, or all with influx.measurement" in reason


@pytest.mark.parametrize("way", [{"field_names": {"ev_soc": "ev_soc_float"}}, {"measurement": "Home"}])
async def test_a_field_under_another_name_is_recorded(influxd: Influxd, tmp_path: Path, way: dict[str, Any]) -> None:
    await prepared(influxd)
    said: list[Health] = []
    metrics = sink(influxd, tmp_path, said, **way)
    measurement = InfluxSettings.model_validate({"version": 1, "database": "smartload", **way}).measurement
    async with metrics._server:
        await metrics._server.write([f"Smartprice ev_soc=40i {AT.timestamp():.0f}"])
        metrics.record(measurement, {"ev_soc": 41}, AT + timedelta(seconds=10))
        assert await metrics._write()
    field = "ev_soc_float" if "field_names" in way else "ev_soc"
    assert [row[1] for row in await influxd.query(f"SELECT {field} FROM {measurement}")] == [41]
    assert said == []


async def test_check_writes_nothing_and_sees_login_database_and_rights(influxd: Influxd, tmp_path: Path) -> None:
    await prepared(influxd)
    await influxd.query(f"CREATE USER reader WITH PASSWORD '{PASSWORD}'")
    await influxd.query("GRANT READ ON smartload TO reader")

    async def check(**changes: Any) -> str:
        async with sink(influxd, tmp_path, [], **changes)._server as server:
            assert isinstance(server, InfluxHttp)
            return await server.check()

    assert "InfluxDB 1." in await check()
    assert await influxd.query("SHOW MEASUREMENTS") == []
    with pytest.raises(PermanentError, match="database not found"):
        await check(database="nowhere")
    with pytest.raises(PermanentError, match="authorization failed"):
        await check(username="nobody")
    with pytest.raises(PermanentError, match="not authorized to write"):
        await check(username="reader")


async def test_the_learner_reads_what_the_predecessor_wrote_with_a_user_that_may_only_read(
    influxd: Influxd, tmp_path: Path
) -> None:
    """Points a minute, some of them of another writer with a tag; a day is asked for in the middle of others."""
    await prepared(influxd)
    await influxd.query(f"CREATE USER reader WITH PASSWORD '{PASSWORD}'")
    await influxd.query("GRANT READ ON smartload TO reader")
    start = AT - timedelta(days=1)
    async with sink(influxd, tmp_path, [])._server as server:
        for day in range(3):
            first = start + timedelta(days=day - 1)
            minutes = [first + timedelta(minutes=n) for n in range(24 * 60)]
            lines = [f"Smartprice home_power={day}00,price_ct=28.5,battery_soc=50 {m.timestamp():.0f}" for m in minutes]
            await server.write(lines)
        await server.write([f"Smartprice,host=other home_power=300 {start.timestamp():.0f}"])
    influx = InfluxSettings.model_validate(
        {
            "version": 1, "url": influxd.url, "database": "smartload", "username": "reader",
            "password_credential": str(tmp_path / "password"),
        }
    )  # fmt: skip
    history = InfluxHistory(influx)
    rows = [row async for part in history.rows(start, AT) for row in part]
    assert [row.start for row in rows] == [start + timedelta(minutes=15) * n for n in range(96)]
    assert rows[0].home_w == pytest.approx((15 * 100 + 300) / 16)
    assert {(row.home_w, row.pv_w, row.battery_soc_pct, row.import_eur_per_kwh) for row in rows[1:]} == {
        (100, None, 50, 0.285)
    }
    assert await history.check(AT + timedelta(days=1)) == "InfluxDB has 3.0 of the last 7 days as Smartprice"
    with pytest.raises(PermanentError, match=r"database not found|not authorized"):
        await InfluxHistory(influx.model_copy(update={"database": "nowhere"})).check(AT)


async def test_integers_of_the_caller_never_become_a_type_conflict(influxd: Influxd, tmp_path: Path) -> None:
    await prepared(influxd)
    metrics = sink(influxd, tmp_path, [])
    began = time.monotonic()
    async with metrics._server:
        for i, value in enumerate((1, 2.5, 3)):
            metrics.record("Smartprice", {"grid_power": value}, AT + timedelta(seconds=i))
        assert await metrics._write()
    assert await influxd.query("SELECT sum(grid_power) FROM Smartprice") == [[0, 6.5]]
    assert time.monotonic() - began < in_time(5)
