"""All that is said of six days, in every language: read aloud before it was written down here.

``python tests/unit/tariff_planner/wording/test_whole_days.py`` (with tests on the path) writes the pages anew.
"""

from pathlib import Path

import pytest

from ems.contract.message import Language
from support.days import DAYS, day, page, told
from support.said import MAX_CHARACTERS

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize("name", DAYS)
def test_a_day_reads_as_it_was_approved(name: str) -> None:
    plan = day(name)
    for language in Language:
        assert page(plan, language) == (GOLDEN / f"{name}.{language}.txt").read_text("utf-8")
    for language in Language:
        first, *others = (text.in_language(language) for text in told(plan) if text is not None)
        assert len(first) <= 255, "Home Assistant cuts a state there"
        assert max(map(len, others)) <= MAX_CHARACTERS


if __name__ == "__main__":
    for name in DAYS:
        plan = day(name)
        for language in Language:
            (GOLDEN / f"{name}.{language}.txt").write_text(page(plan, language), "utf-8")
