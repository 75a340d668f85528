"""``vehicle-soc --config FILE [--check | login NAME]``."""

import sys

from ems.contract.service import Service
from ems.service import runner
from vehicle_soc.app import run
from vehicle_soc.cli import configure_login, describe, login, probes
from vehicle_soc.settings import Settings

LOGIN = runner.Subcommand("login", "log in to a car's cloud, with the code that it sends", configure_login, login)


def main() -> int:
    """The program."""
    return runner.main(Service.VEHICLE_SOC, Settings, run, describe=describe, probes=probes, commands=lambda: [LOGIN])


if __name__ == "__main__":
    sys.exit(main())
