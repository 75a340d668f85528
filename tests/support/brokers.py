"""Real brokers on loopback, each in a directory of its own, that a test may start, freeze and kill."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import override

from ems.demo.broker import RUMQTTD, free_port
from ems.runtime.settings import MqttSettings
from support.patience import PATIENCE_S

MOSQUITTO = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")
"""Where mosquitto is, or None: Debian keeps it outside of most people's path."""
DYNAMIC_SECURITY = next(Path("/usr").glob("lib*/**/mosquitto_dynamic_security.so"), None)
"""mosquitto's plugin for rights, or None."""


class Broker(ABC):
    """A broker under a test's control: a process that listens on a port."""

    def __init__(self) -> None:
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._frozen = False

    @property
    def away(self) -> bool:
        """Whether it is ended or frozen."""
        return self._process is None or self._frozen

    @property
    def pid(self) -> int:
        """Of its process, while it runs."""
        assert self._process is not None, "it does not run"
        return self._process.pid

    @abstractmethod
    def command(self) -> Sequence[str]:
        """What is run."""

    def start(self) -> None:
        """Starts it and waits until it takes connections."""
        assert self._process is None, "it runs already"
        self._process = subprocess.Popen(self.command(), stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)
        wait_for_port(self.port)

    def kill(self) -> None:
        """Ends it at once, as a power cut does."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def freeze(self) -> None:
        """Connections stay open, nothing is answered."""
        self._signal(signal.SIGSTOP)
        self._frozen = True

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)
        self._frozen = False

    def reload(self) -> None:
        """Reads its configuration and ACLs again."""
        self._signal(signal.SIGHUP)

    def settings(self, **more: object) -> MqttSettings:
        """What a service needs to know to connect."""
        return MqttSettings.model_validate({"host": "127.0.0.1", "port": self.port, **more})

    def _signal(self, number: int) -> None:
        assert self._process is not None, "it does not run"
        self._process.send_signal(number)

    def _end(self, number: int) -> None:
        if self._process is not None:
            self._process.send_signal(number)
            self._process.send_signal(signal.SIGCONT)
            self._process.communicate(timeout=PATIENCE_S)
            self._process, self._frozen = None, False


class Mosquitto(Broker):
    """Debian's mosquitto. ``extra`` are lines of its configuration; without any, everybody may do everything."""

    def __init__(self, home: Path, extra: Sequence[str] = ()) -> None:
        super().__init__()
        self.config = home / "mosquitto.conf"
        user = ["user root"] if os.geteuid() == 0 else []
        lines = ["set_tcp_nodelay true", f"listener {self.port} 127.0.0.1", *user, *(extra or ["allow_anonymous true"])]
        self.config.write_text("\n".join([*lines, ""]))

    @override
    def command(self) -> Sequence[str]:
        assert MOSQUITTO is not None, "mosquitto is not installed"
        return [MOSQUITTO, "-c", str(self.config)]


class Embedded(Broker):
    """The broker of the demo (rumqttd), for machines without mosquitto. It knows no ACLs."""

    def __init__(self, home: Path) -> None:
        super().__init__()
        self.config = home / "rumqttd.toml"
        self.config.write_text(RUMQTTD.format(port=self.port))

    @override
    def command(self) -> Sequence[str]:
        return [sys.executable, "-m", "iotcore", "--config", str(self.config), "--log-level", "CRITICAL"]


def wait_for_port(port: int, within_s: float = PATIENCE_S) -> None:
    """Returns when something listens on ``port``."""
    deadline = time.monotonic() + within_s
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            assert time.monotonic() < deadline, f"nothing listens on {port}"
            time.sleep(0.02)
        else:
            return
