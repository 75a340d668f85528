"""Two cars at one loadpoint under the service's own decisions (``make backtest``): minutes a day."""

from datetime import UTC, datetime, timedelta

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from support.homes import reference
from support.shared_point import lived_together

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]


def test_who_leaves_has_what_was_wanted(benchmark: BenchmarkFixture) -> None:
    start = datetime(2024, 6, 3, tzinfo=UTC)
    world = reference(start, start + timedelta(days=5))
    life = benchmark.pedantic(lived_together, (world,), rounds=1)  # type: ignore[no-untyped-call]  # as shipped
    print(f"\ncost {life.cost_eur:.2f} EUR, {life.swaps} changes of cars")  # noqa: T201  what the run is for
    assert life.short_kwh < 0.5
