"""The trace of a backtest as a CSV file."""

import csv
from collections.abc import Iterable, Mapping
from datetime import UTC
from pathlib import Path

from ems.runtime.errors import PermanentError
from ems.virtual_house.live import Life
from ems.virtual_house.world import World

TRACE_COLUMNS = (
    "policy",
    "start_utc",
    "hours",
    "load_kwh",
    "pv_kwh",
    "import_kwh",
    "export_kwh",
    "battery_before_kwh",
    "battery_after_kwh",
    "car_before_kwh",
    "car_after_kwh",
    "mode",
    "import_eur_per_kwh",
    "export_eur_per_kwh",
    "cost_eur",
)


def write_trace(path: Path, world: World, lives: Mapping[str, Life]) -> None:
    """Every policy's every slot, so that bill and physics can be computed again.

    Raises:
        PermanentError: the file cannot be written.
    """
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(TRACE_COLUMNS)
            for name, life in lives.items():
                writer.writerows(_trace(name, world, life))
    except OSError as error:
        raise PermanentError(f"{path}: {error.strerror}") from error


def _trace(name: str, world: World, life: Life) -> Iterable[tuple[object, ...]]:
    stored = [life.stored_kwh[s][side] if s in life.stored_kwh else None for s in ("battery", "car") for side in (0, 1)]
    for row, slot in enumerate(range(world.first, world.end)):
        energies = (life.load_kwh, life.pv_kwh, life.import_kwh, life.export_kwh)
        yield (
            name,
            world.moment(slot).astimezone(UTC).isoformat().replace("+00:00", "Z"),
            f"{world.hours:g}",
            *(f"{e[row]:.6f}" for e in energies),
            *("" if s is None else f"{s[row]:.6f}" for s in stored),
            life.modes[row],
            f"{world.import_eur_per_kwh[slot]:.6f}",
            f"{world.export_eur_per_kwh[slot]:.6f}",
            f"{life.cost_eur[row]:.8f}",
        )
