"""``make audit``: age, licence and known advisories of what the services depend on; writes docs/dependencies.md.

uv reads the registry's times of upload while it resolves the locked versions, pip-audit asks it for advisories, and
licences are those of the installed packages.
"""

import json
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "dependencies.md"
OLD_DAYS = 730
"""A version that was released longer ago is marked: is anybody still at it?"""
COPYLEFT = ("GPL", "EUPL", "CeCILL")
TIMEOUT_S = 300
OFFLINE = "the package registry is not reached: age and advisories cannot be told. Try again with a network. It said:"


@dataclass(frozen=True, slots=True)
class Package:
    """One locked package."""

    name: str
    version: str
    released: datetime | None
    licence: str


class Unreachable(Exception):
    """The registry does not answer."""


def main(uv: str) -> int:
    """Writes the page; exit status 0, 1 where something wants a look, 2 without a registry."""
    now = datetime.now(UTC)
    try:
        packages = _packages(uv)
        advisories, skipped = _advisories(uv, packages)
    except Unreachable as why:
        sys.stderr.write(f"make audit: {OFFLINE}\n{why}\n")
        return 2
    PAGE.write_text(_page(packages, advisories, skipped, now), encoding="utf-8")
    sys.stdout.write(f"{PAGE.relative_to(ROOT)}: {len(packages)} packages\n")
    for name, found in advisories.items():
        sys.stdout.write(f"  {name}: {', '.join(found)}\n")
    for package in packages:
        if any(mark in package.licence for mark in COPYLEFT):
            sys.stdout.write(f"  {package.name}: {package.licence}\n")
    if skipped:
        sys.stdout.write(f"  no advisories could be looked up for {len(skipped)} of them: the registry does not tell\n")
    return 1 if advisories else 0


def _packages(uv: str) -> Sequence[Package]:
    with tempfile.TemporaryDirectory() as folder:
        lock = Path(folder) / "pylock.toml"
        command = [uv, "pip", "compile", "-q", "--format", "pylock.toml", "-c", "requirements.lock", "-o", str(lock)]
        _run([*command, "pyproject.toml"])
        found = tomllib.loads(lock.read_text("utf-8"))["packages"]
    return [Package(p["name"], p["version"], _released(p), _licence(p["name"])) for p in found]


def _released(package: Mapping[str, Any]) -> datetime | None:
    files = [*package.get("wheels", ()), *([package["sdist"]] if "sdist" in package else [])]
    times = [file["upload-time"] for file in files if "upload-time" in file]
    return min(times, default=None)


def _licence(name: str) -> str:
    try:
        about = metadata(name)
    except PackageNotFoundError:
        return "not installed here"
    classified = [c.rpartition(" :: ")[2] for c in about.get_all("Classifier") or () if c.startswith("License ::")]
    named = about.get("License-Expression") or ", ".join(classified) or about.get("License") or "not said"
    return " ".join(named.splitlines()[0].split())[:60]


def _advisories(uv: str, packages: Sequence[Package]) -> tuple[Mapping[str, Sequence[str]], frozenset[str]]:
    """The known ones by package, and the packages that nobody could be asked about."""
    with tempfile.TemporaryDirectory() as folder:
        wanted = Path(folder) / "requirements.txt"
        wanted.write_text("".join(f"{p.name}=={p.version}\n" for p in packages), encoding="utf-8")
        command = [uv, "tool", "run", "pip-audit", "-r", str(wanted), "--no-deps", "--disable-pip", "-f", "json"]
        # Status 1: there are advisories.
        told = json.loads(_run(command, allowed=(0, 1)) or "{}")
    dependencies = told.get("dependencies", [])
    found = {d["name"]: [v["id"] for v in d["vulns"]] for d in dependencies if d.get("vulns")}
    return found, frozenset(d["name"] for d in dependencies if "skip_reason" in d)


def _run(command: Sequence[str], allowed: Sequence[int] = (0,)) -> str:
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=TIMEOUT_S)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unreachable(f"{command[0]}: {type(error).__name__}") from None
    if done.returncode not in allowed or (allowed != (0,) and not done.stdout.strip()):
        raise Unreachable(done.stderr.strip()[-400:])
    return done.stdout


def _page(
    packages: Sequence[Package], advisories: Mapping[str, Sequence[str]], skipped: frozenset[str], now: datetime
) -> str:
    def known(name: str) -> str:
        return "not told" if name in skipped else ", ".join(advisories.get(name, ["none"]))

    head = (
        f"Written by `make audit` on {now:%d %B %Y}: what the services need, and what that needs, as locked in\n"
        "`requirements.lock`. Extras (demo, backtest, cluster, learn) and development tools are not on the house's "
        f"machine.\n\nAdvisories could be looked up for {len(packages) - len(skipped)} of {len(packages)} packages. "
        f"A version that was {OLD_DAYS // 365} years old by then is marked **old**."
    )
    rows = (f"| {p.name} | {p.version} | {_age(p, now)} | {p.licence} | {known(p.name)} |" for p in packages)
    table = ("| package | version | released | licence | advisories |", "|---|---|---|---|---|", *rows)
    return "\n".join(["# Dependencies", "", head, "", *table, ""])


def _age(package: Package, now: datetime) -> str:
    if package.released is None:
        return "not told"
    day = f"{package.released:%Y-%m-%d}"
    return f"{day} **old**" if (now - package.released).days > OLD_DAYS else day


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
