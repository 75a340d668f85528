"""How long a plan takes: 1 battery and 3 cars on real days, to a proven gap of 1 ct, ties and churn included.

CPU seconds are printed as well: this machine is shared, and the model runs on one thread.
"""

import csv
import time
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from statistics import quantiles

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from tariff_planner.domain.milp.solve import plan
from tariff_planner.domain.problem.problem import (
    Loadpoint,
    PreviousSlot,
    Problem,
    Step,
)
from tariff_planner.domain.problem.storage import (
    Battery,
    Car,
    EnergyGoal,
    TerminalValue,
)

ROWS = Path(__file__).parents[2] / "fixtures" / "homes" / "home-a.csv"
DAYS = 10
QUARTER = timedelta(minutes=15)


def rows() -> dict[datetime, tuple[float, float, float]]:
    """By half hour: load and PV in kW, spot price in EUR/kWh."""
    with ROWS.open() as file:
        return {
            datetime.fromisoformat(r["start_utc"]).astimezone(UTC): (
                float(r["load_w"] or 0) / 1000,
                float(r["pv_w"] or 0) / 1000,
                float(r["spot_eur_per_kwh"] or 0),
            )
            for r in csv.DictReader(file)
        }


def home(known: dict[datetime, tuple[float, float, float]], start: datetime, hours: int, *, flat: bool) -> Problem:
    steps = []
    for i in range(hours * 4):
        at = start + i * QUARTER
        load_kw, pv_kw, spot = known[at.replace(minute=at.minute // 30 * 30)]
        price = 0.30 if flat else spot * 1.19 + 0.18
        steps.append(Step(at, at + QUARTER, load_kw / 4, pv_kw * 1.5 / 4, price, 0.08))
    mean = sum(s.import_eur_per_kwh for s in steps) / len(steps)
    battery = Battery("battery", 4.0, 10.0, 5.0, 5.0, min_kwh=0.5, worth=(TerminalValue(10.0, mean * 0.95),))
    seven = start.replace(hour=6) + timedelta(days=1)
    cars = tuple(
        Car(
            f"car-{i}",
            f"loadpoint-{i}",
            15.0 + 8 * i,
            60.0,
            limit_kwh=54.0,
            taper_from_kwh=48.0,
            goals=(EnergyGoal(48.0, seven + timedelta(hours=i)),),
            worth=(TerminalValue(60.0, 0.09 / 0.9),),
        )
        for i in range(3)
    )
    previous = tuple(
        PreviousSlot(s.start, s.end, frozenset({"car-0"} if i % 7 == 0 else ())) for i, s in enumerate(steps)
    )
    return Problem(tuple(steps), (battery,), cars, tuple(Loadpoint(c.loadpoint) for c in cars), previous=previous)


@pytest.mark.parametrize("hours", [48, 96])
@pytest.mark.parametrize("flat", [False, True], ids=["dynamic", "flat"])
def test_a_plan_for_a_battery_and_three_cars(benchmark: BenchmarkFixture, hours: int, flat: bool) -> None:
    known = rows()
    starts = (datetime(2024, 3, 10, 16, tzinfo=UTC) + timedelta(days=13 * i) for i in count())
    cpu: list[float] = []

    def setup() -> tuple[tuple[Problem], dict[str, object]]:
        return (home(known, next(starts), hours, flat=flat),), {}

    def work(problem: Problem) -> None:
        began = time.process_time()
        found = plan(problem)
        cpu.append(time.process_time() - began)
        assert found.proof.proven
        assert found.proof.gap_eur <= 0.01

    benchmark.pedantic(work, setup=setup, rounds=DAYS)  # type: ignore[no-untyped-call]  # the plug-in's
    p50 = quantiles(cpu, n=2)[0]
    benchmark.extra_info.update(cpu_p50_s=round(p50, 2), cpu_max_s=round(max(cpu), 2))
    print(f"\n{hours} h {'flat' if flat else 'dynamic'}: CPU p50 {p50:.2f} s, most {max(cpu):.2f} s")  # noqa: T201
