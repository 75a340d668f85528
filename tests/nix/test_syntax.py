"""Every Nix file parses, and binds no name that it does not use."""

import subprocess
from pathlib import Path

import pytest
from pynix_parser import SyntaxNode, parse

from nix.flake import ROOT, nix

FILES = sorted([ROOT / "flake.nix", *(ROOT / "nix").rglob("*.nix"), *(ROOT / "tests" / "nix").rglob("*.nix")])
OURS = [file for file in FILES if "stubs" not in file.parts]


@pytest.mark.parametrize("file", FILES, ids=lambda f: str(f.relative_to(ROOT)))
def test_a_file_parses(file: Path) -> None:
    nix()
    done = subprocess.run(["nix-instantiate", "--parse", file], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("file", OURS, ids=lambda f: str(f.relative_to(ROOT)))
def test_no_name_is_bound_in_vain(file: Path) -> None:
    assert unused(file.read_text(encoding="utf-8")) == set()


def test_a_name_bound_in_vain_is_found() -> None:
    assert unused("{ lib, pkgs }: let a = 1; b = 2; inherit (lib) c d; in pkgs.x a c") == {"b", "d"}
    assert unused("{ lib, pkgs, ... }: pkgs.x") == {"lib"}
    assert unused("args@{ lib }: lib") == {"args"}
    assert unused("a: b: a") == {"b"}
    assert unused("_: previous_: _unused: 1") == {"previous_"}
    assert unused("rec { a = 1; }") == set()


def unused(text: str) -> set[str]:
    """Names of arguments and of ``let`` that nothing refers to; those that begin with ``_`` say so themselves."""
    bound: set[str] = set()
    for node in parse(text).descendants():
        match node.kind():
            case "NODE_LET_IN":
                bound |= {name for child in node.children() for name in _bindings(child) if not _used(name, node)}
            case "NODE_LAMBDA":
                bound |= {name for name in _arguments(node.children()[0]) if not _used(name, node)}
    return {name for name in bound if not name.startswith("_")}


def _bindings(child: SyntaxNode) -> list[str]:
    match child.kind():
        case "NODE_ATTRPATH_VALUE":
            return [child.children()[0].children()[0].text()]
        case "NODE_INHERIT":
            return [c.text() for c in child.children() if c.kind() == "NODE_IDENT"]
    return []


def _arguments(parameter: SyntaxNode) -> list[str]:
    return [
        node.text().strip()
        for top in parameter.descendants()
        if top.kind() in {"NODE_PAT_ENTRY", "NODE_PAT_BIND", "NODE_IDENT_PARAM"}
        for node in top.children()[:1]
    ]


def _used(name: str, scope: SyntaxNode) -> bool:
    return any(node.text() == name and _refers(node) for node in scope.descendants() if node.kind() == "NODE_IDENT")


def _refers(node: SyntaxNode) -> bool:
    """Whether this name is a reference: neither a key nor a binding."""
    parent = node.parent()
    if parent is None:
        return False
    match parent.kind():
        case "NODE_ATTRPATH" | "NODE_PAT_BIND" | "NODE_IDENT_PARAM":
            return False
        case "NODE_PAT_ENTRY":
            return parent.children()[0].text_range() != node.text_range()
        case "NODE_INHERIT":
            # `inherit x;` refers to x outside of a let; `inherit (set) x;` only binds it.
            above = parent.parent()
            bare = not any(c.kind() == "NODE_INHERIT_FROM" for c in parent.children())
            return bare and above is not None and above.kind() != "NODE_LET_IN"
    return True
