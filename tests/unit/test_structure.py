"""The order that neither ruff nor import-linter checks: small folders, and names that mean one thing."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.slowest import SLOWEST, TESTS

ROOT = Path(__file__).parents[2]
PACKAGES = [*sorted(p for p in (ROOT / "services").iterdir() if (p / "__init__.py").exists()), ROOT / "shared" / "ems"]
MAX_MODULES = 15
"""Modules beside each other in one folder; more cannot be taken in at a glance."""
EXEMPT = {ROOT / "shared" / "ems" / "contract"}
"""The messages and topics of the bus: one flat list of concepts on purpose."""


def public_classes(package: Path) -> Iterator[tuple[str, Path]]:
    """Name and file of every public class that a module of ``package`` defines."""
    for path in sorted(package.rglob("*.py")):
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                yield node.name, path.relative_to(package)


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.name)
def test_a_public_class_name_means_one_thing_inside_a_service(package: Path) -> None:
    places = defaultdict(list)
    for name, path in public_classes(package):
        places[name].append(str(path))
    assert len(places) > 10
    assert {name: paths for name, paths in places.items() if len(paths) > 1} == {}


def test_no_folder_holds_more_modules_than_can_be_taken_in_at_a_glance() -> None:
    folders = {path.parent for package in PACKAGES for path in package.rglob("*.py")} - EXEMPT
    counts = {folder: len([p for p in folder.glob("*.py") if p.name != "__init__.py"]) for folder in folders}
    assert len(counts) > 20
    assert {str(f.relative_to(ROOT)): n for f, n in counts.items() if n > MAX_MODULES} == {}


def test_the_unit_tests_stand_where_their_package_stands() -> None:
    folders = {p.name for p in (ROOT / "tests" / "unit").iterdir() if p.is_dir() and any(p.rglob("test_*.py"))}
    assert folders == {package.name for package in PACKAGES}


def test_the_slowest_files_of_tests_are_there() -> None:
    assert [file for file in SLOWEST if not (TESTS / file).is_file()] == []
