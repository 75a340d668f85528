"""The project's real flake, evaluated: over a real nixpkgs when ``NIXPKGS`` says where one is, else over stand-ins."""

import atexit
import functools
import json
import os
import re
import shutil
import site
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
STUBS = Path(__file__).parent / "stubs"
NIX = shutil.which("nix")
NIXPKGS = os.environ.get("NIXPKGS")
NIXPKGS_LIB = os.environ.get("NIXPKGS_LIB")
"""A checkout of nixpkgs' library alone (nix-community/nixpkgs.lib): the stand-in's modules are evaluated by it then."""
NIXOS = os.environ.get("NIXOS")
"""A folder that holds nixpkgs' folder ``nixos``, without the packages: NixOS itself is evaluated, with NIXPKGS_LIB."""
SOPS_NIX = os.environ.get("SOPS_NIX")
FLAKE_PARTS = os.environ.get("FLAKE_PARTS")
"""A checkout of hercules-ci/flake-parts, which asks for NIXPKGS_LIB; else a stand-in of one line."""

NO_NIX = "!!! NIX IS NOT INSTALLED: nothing about NixOS is tested here. On Debian: apt-get install nix-bin !!!"

PARTS = (
    "flake.nix", "flake.lock", ".sops.yaml", "nix", "pyproject.toml", "README.md", "LICENSE", "docs/home-assistant"
)  # fmt: skip
"""What the flake is evaluated from."""


def nix() -> str:
    """The nix program; skips the test, loudly, where there is none."""
    if NIX is None:
        pytest.skip(NO_NIX)
    return NIX


@dataclass(frozen=True)
class Flake:
    """A copy of the flake and a store of its own, so that nothing on the machine is touched."""

    home: Path

    @property
    def tree(self) -> Path:
        """Where the copy is."""
        return self.home / "tree"

    @property
    def store(self) -> Path:
        """Where what it writes is."""
        return self.home / "store"

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A nix command with this store."""
        own = {
            "NIX_REMOTE": "",
            "NIX_STORE_DIR": str(self.store),
            "NIX_STATE_DIR": str(self.home / "state"),
            "NIX_LOG_DIR": str(self.home / "log"),
            "XDG_CACHE_HOME": str(self.home / "cache"),
            "NIX_CONFIG": "build-users-group =\nextra-experimental-features = nix-command flakes\nsandbox = false",
        }
        return subprocess.run(
            [nix(), *arguments], env=os.environ | own, capture_output=True, text=True, check=False, timeout=600
        )

    def evaluate(self, attribute: str, apply: str | None = None, *, example: str | None = None) -> Any:
        """The value of an attribute of the flake, or of that of one of its examples.

        Raises:
            EvaluationError: in nix's words.
        """
        done = self.run(
            *("eval", "--offline", "--json", "--no-write-lock-file", *(self._example() if example else inputs())),
            f"path:{self.tree / 'nix' / 'examples' / example if example else self.tree}#{attribute}",
            *(("--apply", apply) if apply else ()),
        )
        if done.returncode:
            raise EvaluationError(done.stderr)
        return json.loads(done.stdout)

    def _example(self) -> list[str]:
        """The inputs of an example: this flake, and what itself takes."""
        parts = FLAKE_PARTS or STUBS / "flake-parts"
        library = {"flake-parts/nixpkgs-lib": NIXPKGS_LIB} if FLAKE_PARTS else {}
        return [*inputs(), *inputs("evcc-ems/"), *_given({"evcc-ems": self.tree, "flake-parts": parts, **library})]

    def text(self, path: str) -> str:
        """What a file that nix has written says."""
        return there(path).read_text(encoding="utf-8")


def there(path: str) -> Path:
    """A file that nix has written. A real nixpkgs only plans it: then this skips the test, loudly."""
    if NIXPKGS is not None and not Path(path).exists():
        pytest.skip(f"!!! NOT BUILT: {path}; with NIXPKGS set, what has to be built first is not looked at !!!")
    return Path(path)


def _given(inputs: Mapping[str, str | Path | None]) -> list[str]:
    return [word for name, path in inputs.items() for word in ("--override-input", name, f"path:{path}")]


def inputs(whose: str = "") -> list[str]:
    """Arguments of nix that give a flake its inputs, or those of one of its inputs."""
    nixpkgs, sops = NIXPKGS or stand_in(), SOPS_NIX or STUBS / "sops-nix"
    return _given({f"{whose}nixpkgs": nixpkgs, f"{whose}sops-nix": sops})


class EvaluationError(Exception):
    """The flake does not evaluate."""


@functools.cache
def stand_in() -> Path:
    """The stand-in for nixpkgs: with its own small library, or with the real one that ``NIXPKGS_LIB`` names."""
    if NIXPKGS_LIB is None:
        return STUBS / "nixpkgs"
    place = Path(tempfile.mkdtemp(prefix="evcc-ems-nixpkgs-"))
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    shutil.copytree(STUBS / "nixpkgs", place / "nixpkgs", ignore=shutil.ignore_patterns("lib"))
    shutil.copytree(Path(NIXPKGS_LIB) / "lib", place / "nixpkgs" / "lib")
    if NIXOS is not None:
        nixos = place / "nixpkgs" / "nixos"
        shutil.copytree(Path(NIXOS) / "nixos", nixos, ignore=shutil.ignore_patterns("tests"))
        (place / "nixpkgs" / "words.json").write_text(json.dumps(_words(nixos)))
    return place / "nixpkgs"


def _words(nixos: Path) -> dict[str, list[str]]:
    """All that NixOS's modules could mean when they name a package, or a part of one."""
    text = "\n".join(each.read_text(encoding="utf-8") for each in nixos.rglob("*.nix"))
    word = r"[A-Za-z][\w'-]*"
    parts = re.findall(rf"(?:pkgs\w*|[pP]ackage)\.(?:{word}\.)?({word})", text)
    return {"names": sorted(set(re.findall(word, text))), "parts": sorted({*parts, "bin", "dev", "lib", "man", "out"})}


