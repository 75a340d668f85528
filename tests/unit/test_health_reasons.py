"""docs/operations.md has every reason that health can give, and no other."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
ALL = "all"
SHARED = {"bus": ALL, "metrics": "evcc-poller"}
"""Whose health the packages of ``ems`` report to; only the gateway writes to InfluxDB."""
NAMED_ELSEWHERE = {
    "evcc_poller/control/handover_writer.py": ("control",),
    "evcc_poller/control/limit_handover.py": ("control",),
    "notifier/telegram/chat_sender.py": ("chat",),
    "vehicle_soc/app.py": ("car",),
    "bus/acl_errors.py": ("read", "publish"),
}
"""Keys that a name stands for, by file."""


def reported() -> Iterator[tuple[str, str]]:
    """Service and key, without what follows its colon, of each call that degrades health or fails it."""
    for folder in (ROOT / "services", ROOT / "shared" / "ems"):
        for file in folder.rglob("*.py"):
            path = file.relative_to(folder)
            room = path.parts[0]
            service = SHARED.get(room, ALL) if folder.name == "ems" else room.replace("_", "-")
            for call in ast.walk(ast.parse(file.read_text("utf-8"))):
                if isinstance(call, ast.Call) and _reports(call):
                    yield from ((service, key) for key in _keys(call.args[0], str(path)))
                elif isinstance(call, ast.Call) and _sets_files_aside(call):
                    yield service, "file"


def _reports(call: ast.Call) -> bool:
    if not isinstance(call.func, ast.Attribute):
        return False
    return call.func.attr in {"degraded", "failed"} and "health" in ast.unparse(call.func.value)


def _sets_files_aside(call: ast.Call) -> bool:
    return bool(call.args) and ast.unparse(call.args[0]).endswith("health.file_set_aside")


def _keys(argument: ast.expr, path: str) -> tuple[str, ...]:
    match argument:
        case ast.Constant(value=str() as key):
            return (key,)
        case ast.JoinedStr(values=[ast.Constant(value=str() as begin), *_]):
            return (begin.split(":")[0],)
    assert path in NAMED_ELSEWHERE, f"{path} names its key elsewhere: add it to the table of this test"
    return NAMED_ELSEWHERE[path]


def told() -> set[tuple[str, str]]:
    """The rows of the page."""
    page = (ROOT / "docs" / "operations.md").read_text("utf-8")
    section = page.split("## Each reason in health")[1].split("\n## ")[0]
    rows = re.findall(r"^\| ([a-z-]+) \| ([^|]+) \|", section, re.MULTILINE)
    return {(service, key.split(":")[0]) for service, keys in rows for key in re.findall(r"`([^`]+)`", keys)}


def test_the_page_of_operations_tells_each_reason_and_what_to_do() -> None:
    assert told() == set(reported())
