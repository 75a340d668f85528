"""Sentences for people stand in the renderers alone: elsewhere the planner has reasons."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PLANNER = Path(__file__).parents[4] / "services" / "tariff_planner"
RENDERERS = {PLANNER / "domain" / "wording" / language for language in ("dutch", "english", "german")}
OWN_LETTERS = set("äöüßÄÖÜëïéèĳ")


def modules() -> list[Path]:
    return [p for p in sorted(PLANNER.rglob("*.py")) if p.parent not in RENDERERS]


def literals(tree: ast.AST) -> Iterator[ast.Constant]:
    """Strings that are no docstrings."""
    documented = {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documented:
            yield node


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PLANNER)))
def test_a_module_makes_no_text_of_its_own(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    made = [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Text"
    ]
    foreign = [node.lineno for node in literals(tree) if OWN_LETTERS & set(str(node.value))]
    assert (made, foreign) == ([], []), "give a reason, and let the renderers say it"


def test_the_scan_finds_what_it_looks_for() -> None:
    tree = ast.parse('"""Größe."""\nx = Text(en="a", de="b")\ny = "lädt"\n')
    assert {node.value for node in literals(tree)} == {"a", "b", "lädt"}
    assert len(modules()) > 60
