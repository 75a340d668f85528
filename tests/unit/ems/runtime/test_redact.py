"""Secrets are taken out of what others say; nothing that we say ourselves looks like one."""

import ast
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from ems.runtime import redact

ROOT = Path(__file__).parents[4]


def texts(tree: ast.AST) -> Iterator[str]:
    """The string literals of a module but its docstrings; of f-strings with a word in each place."""
    inside = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if id(node) in inside | docs:
            continue
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(p.value) if isinstance(p, ast.Constant) else "word" for p in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def test_no_text_of_ours_is_taken_for_a_secret() -> None:
    masked = [
        f"{path.relative_to(ROOT)}: {text}"
        for folder in ("services", "shared")
        for path in sorted((ROOT / folder).rglob("*.py"))
        for text in texts(ast.parse(path.read_text("utf-8")))
        if redact.MASK in redact.text(text) and text != redact.MASK
    ]
    assert masked == []


@pytest.mark.parametrize("said", ["password=hunter2", "token: abc", "Authorization: Bearer abc", "http://a:b@c/"])
def test_what_others_say_is_masked_where_it_looks_like_a_secret(said: str) -> None:
    assert redact.MASK in redact.text(f"it said {said}")


def test_our_own_errors_of_settings_keep_their_words() -> None:
    redact.register("hunter2-horse")
    assert redact.registered("zoe.password: missing; hunter2-horse") == f"zoe.password: missing; {redact.MASK}"


def test_a_payload_loses_its_secrets_and_stays_a_payload() -> None:
    redact.register('canary"key')
    redact.register("1234")
    redact.register("12345678")
    told = json.dumps({"reason": 'refuses Token canary"key', "soc": 1234.5, "power_w": 12345678})
    assert json.loads(redact.payload(told.encode())) == {
        "reason": "refuses Token [redacted]",
        "soc": 1234.5,
        "power_w": 12345678,
    }
