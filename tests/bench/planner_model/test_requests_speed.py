"""How long evcc-io/optimizer's requests take: 1 battery and 3 cars, minimum powers in every step, proven to 1 ct."""

import time
from pathlib import Path
from statistics import quantiles

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from tariff_planner.adapters import evcc_optimizer
from tariff_planner.domain.milp.solve import plan

REQUESTS = Path(__file__).parents[2] / "fixtures" / "planner-requests"
MAX_P50_S = {48: 0.5, 96: 2.0}
MAX_P99_S = {48: 2.0, 96: 5.0}
"""What is asked for on a quiet machine, in CPU seconds of the single thread; of the hard ones each is far above."""


@pytest.mark.parametrize("kind", [".", "hard"], ids=["given", "hard"])
@pytest.mark.parametrize("hours", [48, 96])
def test_a_request_with_minimum_powers_in_every_step_is_proven(
    benchmark: BenchmarkFixture, hours: int, kind: str
) -> None:
    cpu: list[float] = []

    def work() -> None:
        for path in sorted((REQUESTS / kind).glob(f"*-{hours}h-*.json")):
            request = evcc_optimizer.Request.model_validate_json(path.read_text())
            problem = evcc_optimizer.problem(request)
            began = time.process_time()
            found = plan(problem, evcc_optimizer.effort(request, 30.0))
            cpu.append(time.process_time() - began)
            assert found.proof.proven

    benchmark.pedantic(work, rounds=3)  # type: ignore[no-untyped-call]  # the plug-in's
    cuts = quantiles(cpu, n=100, method="inclusive")
    found = {"p50": cuts[49], "p95": cuts[94], "p99": cuts[98], "most": max(cpu)}
    benchmark.extra_info.update({f"cpu_{name}_s": round(seconds, 2) for name, seconds in found.items()})
    figures = ", ".join(f"{name} {seconds:.2f} s" for name, seconds in found.items())
    asked = f"asked for: p50 {MAX_P50_S[hours]} s, p99 {MAX_P99_S[hours]} s"
    print(f"\nrequests ({kind}), {hours} h: CPU {figures} ({asked})")  # noqa: T201
