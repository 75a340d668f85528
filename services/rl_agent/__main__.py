"""The command ``rl-agent``."""

import sys
from collections.abc import Sequence

from ems.contract.service import Service
from ems.service import runner
from rl_agent.app import describe, probes, run
from rl_agent.settings import Settings


def commands() -> Sequence[runner.Subcommand]:
    """The subcommands; what they import is not in the running service."""
    from rl_agent.commands import carry, evaluate, train  # noqa: PLC0415

    return train.COMMAND, evaluate.COMMAND, carry.EXPORT, carry.IMPORT


def main() -> int:
    """Runs the service; returns its exit status."""
    return runner.main(Service.RL_AGENT, Settings, run, describe=describe, probes=probes, commands=commands)


if __name__ == "__main__":
    sys.exit(main())
