"""What is strange in a document costs itself and nothing else."""

import json
from datetime import UTC, datetime
from typing import Any, Literal

import pytest
from pydantic import BaseModel, TypeAdapter

from ems.runtime.notation.salvage import Unreadable, readable

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)


class Wish(BaseModel):
    """A member that stands by itself."""

    kind: Literal["hold", "charge"]
    until: datetime | None = None
    soc_pct: float | None = None


class Kept(BaseModel):
    """A file of this version."""

    v: Literal[1] = 1
    reserve_pct: int | None = None
    price_eur: float | None = None
    wishes: list[Wish] = []


KEPT = TypeAdapter(Kept)
HELD = Wish(kind="hold", until=NOW)
HOLD = {"kind": "hold", "until": "2026-11-29T12:00:00Z"}


def deep(levels: int) -> Any:
    """A list in a list in a list."""
    nested: Any = []
    for _ in range(levels):
        nested = [nested]
    return nested


@pytest.mark.parametrize(
    ("document", "found", "lost"),
    [
        ({"v": 1, "reserve_pct": 20, "wishes": [HOLD]}, Kept(reserve_pct=20, wishes=[HELD]), ()),
        ({"reserve_pct": 20, "invented": {"later": 1}}, Kept(reserve_pct=20), ()),
        ({"reserve_pct": {"at_least": 20}, "wishes": [HOLD]}, Kept(wishes=[HELD]), ("reserve_pct",)),
        (
            {"reserve_pct": 20, "wishes": [{"kind": "sell"}, HOLD, *[{"kind": "hold", "until": "sunset"}] * 10]},
            Kept(reserve_pct=20, wishes=[HELD]),
            ("wishes 0", *sorted(f"wishes {n}" for n in range(2, 12))),
        ),
        ({"wishes": {"newer": "shape"}}, Kept(), ("wishes",)),
        ({"reserve_pct": "\ud800", "wishes": [HOLD]}, Kept(wishes=[HELD]), ("reserve_pct",)),
        ({"reserve_pct": 20, "half \ud800": 1}, Kept(reserve_pct=20), ("half \\ud800",)),
        ({"wishes": [HOLD, {"kind": "\udfff"}, HOLD]}, Kept(wishes=[HELD, HELD]), ("wishes 1",)),
        ({"reserve_pct": 20, "price_eur": float("nan")}, Kept(reserve_pct=20), ("price_eur",)),
        ({"reserve_pct": 20, "price_eur": "-Infinity"}, Kept(reserve_pct=20), ("price_eur",)),
        ({"reserve_pct": 20, "price_eur": float("inf"), "v": 1}, Kept(reserve_pct=20), ("price_eur",)),
        ({"wishes": [HOLD, {**HOLD, "soc_pct": float("nan")}]}, Kept(wishes=[HELD]), ("wishes 1",)),
        ({"wishes": [HOLD, deep(900)]}, Kept(wishes=[HELD]), ("wishes 1",)),
    ],
)  # fmt: skip
def test_what_is_strange_costs_itself_and_nothing_else(document: Any, found: Kept, lost: tuple[str, ...]) -> None:
    assert readable(KEPT, json.dumps(document), [("wishes",)]) == (found, lost)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "damaged"),
        ('{"reserve_pct": 20', "damaged"),
        ("[]", "damaged"),
        ("[" * 100_000, "damaged"),
        ('{"v": 2, "reserve_pct": 20}', "another version"),
        ('{"v": "\\ud800", "reserve_pct": 20}', "another version"),
    ],
)
def test_what_cannot_be_used_at_all_says_why(text: str, why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        readable(KEPT, text)
