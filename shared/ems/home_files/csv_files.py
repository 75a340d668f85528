"""CSV files: a home's past and a car's trips."""

import csv
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from math import isfinite, nan
from pathlib import Path

import numpy as np

from ems.contract.validation import nearest
from ems.runtime.errors import PermanentError
from ems.virtual_house.world import MeasuredTrip, Table

COLUMNS = ("start_utc", "load_w", "pv_w", "pv_forecast_w", "spot_eur_per_kwh")
TRIP_COLUMNS = ("leave", "back", "kwh")


def read_home(path: Path) -> Table:
    """A home's past; columns as in :data:`COLUMNS`, slots of one length, rows in order, missing rows allowed.

    An empty ``pv_w`` beside a measured load is no PV (an inverter that sleeps); every other empty cell is not measured.

    Raises:
        PermanentError: the file cannot be read as that, with the line and what is wrong.
    """
    rows = [(line, _moment(path, line, row["start_utc"]), row) for line, row in _rows(path, COLUMNS)]
    if len(rows) < 2:
        raise PermanentError(f"{path}: needs at least two rows")
    steps = [b[1] - a[1] for a, b in pairwise(rows)]
    for (line, moment, _), step in zip(rows[1:], steps, strict=True):
        if step <= timedelta(0):
            raise PermanentError(
                f"{path}, line {line}: {moment:%Y-%m-%dT%H:%MZ} is not after the row before; rows must be in order"
            )
    length = min(steps)
    minutes = length // timedelta(minutes=1)
    if minutes < 1 or 60 % minutes:
        raise PermanentError(f"{path}: rows must be in slots that divide an hour, and two of them are {length} apart")
    for (line, *_), step in zip(rows[1:], steps, strict=True):
        if step % length:
            raise PermanentError(f"{path}, line {line}: does not lie on the slots of {minutes} min")
    start = rows[0][1]
    columns = np.full((4, (rows[-1][1] - start) // length + 1), np.nan)
    for line, moment, row in rows:
        load, pv, solar, spot = (_number(path, line, name, row[name]) for name in COLUMNS[1:])
        pv = 0.0 if isfinite(load) and not isfinite(pv) else pv
        columns[:, (moment - start) // length] = load / 1000, pv / 1000, solar / 1000, spot
    return Table(start, minutes, *columns)


def read_trips(path: Path) -> tuple[MeasuredTrip, ...]:
    """A car's trips: ``leave`` and ``back`` with their offset from UTC, ``kwh`` as used from its battery.

    Raises:
        PermanentError: as :func:`read_home`.
    """
    trips: list[tuple[MeasuredTrip, int]] = []
    for line, row in _rows(path, TRIP_COLUMNS):
        leave, back = _moment(path, line, row["leave"]), _moment(path, line, row["back"])
        kwh = _number(path, line, "kwh", row["kwh"])
        if back <= leave or not kwh >= 0:
            raise PermanentError(f"{path}, line {line}: a trip ends after it starts and uses 0 kWh or more")
        trips.append((MeasuredTrip(leave, back, kwh), line))
    for (one, first), (other, line) in pairwise(sorted(trips, key=lambda trip: trip[0].leave)):
        if other.leave < one.back:
            raise PermanentError(f"{path}, line {line}: leaves before the trip of line {first} is back")
    return tuple(trip for trip, _ in trips)


def _rows(path: Path, columns: tuple[str, ...]) -> Iterable[tuple[int, dict[str, str]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            head = [*(reader.fieldnames or ())]
            missing = [c for c in columns if c not in head]
            if missing and len(head) == 1 and ";" in head[0]:
                raise PermanentError(f"{path}: has ';' between its columns; needs commas, and points in numbers")
            if missing:
                close = nearest(missing[0], [c for c in head if c not in columns])
                raise PermanentError(f"{path}: has no column {', '.join(missing)}{close}; needs {', '.join(columns)}")
            if twice := [c for c in columns if head.count(c) > 1]:
                raise PermanentError(f"{path}: has column {', '.join(twice)} more than once")
            for row in reader:
                cells = [*(cell for name, cell in row.items() if name is not None and cell is not None), *_beyond(row)]
                if len(cells) != len(head):
                    many = f"has {len(cells)} cells, and the head has {len(head)}"
                    raise PermanentError(f"{path}, line {reader.line_num}: {many} (a decimal comma, or a torn line?)")
                yield reader.line_num, {c: (row[c] or "").strip() for c in columns}
    except OSError as error:
        raise PermanentError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise PermanentError(f"{path}: not UTF-8 text") from error


def _beyond(row: Mapping[str | None, str | list[str] | None]) -> list[str]:
    """The cells that no column is there for, without empty ones at the end."""
    more = row.get(None)
    return [cell for cell in more if cell.strip()] if isinstance(more, list) else []


def _moment(path: Path, line: int, text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise PermanentError(f"{path}, line {line}: {text!r} is no time such as 2024-03-08T00:00:00Z") from None
    if moment.tzinfo is None:
        raise PermanentError(f"{path}, line {line}: {text!r} needs its offset from UTC, such as Z or +01:00")
    return moment.astimezone(UTC)


def _number(path: Path, line: int, column: str, text: str) -> float:
    if not text:
        return nan
    try:
        value = float(text)
    except ValueError:
        value = nan
    if not isfinite(value):
        raise PermanentError(f"{path}, line {line}: {column} {text!r} is no number")
    return value
