"""The command ``tariff-planner``."""

import sys
from collections.abc import Sequence

from ems.contract.service import Service
from ems.service import runner
from tariff_planner.app import describe, run
from tariff_planner.settings import Settings


def commands() -> Sequence[runner.Subcommand]:
    """The subcommands; what they import is not in the running service."""
    from tariff_planner.commands import backtest, solve, worker  # noqa: PLC0415

    return backtest.COMMAND, solve.COMMAND, worker.COMMAND


def main() -> int:
    """Runs the service; returns its exit status."""
    return runner.main(Service.TARIFF_PLANNER, Settings, run, describe=describe, commands=commands)


if __name__ == "__main__":
    sys.exit(main())
