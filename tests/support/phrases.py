"""What drivers write: the phrases of tests/fixtures/phrases, and moments in Berlin's time."""

import csv
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

FIXTURES = Path(__file__).parents[1] / "fixtures" / "phrases"
BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 18, 18, 20, tzinfo=UTC)
"""Wednesday, 19:20 in Berlin."""


def local(text: str) -> datetime:
    """A moment written in Berlin's time."""
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN).astimezone(UTC)


def rows(name: str) -> list[dict[str, str]]:
    """The phrases of one file, with what they mean."""
    with (FIXTURES / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


PHRASES = [row["text"] for name in ("given", "own_tuned", "own_held_out", "own_free") for row in rows(name)]