@functools.cache
def flake() -> Flake:
    """The flake as it is now; made once a process."""
    nix()
    home = Path(tempfile.mkdtemp(prefix="evcc-ems-nix-"))
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    (home / "tree").mkdir()
    for part in PARTS:
        source = ROOT / part
        if source.is_dir():
            shutil.copytree(source, home / "tree" / part, ignore=shutil.ignore_patterns("__pycache__", "*.png"))
        else:
            shutil.copy(source, home / "tree" / part)
    return Flake(home)


def with_module(module: str) -> Flake:
    """A copy of the flake whose evcc-01 has one module more, given as Nix text."""
    base = flake()
    home = Path(tempfile.mkdtemp(prefix="changed-", dir=base.home))
    shutil.copytree(base.tree, home / "tree")
    more = home / "tree" / "nix" / "hosts" / "evcc-01" / "house.nix"
    text = more.read_text(encoding="utf-8")
    more.with_name("house-itself.nix").write_text(text, encoding="utf-8")
    more.write_text(f"{{ imports = [ ./house-itself.nix ({module}) ]; }}\n", encoding="utf-8")
    return Flake(home)


@functools.cache
def services() -> tuple[str, ...]:
    """The suite's services that evcc-01 runs."""
    return tuple(flake().evaluate("lib.services"))


@functools.cache
def units() -> dict[str, Any]:
    """The suite's units on evcc-01 by service, as NixOS has them: ``systemd.services``."""
    found = flake().evaluate("nixosConfigurations.evcc-01.config.systemd.services", units_of(*map(unit, services())))
    return {service: found[unit(service)] for service in services()}


def units_of(*names: str) -> str:
    """A function of ``systemd.services``: these units, as far as :func:`nix.unit_text.unit_text` looks at them."""
    parts = " ".join(
        f"{part} = unit.{part} or {default};"
        for part, default in {
            "after": "[ ]",
            "description": '""',
            "environment": "{ }",
            "partOf": "[ ]",
            "preStart": '""',
            "requires": "[ ]",
            "serviceConfig": "{ }",
            "unitConfig": "{ }",
            "wantedBy": "[ ]",
            "wants": "[ ]",
        }.items()
    )
    chosen = " ".join(f'"{name}"' for name in names)
    return f"all: builtins.listToAttrs (map (name: let unit = all.${{name}}; in {{ inherit name; value = {{ {parts} }}; }}) [ {chosen} ])"  # noqa: E501  Nix


@functools.cache
def wheel() -> Path:
    """The suite's package, built by Nix from its expression with a toy of nixpkgs' builder; made once a process.

    Raises:
        EvaluationError: it cannot be built, in the builder's words.
    """
    tree = Path(tempfile.mkdtemp(prefix="source-", dir=flake().home))
    shutil.copytree(flake().tree, tree, dirs_exist_ok=True)
    for part in ("services", "shared"):
        shutil.copytree(ROOT / part, tree / part, ignore=shutil.ignore_patterns("__pycache__"))
    library = ("--arg", "lib", f"import {NIXPKGS_LIB}/lib") if NIXPKGS_LIB else ()
    done = flake().run(
        *("build", "--impure", "--no-link", "--json", "--file", str(STUBS.parent / "toy")),
        *("--arg", "tree", str(tree), *library),
        *("--argstr", "bash", shutil.which("bash") or "/bin/bash"),
        *("--argstr", "python", sys.executable, "--argstr", "packages", site.getsitepackages()[0]),
    )
    if done.returncode:
        raise EvaluationError(done.stderr)
    return Path(json.loads(done.stdout)[0]["outputs"]["out"])


def unit(service: str) -> str:
    """The name of a service's unit."""
    return f"evcc-ems-{service}"
