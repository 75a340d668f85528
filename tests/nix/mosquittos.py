"""The mosquittos that the rights are tried on: the one that is installed, and 2.1, unpacked into a folder."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from nix.flake import ROOT
from support.brokers import MOSQUITTO

_PLUGIN = "mosquitto_dynamic_security.so"
_LIBRARIES = ("/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib")
_UNPACKED = Path(os.environ.get("MOSQUITTO_2_1", ROOT / ".tools" / "mosquitto-2.1"))


@dataclass(frozen=True)
class Programs:
    """A mosquitto's programs and its plugin for dynamic security."""

    path: str
    """Where its programs are, as a PATH."""
    plugin: Path | None

    def find(self, name: str) -> str | None:
        """One of its programs."""
        return shutil.which(name, path=self.path)

    def missing(self) -> list[str]:
        """What is needed of it and not there."""
        tools = ("mosquitto", "mosquitto_ctrl", "mosquitto_pub", "mosquitto_sub", "jq", "stdbuf")
        return [tool for tool in tools if self.find(tool) is None] + ([] if self.plugin else [_PLUGIN])


def _plugin(*folders: str | Path) -> Path | None:
    return next((Path(folder) / _PLUGIN for folder in folders if (Path(folder) / _PLUGIN).exists()), None)


_PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:{Path(MOSQUITTO or '/').parent}"
ALL = {
    "installed": Programs(_PATH, _plugin(*_LIBRARIES)),
    "2.1": Programs(f"{_UNPACKED / 'bin'}:{_PATH}", _plugin(_UNPACKED / "lib")),
}
HOW = {"installed": "Debian's mosquitto and mosquitto-clients", "2.1": "make mosquitto-2.1"}


def programs(name: str) -> Programs:
    """One of :data:`ALL`; skips, loudly, what cannot be had."""
    found = ALL[name]
    if found.missing():
        pytest.skip(
            f"!!! NO MOSQUITTO ({name}) HERE, rights are not tested on it (missing: {found.missing()}; {HOW[name]}) !!!"
        )
    return found
