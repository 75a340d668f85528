"""A machine under a real systemd: the project's units, with a real mosquitto and the simulated evcc, in systemd-nspawn.

The machine's root is the host's, seen through an overlay whose upper half is in memory: it has the host's programs, and
nothing on the host changes. What lies in a Nix store is put at /nix/store; the suite is the package that Nix has
built from the project's own expression.
"""

import compileall
import re
import shutil
import site
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from nix.flake import ROOT, Flake
from nix.unit_text import unit_text
from support.patience import PATIENCE_S

PYTHON = Path(sys.base_prefix).resolve()
PACKAGES = Path(site.getsitepackages()[0])
SUITE = "/nix/store/00000000000000000000000000000000-evcc-ems"
_STARTS_WITHIN_S = 2 * PATIENCE_S
"""A machine that is given up is skipped, and a busy one must not be."""


class NoMachine(Exception):
    """This kernel, or these rights, allow none; the text says what was tried."""


class Machine:
    """Booted by :meth:`boot`, gone after :meth:`end`."""

    def __init__(self, memory: Path, broker: str = "") -> None:
        self.broker = broker
        """The name of its mosquitto."""
        self._memory = memory
        self.root = memory / "root"
        self._process: subprocess.Popen[bytes] | None = None
        self._leader = 0

    def prepare(self) -> None:
        """Makes the root; raises :class:`NoMachine`."""
        self._memory.mkdir(parents=True)
        _try("mount", "-t", "tmpfs", "tmpfs", self._memory)
        for name in ("upper", "work", "root"):
            (self._memory / name).mkdir()
        halves = f"lowerdir=/,upperdir={self._memory}/upper,workdir={self._memory}/work"
        _try("mount", "-t", "overlay", "overlay", "-o", halves, self.root)
        # Nothing of the host's own may start: only what a test asks for.
        for folder in (self.root / "etc/systemd/system", self.root / "lib/systemd/system/multi-user.target.wants"):
            shutil.rmtree(folder, ignore_errors=True)
        self.file("/etc/systemd/system/rig.target", "[Unit]\nRequires=basic.target\nAfter=basic.target\n")
        self.file("/etc/machine-id", "")
        self.file("/etc/hosts", "127.0.0.1 localhost mqtt-01.vm.mares.id\n")

    @property
    def changes(self) -> Path:
        """All that was ever written on the machine's disk."""
        return self._memory / "upper"

    def file(self, path: str, text: str, mode: int = 0o644) -> None:
        """A file of the machine."""
        place = self.root / path.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.unlink(missing_ok=True)
        place.write_text(text, encoding="utf-8")
        place.chmod(mode)

    def unit(self, name: str, service: Mapping[str, Any], source: Flake) -> None:
        """A unit that NixOS would make; what it names in the store of ``source`` comes along."""
        first = service.get("preStart", "")
        if first:
            self.file(f"/opt/rig-start/{name}", f"#!/bin/sh\nset -e\n{self._moved(first, str(source.store))}", 0o555)
            service = {
                **service,
                "serviceConfig": {**service["serviceConfig"], "ExecStartPre": f"/opt/rig-start/{name}"},
            }
        self.file(f"/etc/systemd/system/{name}.service", self._moved(unit_text(service), str(source.store)))

    def _moved(self, text: str, store: str) -> str:
        """``text`` with every store path below /nix/store, where its content now is."""
        for path in set(re.findall(rf"{re.escape(store)}/[\w.+-]+(?:/bin/[^\s]+)?", text)):
            root = Path(path).parents[1] if "/bin/" in path else Path(path)
            if root.is_file():
                self.file("/nix/store" + path.removeprefix(store), self._moved(root.read_text(), store), 0o555)
        return text.replace(store, "/nix/store")

    def program(self, module: str, path: str) -> None:
        """A Python program at ``path``, with the suite's wheel before everything else."""
        environment = "LD_LIBRARY_PATH=/opt/rig/python/lib PYTHONDONTWRITEBYTECODE=1"
        source = f"PYTHONPATH={SUITE}/lib/python3.{sys.version_info.minor}/site-packages:/opt/rig/packages"
        python = f"/opt/rig/python/bin/python3.{sys.version_info.minor}"
        self.file(path, f'#!/bin/sh\nexec env {environment} {source} {python} {module} "$@"\n', 0o555)

    def install(self, built: Path) -> None:
        """The suite's package, as it was built, at the place that the units name."""
        place = self.root / SUITE.lstrip("/")
        shutil.copytree(built, place, copy_function=shutil.copy)
        # As Nix does it; and nobody may write there later.
        compileall.compile_dir(place / "lib", quiet=2, stripdir=self.root)

    def stand_in(self, path: str, program: str | Path) -> None:
        """At ``path``, the host's ``program``."""
        self.file(path, f'#!/bin/sh\nexec {program} "$@"\n', 0o555)

    def copy(self, path: str, source: Path) -> None:
        """At ``path``, the host's file ``source``."""
        place = self.root / path.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.unlink(missing_ok=True)
        shutil.copy(source, place)

    def boot(self) -> None:
        """Starts systemd; raises :class:`NoMachine`."""
        binds = [f"--bind-ro={PYTHON}:/opt/rig/python", f"--bind-ro={PACKAGES}:/opt/rig/packages"]
        with (self._memory / "console").open("wb") as log:
            self._process = subprocess.Popen(
                [
                    # A test run that is killed must not leave a machine behind.
                    *("setpriv", "--pdeathsig", "KILL", "--"),
                    *("systemd-nspawn", "--quiet", "-D", self.root, "--register=no", "--keep-unit", "--console=pipe"),
                    *("--private-network", "--machine=rig", *binds, f"--bind-ro={ROOT}:/opt/rig/checkout"),
                    *("--boot", "systemd.unit=rig.target"),
                ],
                env={"SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"},
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip
        deadline = time.monotonic() + _STARTS_WITHIN_S
        while self._process.poll() is None and time.monotonic() < deadline:
            self._leader = _child(self._process.pid)
            if self._leader and self.run("systemctl", "is-active", "rig.target").stdout.strip() == "active":
                return
            time.sleep(0.1)
        words = (self._memory / "console").read_text(errors="replace")[-2000:]
        raise NoMachine(f"systemd does not start in systemd-nspawn: {words}")

    def run(self, *command: str | Path, within_s: float = 60) -> subprocess.CompletedProcess[str]:
        """A command on the machine, as root."""
        return subprocess.run(
            ["nsenter", "-t", str(self._leader), "-m", "-p", "-n", "-u", "-i", "-C", *command],
            capture_output=True, text=True, check=False, timeout=within_s,
        )  # fmt: skip

    def show(self, unit: str, key: str) -> str:
        """One property of a unit."""
        return self.run("systemctl", "show", "-P", key, unit).stdout.strip()

    def journal(self, unit: str) -> str:
        """What a unit said."""
        return self.run("journalctl", "--no-pager", "-o", "cat", "-u", unit).stdout

    def end(self) -> None:
        """Ends everything, whatever state it is in."""
        if self._process is not None:
            if self._leader:
                with suppress(ProcessLookupError, subprocess.TimeoutExpired):
                    self.run("systemctl", "--no-block", "exit", within_s=5)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(5)
            if self._process.poll() is None:
                self._process.kill()
                self._process.wait()
        for place in (self.root, self._memory):
            subprocess.run(["umount", "-l", place], check=False, capture_output=True)
        with suppress(OSError):
            self._memory.rmdir()


def _try(*command: str | Path) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NoMachine(f"{' '.join(map(str, command))}: {done.stderr.strip()}")


def _child(pid: int) -> int:
    """The machine's first process: what systemd-nspawn has started; 0 when it is not there yet."""
    with suppress(OSError, ValueError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                return int(child)
    return 0
