"""A real mosquitto with dynamic security, and the project's own way to fill it."""

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from nix.flake import ROOT, flake
from support.brokers import MOSQUITTO, Mosquitto

PLUGINS = (
    "/usr/lib/x86_64-linux-gnu/mosquitto_dynamic_security.so",
    "/usr/lib/aarch64-linux-gnu/mosquitto_dynamic_security.so",
    "/usr/lib/mosquitto_dynamic_security.so",
)
PLUGIN = next((path for path in PLUGINS if Path(path).exists()), None)
TOOLS = ("mosquitto_ctrl", "mosquitto_pub", "mosquitto_sub", "jq", "stdbuf")
MISSING = [tool for tool in TOOLS if shutil.which(tool) is None]


@dataclass(frozen=True)
class Guarded:
    """A broker that lets nobody in but its administrator, until rights are applied."""

    home: Path
    broker: Mosquitto
    wanted: dict[str, Any]

    @property
    def state(self) -> Path:
        """Where the plugin keeps everything."""
        return self.home / "dynamic-security.json"

    def clients(self) -> list[str]:
        """Who is to have an account."""
        return [client["username"] for client in self.wanted["clients"]]

    def password(self, client: str) -> str:
        """Somebody's password; with what a careless script stumbles over."""
        return f'{client} \'s "pässword" $HOME \\ #1'

    def apply(self, *, passwords: Sequence[str] | None = None) -> str:
        """Runs what the oneshot on mqtt-01 runs; returns what it says.

        Raises:
            AssertionError: it failed.
        """
        credentials, runtime = self.home / "credentials", self.home / "runtime"
        shutil.rmtree(credentials, ignore_errors=True)
        credentials.mkdir()
        runtime.mkdir(exist_ok=True)
        (credentials / "admin").write_text(self.password("admin"))
        for client in self.clients() if passwords is None else passwords:
            (credentials / f"password-{client}").write_text(self.password(client) + "\n")
        wanted = self.home / "wanted.json"
        wanted.write_text(json.dumps(self.wanted))
        own = {
            "HOST": "127.0.0.1",
            "PORT": str(self.broker.port),
            "ADMIN": "admin",
            "CREDENTIALS_DIRECTORY": str(credentials),
            "RUNTIME_DIRECTORY": str(runtime),
        }
        folder = ROOT / "nix" / "lib" / "dynsec"
        # As writeShellApplication runs it.
        options = ("-o", "errexit", "-o", "nounset", "-o", "pipefail")
        done = subprocess.run(
            ["bash", *options, folder / "apply.sh", folder / "plan.jq", wanted],
            env=os.environ | own, capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        assert list(runtime.iterdir()) == [], "logins are left behind"
        return done.stdout

    def ctrl(self, *words: str) -> subprocess.CompletedProcess[str]:
        """``mosquitto_ctrl`` as the administrator: the owner's ``mctl``."""
        options = ("-h", "127.0.0.1", "-p", str(self.broker.port), "-u", "admin", "-P", self.password("admin"))
        return subprocess.run(
            ["mosquitto_ctrl", *options, *words],
            input="pw\npw\n",
            capture_output=True,
            text=True,
            check=False,
            timeout=20,
        )


def guarded(home: Path) -> Guarded:
    """A broker as ``mosquitto_ctrl dynsec init`` leaves it, started; skips, loudly, what cannot be had."""
    if MOSQUITTO is None or PLUGIN is None or MISSING:
        pytest.skip(
            f"!!! NO BROKER WITH DYNAMIC SECURITY HERE (missing: {MISSING or 'mosquitto'}): rights are not tested !!!"
        )
    broker = Mosquitto(
        home,
        ["allow_anonymous false", f"plugin {PLUGIN}", f"plugin_opt_config_file {home / 'dynamic-security.json'}"],
    )
    made = Guarded(home, broker, flake().evaluate("lib.dummyHosts.mqtt-01.config.roles.mqtt-evcc.wanted"))
    subprocess.run(
        ["mosquitto_ctrl", "dynsec", "init", made.state, "admin", made.password("admin")],
        check=True, capture_output=True,
    )  # fmt: skip
    broker.start()
    return made
