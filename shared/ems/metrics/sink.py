"""Numbers for dashboards: what services measure goes to an InfluxDB, when there is one, and waits while it is away."""

import asyncio
from collections import deque
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Protocol, Self

from ems.i18n.health import troubles
from ems.metrics.errors import FieldConflict
from ems.metrics.influx_http import InfluxHttp
from ems.metrics.settings import InfluxSettings
from ems.runtime import credentials
from ems.runtime.clock import Clock
from ems.runtime.errors import PermanentError, TransientError
from ems.runtime.health import HealthReport
from ems.runtime.retry import Backoff

if TYPE_CHECKING:
    from influxdb_client.client.write.point import Point

SPOOL_POINTS = 10_000
"""Points that wait while the server is away (27 hours at one in 10 s, some 8 MB); the oldest are dropped beyond."""
BATCH = 1_000
"""Points in one write at most."""
CONFLICT_RETRY = timedelta(hours=1)
"""Time after which a field that had another type is tried again: types are kept by shard, and shards end."""
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
            FieldConflict: a field has another type there; at least the lines with it are not written.
            PermanentError: it refused them.
        """


@dataclass(frozen=True, slots=True)
class Sample:
    """What was measured at one moment, by the fields' names in the database."""

    measurement: str
    fields: Mapping[str, float]
    at: datetime

    def line(self, without: Collection[str] = ()) -> str | None:
        """The line of the line protocol, but for some fields; None when no field is left."""
        return line_protocol(self.measurement, {n: v for n, v in self.fields.items() if n not in without}, self.at)


class Metrics:
    """A bounded spool before an :class:`InfluxServer`. Values are always floats: no field changes its type.

    A field that somebody else has made another type there is left out of the points, and told.
    """

    def __init__(
        self,
        server: InfluxServer,
        clock: Clock,
        health: HealthReport,
        *,
        names: Mapping[str, str] | None = None,
        backoff: Backoff | None = None,
    ) -> None:
        self._server, self._clock, self._health = server, clock, health
        self._names = names or {}
        self._backoff = backoff or Backoff(first_s=2, max_s=60)
        self._spool: deque[Sample] = deque(maxlen=SPOOL_POINTS)
        self._conflicts: dict[str, tuple[str, datetime]] = {}
        """Fields that are left out: the type that they have there, and until when, by the steady time."""
        self._work = asyncio.Event()
        self.lost = 0
        """Points that were given up: refused by the server, or beyond the spool's bound."""

    @property
    def waiting(self) -> int:
        """Points in the spool."""
        return len(self._spool)

    def record(self, measurement: str, fields: Mapping[str, float | None], at: datetime) -> None:
        """Spools what was measured at ``at``; never blocks. Fields that are None are left out."""
        measured = {self._names.get(name, name): float(value) for name, value in fields.items() if value is not None}
        if not measured:
            return
        if len(self._spool) == SPOOL_POINTS:
            self.lost += 1
        self._spool.append(Sample(measurement, measured, at))
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
            await self._write_without_conflicts(batch)
        except TransientError as error:
            self._health.degraded("influx", troubles.InfluxAway(str(error), self.waiting, self.lost))
            return False
        except PermanentError as error:
            self.lost += len(batch)
            lost_before += len(batch)
            self._health.degraded("influx", troubles.InfluxRefuses(str(error)))
        else:
            self._health.ok("influx")
            if not self._conflicts:
                self._health.ok("influx_fields")
        # What overflowed meanwhile fell out of the front, which is where this batch stood.
        gone = min(self.lost - lost_before, len(batch))
        for _ in range(len(batch) - gone):
            self._spool.popleft()
        if not self._spool:
            self._work.clear()
        return True

    async def _write_without_conflicts(self, batch: Sequence[Sample]) -> None:
        """Writes a batch; a field that has another type there is left out of it and of what follows for a while."""
        now = self._clock.steady()
        self._conflicts = {field: (kind, until) for field, (kind, until) in self._conflicts.items() if until > now}
        while True:
            lines = [line for sample in batch if (line := sample.line(self._conflicts))]
            if not lines:
                return
            try:
                # What of it was written already is written again to the same moments: nothing is there twice.
                await self._server.write(lines)
            except FieldConflict as conflict:
                if conflict.field in self._conflicts or not any(conflict.field in sample.fields for sample in batch):
                    raise
                self._conflicts[conflict.field] = conflict.kept_as, now + CONFLICT_RETRY
                self._report_conflicts(batch[0].measurement)
            else:
                return

    def _report_conflicts(self, measurement: str) -> None:
        kept = ", ".join(f"{field} (as {kind})" for field, (kind, _) in sorted(self._conflicts.items()))
        theirs = min(self._conflicts)
        ours = next((ours for ours, name in self._names.items() if name == theirs), theirs)
        setting = f"{{{ours}: {ours}_float}}"
        self._health.degraded("influx_fields", troubles.InfluxOtherType(measurement, kept, setting))


def make_metrics(settings: InfluxSettings, clock: Clock, health: HealthReport) -> Metrics:
    """The sink that ``settings`` describe.

    Raises:
        SettingsError: a credential is missing.
    """
    return Metrics(server_of(settings), clock, health, names=settings.field_names)


def server_of(settings: InfluxSettings) -> InfluxHttp:
    """The server that ``settings`` name.

    Raises:
        SettingsError: a credential is missing.
    """
    key = "password" if settings.version == 1 else "token"
    ref = settings.password_credential if settings.version == 1 else settings.token_credential
    return InfluxHttp(settings, credentials.read(ref, f"influx.{key}_credential") if ref else None)


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
