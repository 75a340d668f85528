"""install.py WHEEL OUT: unpacks a wheel, writes its console scripts, and asks what nixpkgs asks of its metadata."""

import configparser
import os
import re
import sys
import zipfile
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def main(wheel: str, out: str) -> None:
    site = Path(out) / "lib" / f"python3.{sys.version_info.minor}" / "site-packages"
    site.mkdir(parents=True)
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    info = next(site.glob("*.dist-info"))
    points = configparser.ConfigParser()
    points.read(info / "entry_points.txt")
    programs = Path(out) / "bin"
    programs.mkdir()
    for name, target in points["console_scripts"].items():
        module, _, function = target.partition(":")
        (programs / f".{name}-wrapped").write_text(
            f"import sys\nfrom {module} import {function}\nsys.exit({function}())\n"
        )
    lines = (info / "METADATA").read_text(encoding="utf-8").splitlines()
    wanted = [Requirement(line.removeprefix("Requires-Dist: ")) for line in lines if line.startswith("Requires-Dist: ")]
    given = set(os.environ["DEPENDENCIES"].split())
    for each in wanted:
        if each.marker is not None and not each.marker.evaluate({"extra": ""}):
            continue
        if normal(each.name) not in given:
            sys.exit(f"{each.name} is asked for by the wheel, and not among the expression's dependencies")
        try:
            distribution(each.name)
        except PackageNotFoundError:
            sys.exit(f"{each.name} is not installed")


main(*sys.argv[1:])
