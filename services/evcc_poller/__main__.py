"""The command ``evcc-poller``."""

import sys

from ems.contract.service import Service
from ems.runtime import runner
from evcc_poller.app import describe, probe, run
from evcc_poller.settings import Settings


def main() -> int:
    """Runs the service; returns its exit status."""
    return runner.main(Service.EVCC_POLLER, Settings, run, describe=describe, probe=probe)


if __name__ == "__main__":
    sys.exit(main())
