"""Any number of homes for a year, derived from the six measured ones: larger, smaller, later, at other tariffs."""

import csv
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from support.homes import HOMES

CAR_EVERY = 20
"""One home of so many has a car: its decisions cost several times as much."""
HEAD = "start_utc,load_w,pv_w,pv_forecast_w,spot_eur_per_kwh"
WEEK = 7 * 24

type Powers = Sequence[tuple[float, float]]
"""Load and PV of each hour, in W."""


@dataclass(frozen=True, slots=True)
class _Measured:
    starts: Sequence[str]
    spot: Sequence[str]
    homes: Sequence[Powers]


def write_homes(folder: Path, count: int, seed: int = 1) -> None:
    """Writes ``count`` homes as ``tariff-planner backtest`` reads a folder of them: the same for the same seed.

    Each is one of the six with its powers scaled and moved by whole weeks against the prices, with a battery and a
    tariff of its own. The home that was measured for half a year lives it twice.
    """
    dice, measured = random.Random(seed), _measured()
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        name, source = f"home-{number:04d}", measured.homes[number % len(measured.homes)]
        load, sun, moved = dice.uniform(0.6, 1.6), dice.uniform(0.0, 2.0), dice.randrange(52) * WEEK
        powers = [*source[moved:], *source[:moved]]
        lines = (
            f"{start},{load_w * load:.0f},{pv_w * sun:.0f},,{spot}"
            for start, spot, (load_w, pv_w) in zip(measured.starts, measured.spot, powers, strict=True)
        )
        (folder / f"{name}.csv").write_text("\n".join([HEAD, *lines]) + "\n")
        with_car = number % CAR_EVERY == CAR_EVERY - 1
        (folder / f"{name}.yaml").write_text(json.dumps(_house(dice, with_car=with_car)))
        if with_car:
            (folder / f"{name}-trips.csv").write_text(_trips(measured.starts, dice))


def _house(dice: random.Random, *, with_car: bool) -> dict[str, Any]:
    size = dice.choice((3.84, 5.0, 10.0, 15.0))
    power, efficiency = size / 2, dice.choice((0.9, 0.95))
    modes = ["normal", "hold"] if dice.random() < 0.5 else ["normal", "hold", "charge", "holdcharge"]
    house: dict[str, Any] = {
        "zone": "Europe/Amsterdam",
        "import_price": {"spot_factor": dice.choice((1.0, 1.19)), "plus_eur_per_kwh": dice.choice((0.10, 0.14, 0.18))},
        "export_price": dice.choice(({"plus_eur_per_kwh": 0.08}, {"spot_factor": 1.0, "plus_eur_per_kwh": 0.0})),
        "battery": {
            "capacity_kwh": size, "min_kwh": size / 20, "start_kwh": size / 2, "charge_kw": power,
            "discharge_kw": power, "charge_efficiency": efficiency, "discharge_efficiency": efficiency, "modes": modes,
        },
    }  # fmt: skip
    if with_car:
        house["car"] = {"capacity_kwh": 60, "start_kwh": 30, "max_kw": 11, "goal_pct": 80, "ready": "07:00"}
    return house


def _trips(starts: Sequence[str], dice: random.Random) -> str:
    first, last = datetime.fromisoformat(starts[0]), datetime.fromisoformat(starts[-1])
    leave = (first + timedelta(days=1)).replace(hour=6, minute=0)
    lines = ["leave,back,kwh"]
    while leave < last - timedelta(days=1):
        if leave.weekday() < 5:
            back = leave + timedelta(hours=dice.choice((8, 10)))
            lines.append(f"{leave.isoformat()},{back.isoformat()},{dice.uniform(4, 12):.1f}")
        leave += timedelta(days=1)
    return "\n".join(lines) + "\n"


def _measured() -> _Measured:
    with (HOMES / "homes-b.csv").open() as file:
        rows = list(csv.DictReader(file))
    strangers = [[(float(r[f"load_{n}_w"] or 0), float(r[f"pv_{n}_w"] or 0)) for r in rows] for n in range(1, 6)]
    with (HOMES / "home-a.csv").open() as file:
        halves = list(csv.DictReader(file))
    # From its first midnight on, as many whole weeks as there are.
    halves = halves[24 : 24 + 26 * WEEK * 2]
    own = [(float(r["load_w"] or 0), float(r["pv_w"] or 0)) for r in halves]
    hourly = [((a + c) / 2, (b + d) / 2) for (a, b), (c, d) in zip(own[::2], own[1::2], strict=True)]
    home_a = list(islice(cycle(hourly), len(rows)))
    return _Measured([r["start_utc"] for r in rows], [r["spot_eur_per_kwh"] for r in rows], [*strangers, home_a])
