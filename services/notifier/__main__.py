"""``notifier --config FILE [--check]``."""

import sys

from ems.contract.service import Service
from ems.service import runner
from notifier.app import run
from notifier.cli import describe, probes
from notifier.settings import Settings


def main() -> int:
    """The program."""
    return runner.main(Service.NOTIFIER, Settings, run, describe=describe, probes=probes)


if __name__ == "__main__":
    sys.exit(main())
