"""Sentences for people stand in the renderers alone: elsewhere there are reasons."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[4]
PLACES = [
    ROOT / "services" / "tariff_planner",
    ROOT / "services" / "evcc_poller",
    ROOT / "services" / "notifier",
    ROOT / "services" / "vehicle_soc",
    ROOT / "shared" / "ems" / "bus",
    ROOT / "shared" / "ems" / "contract",
    ROOT / "shared" / "ems" / "i18n",
    ROOT / "shared" / "ems" / "metrics",
    ROOT / "services" / "rl_agent",
]
"""Whatever has its texts in renderers. A further service is one line."""
LANGUAGES = ("dutch", "english", "german")
OWN_LETTERS = set("äöüßÄÖÜëïéèĳ")


GRAMMAR = ROOT / "services" / "notifier" / "domain" / "language"
"""What people write, in all their languages."""


def modules() -> list[Path]:
    every = [path for place in PLACES for path in sorted(place.rglob("*.py")) if GRAMMAR not in path.parents]
    # The currencies' names for their small coins are the same in every language.
    return [p for p in every if p.parent.name not in LANGUAGES and p.stem not in (*LANGUAGES, "currency")]


def literals(tree: ast.AST) -> Iterator[ast.Constant]:
    """Strings that are no docstrings."""
    documented = {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documented:
            yield node


def _takes_any_words(call: ast.Call) -> bool:
    """Whether it is a ``partial`` of a health report, to which mypy lets everybody give a string."""
    reports = [a for a in call.args if isinstance(a, ast.Attribute) and a.attr in {"degraded", "failed"}]
    return isinstance(call.func, ast.Name) and call.func.id == "partial" and bool(reports)


def made(tree: ast.AST) -> list[int]:
    """Lines that make a text of words, refuse a command in words, or report a health in words."""
    lines = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            words = node.args and isinstance(node.args[0], ast.Constant | ast.JoinedStr)
            if node.func.id == "Text" or (node.func.id == "Refused" and words) or _takes_any_words(node):
                lines.append(node.lineno)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and len(node.args) > 1:
            words = isinstance(node.args[1], ast.Constant | ast.JoinedStr)
            if node.func.attr in {"degraded", "failed"} and words:
                lines.append(node.lineno)
    return lines


ENGLISH_FOR_PROGRAMS = {ROOT / "services" / "evcc_poller" / "recording" / "history_recorder.py"}
"""Refuses requests, which programs make: their answer has English words alone."""


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_makes_no_text_of_its_own(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    foreign = [node.lineno for node in literals(tree) if OWN_LETTERS & set(str(node.value))]
    words = [] if path in ENGLISH_FOR_PROGRAMS else made(tree)
    assert (words, foreign) == ([], []), "give a reason, and let the renderers say it"


def test_the_scan_finds_what_it_looks_for() -> None:
    tree = ast.parse(
        '"""Größe."""\nx = Text(en="a", de="b")\ny = "lädt"\nraise Refused(f"no {x}")\n'
        'Refused(x)\nhealth.failed(x, "bad")\npartial(health.degraded, x)'
    )
    assert {node.value for node in literals(tree)} == {"a", "b", "bad", "lädt", "no "}
    assert made(tree) == [2, 4, 6, 7]
    assert len(modules()) > 230
