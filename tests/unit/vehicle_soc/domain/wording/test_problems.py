"""What the owner of a car is told."""

from hypothesis import given
from hypothesis import strategies as st

from vehicle_soc.domain.wording.problems import vin_end


@given(st.text(max_size=20))
def test_a_vin_is_told_by_its_last_four_at_most(vin: str) -> None:
    assert len(vin_end(vin)) <= 5
