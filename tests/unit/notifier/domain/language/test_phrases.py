"""How many of the phrases that drivers write are understood, and that none is misunderstood."""

from collections import Counter
from datetime import UTC, datetime

import pytest

from notifier.domain.language.reader import understand
from notifier.domain.language.understood import Understood
from support.phrases import BERLIN, rows

CARS = ("Zoe", "EV6")


def judged(row: dict[str, str]) -> str:
    """Right, wrong, or refused: what is asked back counts as refused."""
    written = datetime.fromisoformat(row["written_at_berlin"]).replace(tzinfo=BERLIN).astimezone(UTC)
    found = understand(row["text"], written, BERLIN, cars=CARS)
    soc, departure = "", ""
    if isinstance(found, Understood):
        soc = "" if found.soc_pct is None else f"{found.soc_pct:g}"
        departure = f"{found.departure.astimezone(BERLIN):%Y-%m-%dT%H:%M}" if found.departure else ""
    if (soc, departure) == (row["soc_pct"], row["departure_berlin"]):
        return "right"
    return "wrong" if soc or departure else "refused"


@pytest.mark.parametrize(
    ("name", "phrases", "min_right"),
    [("given", 131, 0.97), ("own_tuned", 306, 0.97), ("own_held_out", 152, 0.92), ("own_free", 336, 0.95)],
)
def test_most_phrases_are_understood_and_none_is_misunderstood(name: str, phrases: int, min_right: float) -> None:
    found = rows(name)
    counts = Counter(map(judged, found))
    assert len(found) == phrases
    assert counts["wrong"] == 0, [row["text"] for row in found if judged(row) == "wrong"]
    assert counts["right"] >= min_right * phrases, [row["text"] for row in found if judged(row) == "refused"]
