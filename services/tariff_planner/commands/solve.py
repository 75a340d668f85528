"""``tariff-planner solve FILE``: the service's own model on a problem in a file; prints the plan as JSON."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from ems.service.runner import Subcommand


def configure(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments."""
    parser.add_argument(
        "file", nargs="?", type=Path, metavar="FILE", help="a problem, or a request to evcc-io/optimizer"
    )
    parser.add_argument("--seconds", type=float, default=10.0, help="time limit; the best plan until then is used")
    parser.add_argument("--schema", action="store_true", help="print the JSON Schema of our own format, and end")


def run(args: argparse.Namespace) -> int:
    """Solves; exit status 0, or 1 with a line of why."""
    # Imported here: the service itself never needs them, and every start would pay for them.
    from tariff_planner.adapters import problem_file  # noqa: PLC0415

    if args.schema:
        _print(problem_file.schema())
        return 0
    if args.file is None:
        sys.stderr.write("tariff-planner solve: FILE is missing\n")
        return 1
    try:
        _print(problem_file.solve(args.file.read_text("utf-8-sig"), args.seconds))
    except (OSError, ValueError, RuntimeError) as error:
        sys.stderr.write(f"tariff-planner solve: {args.file}: {error}\n")
        return 1
    return 0


def _print(answer: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")


COMMAND = Subcommand("solve", "plan the problem in a file, and print the plan as JSON", configure, run)
