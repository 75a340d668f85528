"""Problems in files: our own format (``domain.problem`` as JSON) and evcc-io/optimizer's requests."""

from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from tariff_planner.adapters import evcc_optimizer
from tariff_planner.adapters.file_check import odd_places, read_object
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
    content = read_object(text)
    try:
        if "time_series" in content:
            request = evcc_optimizer.Request.model_validate(content)
            problem = evcc_optimizer.problem(request)
            return evcc_optimizer.response(request, plan(problem, evcc_optimizer.effort(request, seconds)))
        if odd := odd_places(content, schema()):
            raise ValueError("; ".join(odd))
        problem = TypeAdapter(Problem).validate_json(text)
    except ValidationError as error:
        raise ValueError("; ".join(_in_words(e) for e in error.errors(include_url=False))) from None
    solution = plan(problem, Effort(seconds=seconds))
    answer: dict[str, Any] = TypeAdapter(Solution).dump_python(solution, mode="json", by_alias=True)
    return answer | {"cost_eur": solution.cost_eur, "gap_eur": solution.proof.gap_eur}


def _in_words(error: ErrorDetails) -> str:
    path = ".".join(str(part) for part in error["loc"])
    return (
        f"{path}: {error['msg'].removeprefix('Value error, ')}" if path else error["msg"].removeprefix("Value error, ")
    )
