"""What an InfluxDB holds, as means by the quarter hour: the fields that ``sink`` writes, whoever wrote them."""

import csv
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from ems.metrics.errors import InfluxReply, raise_for
from ems.metrics.influx_http import InfluxHttp
from ems.metrics.settings import InfluxSettings
from ems.runtime.errors import TransientError

MAX_BYTES = 8_000_000
"""Longest answer that is read, in bytes: four weeks of five fields are 200 kB (1.x) to 900 kB (2.x)."""

type Means = Mapping[datetime, Mapping[str, float]]
"""By a quarter hour's start the fields' means, by our names; what was not measured is absent."""


async def means(
    server: InfluxHttp, settings: InfluxSettings, fields: Iterable[str], start: datetime, end: datetime
) -> Means:
    """The means of ``fields`` from ``start`` (inclusive) to ``end`` (exclusive); both at a quarter hour.

    Args:
        server: entered already; its user or token must be allowed to read.
        settings: of this server.
        fields: by our names.
        start: of the first quarter hour.
        end: of the last one.

    Raises:
        TransientError: not reached, its own fault, or what answers is no InfluxDB.
        PermanentError: it refuses.
    """
    ours = {settings.field_names.get(name, name): name for name in fields}
    ask = _from_1 if settings.version == 1 else _from_2
    found: dict[datetime, dict[str, float]] = {}
    for at, theirs, value in await ask(server, settings, tuple(ours), start, end):
        if theirs in ours and start <= at < end:
            found.setdefault(at, {})[ours[theirs]] = value
    return found


type _Values = Iterable[tuple[datetime, str, float]]


async def _from_1(
    server: InfluxHttp, settings: InfluxSettings, fields: tuple[str, ...], start: datetime, end: datetime
) -> _Values:
    chosen = ", ".join(f'mean("{name}") AS "{name}"' for name in fields)
    # Names that settings allow have no quotes in them.
    query = (
        f'SELECT {chosen} FROM "{settings.measurement}" WHERE time >= {start.timestamp():.0f}s '  # noqa: S608  see above
        f"AND time < {end.timestamp():.0f}s GROUP BY time(15m) fill(none)"
    )
    # As a parameter and not as a form: that is how every version of 1.x takes it.
    params = {"db": settings.database or "", "epoch": "s", "q": query}
    reply = await server.post("query", params, "", max_bytes=MAX_BYTES)
    raise_for(reply, done=200)
    try:
        (result,) = json.loads(reply.text)["results"]
        if "error" in result:
            raise_for(InfluxReply(400, reply.content_type, reply.version, json.dumps(result)), done=200)
        return [
            (datetime.fromtimestamp(row[0], UTC), name, float(value))
            for series in result.get("series", ())
            for row in series["values"]
            for name, value in zip(series["columns"][1:], row[1:], strict=True)
            if value is not None
        ]
    except (LookupError, TypeError, ValueError) as odd:
        raise TransientError(f"answers a query with what cannot be read: {odd}") from None


async def _from_2(
    server: InfluxHttp, settings: InfluxSettings, fields: tuple[str, ...], start: datetime, end: datetime
) -> _Values:
    names = " or ".join(f"r._field == {json.dumps(name)}" for name in fields)
    # Points of several writers differ in tags and number types: without toFloat and group each is a table of its own.
    query = (
        f"from(bucket: {json.dumps(settings.bucket)})"
        f" |> range(start: {start.timestamp():.0f}, stop: {end.timestamp():.0f})"
        f" |> filter(fn: (r) => r._measurement == {json.dumps(settings.measurement)} and ({names}))"
        ' |> toFloat() |> group(columns: ["_field"])'
        ' |> aggregateWindow(every: 15m, fn: mean, createEmpty: false, timeSrc: "_start")'
        ' |> keep(columns: ["_time", "_field", "_value"])'
    )
    headers = {"Content-Type": "application/vnd.flux", "Accept": "application/csv"}
    reply = await server.post("api/v2/query", {"org": settings.org or ""}, query, headers, MAX_BYTES)
    raise_for(reply, done=200)
    try:
        return list(_rows(reply.text))
    except (LookupError, ValueError) as odd:
        raise TransientError(f"answers a query with what cannot be read: {odd}") from None


def _rows(text: str) -> _Values:
    """Of tables in CSV: each may bring a header of its own, after an empty line."""
    header: list[str] | None = None
    for row in csv.reader(text.splitlines()):
        if not any(row):
            header = None
        elif row[0].startswith("#"):
            continue
        elif header is None:
            header = row
        else:
            by_name = dict(zip(header, row, strict=True))
            if by_name.get("error"):
                raise ValueError(by_name["error"])
            if by_name["_value"]:
                yield datetime.fromisoformat(by_name["_time"]), by_name["_field"], float(by_name["_value"])
