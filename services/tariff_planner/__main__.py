"""The command ``tariff-planner``."""

import sys

from ems.contract.service import Service
from ems.service import runner
from tariff_planner.app import describe, run
from tariff_planner.commands import backtest, solve, worker
from tariff_planner.settings import Settings


def main() -> int:
    """Runs the service; returns its exit status."""
    return runner.main(
        Service.TARIFF_PLANNER,
        Settings,
        run,
        describe=describe,
        commands=(backtest.COMMAND, solve.COMMAND, worker.COMMAND),
    )


if __name__ == "__main__":
    sys.exit(main())
