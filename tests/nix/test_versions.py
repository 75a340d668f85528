"""Whether nixpkgs' versions are enough: asked of the same metadata, with the same words, as nixpkgs' build asks."""

import json
import re
import tomllib
from importlib.metadata import requires
from typing import Any

import pytest
from packaging.requirements import Requirement

from nix.flake import NIXPKGS, ROOT, flake

TABLE: dict[str, Any] = json.loads((ROOT / "nix" / "packages" / "nixpkgs-versions.json").read_text())
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
PACKAGES = ["evcc-ems", "hyundai-kia-connect-api", "renault-api"]


def ours() -> dict[str, Any]:
    """The packages that this flake brings itself: their versions, and what their expressions say."""
    found: dict[str, Any] = flake().evaluate("lib.pythonPackages")
    return found


def versions() -> dict[str, str]:
    own = {name: about["version"] for name, about in ours().items()}
    return {**TABLE["versions"], **own}


def normal(name: str) -> str:
    """As nixpkgs' python-runtime-deps-check-hook writes names (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def asked(package: str) -> list[Requirement]:
    """What the package's wheel will ask for; the markers that do not hold in a plain install are left out."""
    lines = PROJECT["project"]["dependencies"] if package == "evcc-ems" else requires(package) or []
    found = [Requirement(line) for line in lines]
    return [each for each in found if each.marker is None or each.marker.evaluate({"extra": ""})]


def refused(wanted: list[Requirement], relaxed: list[str], there: dict[str, str]) -> list[str]:
    """What the hook would print, after pythonRelaxDeps has taken away the limits of ``relaxed``."""
    found = []
    for each in wanted:
        name = normal(each.name)
        version = there.get(name)
        if version is None:
            found.append(f"{name} not installed")
        elif name not in map(normal, relaxed) and not each.specifier.contains(version, prereleases=True):
            found.append(f"{name}{each.specifier} not satisfied by version {version}")
    return found


@pytest.mark.parametrize("package", PACKAGES)
def test_every_version_that_a_package_asks_for_is_in_nixpkgs(package: str) -> None:
    about = ours()[package]
    installed = {normal(name): versions()[normal(name)] for name in about["dependencies"]}
    assert refused(asked(package), about["relaxed"], installed) == []


@pytest.mark.parametrize("package", PACKAGES)
def test_no_limit_is_relaxed_that_would_hold(package: str) -> None:
    about = ours()[package]
    wanted = [each for each in asked(package) if normal(each.name) in map(normal, about["relaxed"])]
    assert len(refused(wanted, [], versions())) == len(about["relaxed"]), "relax only what stands in the way"


def test_what_builds_the_suite_is_in_nixpkgs() -> None:
    wanted = [Requirement(line) for line in PROJECT["build-system"]["requires"]]
    there = {name: versions()[name] for name in ours()["evcc-ems"]["build"]}
    assert refused(wanted, [], there) == []


def test_the_demo_adds_what_the_extra_of_that_name_asks_for() -> None:
    wanted = {normal(Requirement(line).name) for line in PROJECT["project"]["optional-dependencies"]["demo"]}
    demo = flake().evaluate("packages.x86_64-linux.evcc-ems-demo.dependencies", "map (each: each.pname)")
    assert wanted <= set(demo)


def test_an_unmet_limit_and_a_forgotten_package_are_found() -> None:
    wanted = [Requirement("pycryptodome>=4"), Requirement("certifi>=2026.7"), Requirement("Soup_Sieve")]
    there = {"pycryptodome": "3.23.0", "certifi": "2026.4.22"}
    assert refused(wanted, ["certifi"], there) == [
        "pycryptodome>=4 not satisfied by version 3.23.0",
        "soup-sieve not installed",
    ]


def test_the_table_is_what_a_real_nixpkgs_has() -> None:
    if NIXPKGS is None:
        pytest.skip("!!! NO NIXPKGS HERE: its versions are those that were read once, see nixpkgs-versions.json !!!")
    there = flake().evaluate("lib.pythonVersions")
    behind = [f"{name}: {TABLE['versions'][name]} here, {version} there" for name, version in there.items()
              if TABLE["versions"][name] != version]  # fmt: skip
    assert behind == [], "nix eval --json .#lib.pythonVersions, into nix/packages/nixpkgs-versions.json"
