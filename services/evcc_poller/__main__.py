"""The command ``evcc-poller``."""

import sys

from ems.contract.service import Service
from ems.service import runner
from evcc_poller import restore
from evcc_poller.app import describe, probes, run
from evcc_poller.settings import Settings

COMMANDS = (
    runner.Subcommand(
        "restore", "leave evcc to itself after the service has ended (for ExecStopPost=)", lambda _: None, restore.run
    ),
)


def main() -> int:
    """Runs the service; returns its exit status."""
    return runner.main(
        Service.EVCC_POLLER,
        Settings,
        run,
        describe=describe,
        probes=probes,
        evcc_root=lambda settings: settings.evcc.mqtt_root,
        evcc_url=lambda settings: str(settings.evcc.url),
        commands=lambda: COMMANDS,
    )


if __name__ == "__main__":
    sys.exit(main())
