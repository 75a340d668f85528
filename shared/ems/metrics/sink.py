"""Numbers for dashboards: what services measure goes to an InfluxDB, when there is one, and waits while it is away."""

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Protocol, Self

import structlog

from ems.metrics.influx_v1 import InfluxV1
from ems.metrics.settings import InfluxSettings
from ems.runtime import credentials
from ems.runtime.clock import Clock
from ems.runtime.errors import PermanentError, TransientError
from ems.runtime.health import HealthReport
from ems.runtime.retry import Backoff

if TYPE_CHECKING:
    from influxdb_client.client.write.point import Point

_log = structlog.get_logger(__name__)

SPOOL_POINTS = 10_000
"""Points that wait while the server is away (27 hours at one in 10 s, some 3 MB); the oldest are dropped beyond."""
BATCH = 1_000
"""Points in one write at most."""
SHUTDOWN_WRITE_TIMEOUT_S = 2.0
"""Longest last write at shutdown, in real seconds."""


class InfluxServer(Protocol):
    """One InfluxDB."""

    async def __aenter__(self) -> Self:
        """Opens the connection."""

    async def __aexit__(self, *_: object) -> None:
        """Closes it."""

    async def write(self, lines: Sequence[str]) -> None:
        """Writes lines of the line protocol with times in seconds.

        Raises:
            TransientError: not reached, or its own fault: the lines are worth another try.
            PermanentError: it refused them.
        """


class Metrics:
    """A bounded spool before an :class:`InfluxServer`. Values are always floats: no field changes its type."""

    def __init__(
        self, server: InfluxServer, clock: Clock, health: HealthReport, *, backoff: Backoff | None = None
    ) -> None:
        self._server, self._clock, self._health = server, clock, health
        self._backoff = backoff or Backoff(first_s=2, max_s=60)
        self._spool: deque[str] = deque(maxlen=SPOOL_POINTS)
        self._work = asyncio.Event()
        self.lost = 0
        """Points that were given up: refused by the server, or beyond the spool's bound."""

    @property
    def waiting(self) -> int:
        """Points in the spool."""
        return len(self._spool)

    def record(self, measurement: str, fields: Mapping[str, float | None], at: datetime) -> None:
        """Spools what was measured at ``at``; never blocks. Fields that are None are left out."""
        line = line_protocol(measurement, fields, at)
        if line is None:
            return
        if len(self._spool) == SPOOL_POINTS:
            self.lost += 1
        self._spool.append(line)
        self._work.set()

    async def run(self) -> None:
        """Writes what is recorded, until cancelled; then tries once more to write what is left."""
        failures = 0
        async with self._server:
            try:
                while True:
                    await self._work.wait()
                    failures = 0 if await self._write() else failures + 1
                    if failures:
                        await self._clock.sleep(self._backoff.delay_s(failures))
            finally:
                with suppress(TimeoutError):
                    async with asyncio.timeout(SHUTDOWN_WRITE_TIMEOUT_S):
                        while self._spool and await self._write():
                            pass

    async def _write(self) -> bool:
        """Writes a batch; whether the server was there."""
        batch = [self._spool[i] for i in range(min(BATCH, len(self._spool)))]
        lost_before = self.lost
        try:
            await self._server.write(batch)
        except TransientError as error:
            _log.warning("InfluxDB is away", why=str(error), waiting=self.waiting)
            self._health.degraded("influx", f"InfluxDB: {error}; {self.waiting} points wait, {self.lost} were lost")
            return False
        except PermanentError as error:
            self.lost += len(batch)
            lost_before += len(batch)
            _log.error("InfluxDB refuses", why=str(error), points=len(batch))
            self._health.degraded("influx", f"InfluxDB refuses what is written: {error}")
        else:
            self._health.ok("influx")
        # What overflowed meanwhile fell out of the front, which is where this batch stood.
        gone = min(self.lost - lost_before, len(batch))
        for _ in range(len(batch) - gone):
            self._spool.popleft()
        if not self._spool:
            self._work.clear()
        return True


def make_metrics(settings: InfluxSettings, clock: Clock, health: HealthReport) -> Metrics:
    """The sink that ``settings`` describe.

    Raises:
        SettingsError: a credential is missing.
    """
    if settings.version == 1:
        password = settings.password_credential
        secret = credentials.read(password, "influx.password_credential") if password else None
        return Metrics(InfluxV1(settings, secret), clock, health)
    from ems.metrics.influx_v2 import InfluxV2  # noqa: PLC0415  38 MB

    return Metrics(
        InfluxV2(settings, credentials.read(settings.token_credential or "", "influx.token_credential")), clock, health
    )


def line_protocol(measurement: str, fields: Mapping[str, float | None], at: datetime) -> str | None:
    """A line with its time in seconds, or None when there is no field."""
    point = _point().from_dict(
        {
            "measurement": measurement,
            "fields": {name: float(value) for name, value in fields.items() if value is not None},
            "time": at,
        },
        write_precision="s",  # type: ignore[arg-type]  # constants annotated as a class
    )
    return str(point.to_line_protocol()) or None


@cache
def _point() -> type["Point"]:
    """influxdb-client takes 38 MB; who has no InfluxDB must not pay for it."""
    from influxdb_client.client.write.point import Point  # noqa: PLC0415  see above

    return Point
