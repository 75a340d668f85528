"""A real mosquitto with dynamic security, and the project's own way to fill it."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, override

from nix.flake import ROOT, flake
from nix.mosquittos import Programs, programs
from support.brokers import Broker


class RolesBroker(Broker):
    """A mosquitto with the listener that the role makes, on loopback, in a folder of its own."""

    def __init__(self, home: Path, its: Programs, *, listener: str | None = None) -> None:
        super().__init__()
        self._its = its
        self.config = home / "mosquitto.conf"
        text = flake().evaluate("lib.dummyHosts.mqtt-01.config.roles.mqtt-evcc.listener.text")
        text = (listener or text).replace("listener 1883", f"listener {self.port} 127.0.0.1")
        text = text.replace("/var/lib/mosquitto/dynamic-security.json", str(home / "dynamic-security.json"))
        included = home / "include"
        included.mkdir()
        text = re.sub(r"plugin \S+dynamic_security.so", f"plugin {its.plugin}", text)
        (included / "listener.conf").write_text(text)
        user = "user root\n" if os.geteuid() == 0 else ""
        self.config.write_text(f"per_listener_settings true\n{user}include_dir {included}\n")

    @override
    def command(self) -> Sequence[str]:
        return [str(self._its.find("mosquitto")), "-c", str(self.config)]


@dataclass(frozen=True)
class Guarded:
    """A broker that lets nobody in but its administrator, until rights are applied."""

    home: Path
    broker: RolesBroker
    its: Programs
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

    def apply(self, *, passwords: Sequence[str] | None = None, **more: str) -> str:
        """Runs what the oneshot on mqtt-01 runs, with ``more`` in its environment; returns what it says.

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
            "WANTED": str(wanted),
            **more,
        }
        done = self.dynsec(own)
        assert done.returncode == 0, done.stdout + done.stderr
        assert list(runtime.iterdir()) == [], "logins are left behind"
        return done.stdout

    def dynsec(
        self, environment: dict[str, str], *arguments: str | Path, within: Sequence[str] = ()
    ) -> subprocess.CompletedProcess[str]:
        """The program itself, as writeShellApplication runs it; ``within`` is a command that it is an argument of."""
        folder = ROOT / "nix" / "lib" / "dynsec"
        options = ("-o", "errexit", "-o", "nounset", "-o", "pipefail")
        own = {"PATH": self.its.path, "PLAN": str(folder / "plan.jq"), "LANG": "C.UTF-8"}
        return subprocess.run(
            [*within, "bash", *options, folder / "apply.sh", *arguments],
            env=own | environment, capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip

    def ctrl(self, *words: str) -> subprocess.CompletedProcess[str]:
        """``mosquitto_ctrl`` as the administrator: the owner's ``mctl``."""
        options = ("-h", "127.0.0.1", "-p", str(self.broker.port), "-u", "admin", "-P", self.password("admin"))
        return subprocess.run(
            [str(self.its.find("mosquitto_ctrl")), *options, *words],
            input="pw\npw\n",
            capture_output=True,
            text=True,
            check=False,
            timeout=20,
        )


def guarded(home: Path, mosquitto: str = "installed", **listener: str) -> Guarded:
    """A broker with the role's listener, as it is when it first starts; skips, loudly, what cannot be had."""
    its = programs(mosquitto)
    broker = RolesBroker(home, its, **listener)
    made = Guarded(home, broker, its, flake().evaluate("lib.dummyHosts.mqtt-01.config.roles.mqtt-evcc.wanted"))
    subprocess.run(
        [str(its.find("mosquitto_ctrl")), "dynsec", "init", made.state, "admin"],
        input=f"{made.password('admin')}\n" * 2, check=True, capture_output=True, text=True,
    )  # fmt: skip
    broker.start()
    return made
