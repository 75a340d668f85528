"""The command ``rl-agent``."""

import sys

from ems.contract.service import Service
from ems.service import runner
from rl_agent.app import describe, probes, run
from rl_agent.commands import carry, evaluate, train
from rl_agent.settings import Settings

COMMANDS = (train.COMMAND, evaluate.COMMAND, carry.EXPORT, carry.IMPORT)


def main() -> int:
    """Runs the service; returns its exit status."""
    return runner.main(Service.RL_AGENT, Settings, run, describe=describe, probes=probes, commands=COMMANDS)


if __name__ == "__main__":
    sys.exit(main())
