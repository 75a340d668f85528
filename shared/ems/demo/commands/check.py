"""``ems check``: every service's settings, and whether they would work, checked by the services themselves."""

import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ems.contract.service import SERVICES, Service
from ems.demo.terminal.display import print_line
from ems.runtime.notation import settings_file
from ems.service.runner import EXIT_SETTINGS

SUFFIXES = (".yaml", ".yml", ".json")


def check(folder: Path, *, offline: bool = False) -> int:
    """Runs ``--check`` of every service of this version on ``folder/<service>.yaml`` (or .yml, .json), all at once.

    Returns:
        0 when all is well, 78 when some settings are wrong or none are there, 1 when something does not work now.
    """
    files: dict[Service, Path] = {}
    for service in installed():
        file = next((f for suffix in SUFFIXES if (f := folder / f"{service}{suffix}").exists()), None)
        if file is None:
            print_line(f"{service}: no settings ({folder / service}.yaml)")
        else:
            files[service] = file
    running = {service: _start(service, file, offline=offline) for service, file in files.items()}
    statuses = []
    for service, process in running.items():
        said, _ = process.communicate()
        print_line(f"{service}:\n{said.rstrip()}")
        statuses.append(process.returncode)
    shared = list(shared_names(files))
    for line in shared:
        print_line(f"PROBLEM  {line}")
    if not files or EXIT_SETTINGS in statuses or shared:
        return EXIT_SETTINGS
    return 1 if any(statuses) else 0


def installed() -> list[Service]:
    """The services that this version has."""
    return [service for service in SERVICES if find_spec(_module(service)) is not None]


def shared_names(files: Mapping[Service, Path]) -> Iterable[str]:
    """Services that would throw each other out of the broker, because they connect with one client id."""
    by_name: dict[str, list[str]] = defaultdict(list)
    for service, file in files.items():
        by_name[_client_id(service, file)].append(service)
    for name, services in by_name.items():
        if len(services) > 1:
            both = " and ".join(services)
            yield f"{both} have the same mqtt.client_id {name}; each needs its own, or leave it out"


def _client_id(service: Service, file: Path) -> str:
    try:
        mqtt: Any = settings_file.read(file).get("mqtt")
    except settings_file.UnreadableError:
        mqtt = None  # the service says it
    return str(mqtt.get("client_id") or service) if isinstance(mqtt, dict) else str(service)


def _module(service: Service) -> str:
    return service.replace("-", "_")


def _start(service: Service, file: Path, *, offline: bool) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", _module(service), "--check", "--config", str(file)]
    return subprocess.Popen(  # noqa: S603  our own module and a path
        command + (["--offline"] if offline else []), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
