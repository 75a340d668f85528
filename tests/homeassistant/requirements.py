"""What Home Assistant would download at its first start with the tests' configuration, as a requirements file.

Run by the Python of an environment that has ``homeassistant``; the output is fed to ``pip install -r``.
"""

import json
import sys
from importlib import import_module
from pathlib import Path

OURS = ("mqtt", "energy", "history", "logbook", "mobile_app", "recorder", "search")
"""What the configuration adds to what always runs."""
UNSAID = ("aiohasupervisor",)
"""Imported by mqtt and analytics though their manifests do not say so."""


def requirements(components: Path, always: set[str]) -> set[str]:
    """Those of all integrations that run, and of what these depend on."""
    found, seen, waiting = set[str](), set[str](), {*OURS, *always}
    while waiting:
        seen.add(name := waiting.pop())
        manifest = json.loads((components / name / "manifest.json").read_text(encoding="utf-8"))
        found.update(manifest.get("requirements", ()))
        waiting |= {*manifest.get("dependencies", ())} - seen
    return found


def main() -> None:
    """Prints them, within Home Assistant's own constraints."""
    bootstrap = import_module("homeassistant.bootstrap")
    home = Path(str(bootstrap.__file__)).parent
    found = requirements(home / "components", bootstrap.DEFAULT_INTEGRATIONS)
    sys.stdout.write("\n".join([f"-c {home / 'package_constraints.txt'}", *UNSAID, *sorted(found), ""]))


if __name__ == "__main__":
    main()
