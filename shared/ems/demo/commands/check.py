"""``ems check``: the settings of every installed service, checked by the service itself."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from ems.contract.service import SERVICES
from ems.demo.terminal.display import print_line

SUFFIXES = (".yaml", ".yml", ".json")


def check(folder: Path) -> int:
    """Runs ``--check`` of every installed service on ``folder/<service>.yaml`` (or .yml, .json).

    Returns:
        0 when all settings that are there are good, the first other status when not, 1 when there are none at all.
    """
    statuses = []
    for service in SERVICES:
        module = service.replace("-", "_")
        if find_spec(module) is None or find_spec(f"{module}.__main__") is None:
            print_line(f"{service}: not installed")
            continue
        file = next((f for suffix in SUFFIXES if (f := folder / f"{service}{suffix}").exists()), None)
        if file is None:
            print_line(f"{service}: no settings ({folder / service}.yaml)")
            continue
        print_line(f"{service}:")
        statuses.append(subprocess.call((sys.executable, "-m", module, "--check", "--config", str(file))))  # noqa: S603  our own module and a path
    return next((status for status in statuses if status), 0) if statuses else 1
