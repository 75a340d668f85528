"""Problems in files: our own format (``domain.problem`` as JSON) and evcc-io/optimizer's requests."""

import json
from typing import Any

from pydantic import TypeAdapter, ValidationError

from tariff_planner.adapters import evcc_optimizer
from tariff_planner.domain.milp.branch_and_bound import Effort
from tariff_planner.domain.milp.solve import plan
from tariff_planner.domain.problem.problem import Problem
from tariff_planner.domain.problem.solution import Solution


def schema() -> dict[str, Any]:
    """The JSON Schema of our own format."""
    return TypeAdapter(Problem).json_schema()


def solve(text: str, seconds: float) -> dict[str, Any]:
    """The plan for the problem in ``text``, in the format that it came in.

    Raises:
        ValueError: says what is wrong with the text.
        RuntimeError: no plan was found in time.
    """
    content = json.loads(text)
    if not isinstance(content, dict):
        raise ValueError("must be a JSON object")  # noqa: TRY004  # one kind of error for all that is wrong in a file
    try:
        if "time_series" in content:
            request = evcc_optimizer.Request.model_validate(content)
            problem = evcc_optimizer.problem(request)
            return evcc_optimizer.response(request, plan(problem, evcc_optimizer.effort(request, seconds)))
        problem = TypeAdapter(Problem).validate_python(content)
    except ValidationError as error:
        raise ValueError("; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())) from None
    solution = plan(problem, Effort(seconds=seconds))
    answer: dict[str, Any] = TypeAdapter(Solution).dump_python(solution, mode="json", by_alias=True)
    return answer | {"cost_eur": solution.cost_eur, "gap_eur": solution.proof.gap_eur}
