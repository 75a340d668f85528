import numpy as np
import pytest

from ems.report.pictures import heat, lines


@pytest.mark.parametrize("count", [1, 2, 50])
def test_a_line_has_as_many_points_as_it_has_values_and_at_least_two(count: int) -> None:
    points = lines({"plan": np.arange(count, dtype=float)}).split('points="')[1].split('"')[0].split()
    assert len(points) == max(count, 2)


def test_a_field_has_a_square_for_every_cell_and_the_names_of_both_sides() -> None:
    drawn = heat([["plan", None], ["hold", "hold"]], ["cheap", "dear"], ["empty", "full"])
    assert drawn.count("<rect") == 4
    assert drawn.count("var(--rule)") == 1
    assert all(name in drawn for name in ("cheap", "dear", "empty", "full"))
