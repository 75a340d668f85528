"""Where the peak of a better plan lies: narrow ranges first, and nothing is proven that has not been looked at."""

from dataclasses import replace
from math import inf

import pytest

from support.random_homes import problem
from tariff_planner.domain.milp.peaks import Peaks
from tariff_planner.domain.milp.solve import plan
from tariff_planner.domain.milp.solver.branch_and_bound import Effort
from tariff_planner.domain.milp.solver.linear_program import LinearProgram

CAR_AND_PEAK = 97
"""A home with one car on three phases and a capacity price, whose cheapest plan costs 23.775 EUR without battery."""
CAR_EUR = 5.0
FITS_KW = 6.0
"""Below this peak the car does not fit, and its goal is missed."""


def cost(peak_kw: tuple[float, float]) -> float:
    """A relaxation: 100 EUR for a missed goal where no peak in the range is high enough; 1 EUR per kW."""
    low, high = peak_kw
    return CAR_EUR + max(low, FITS_KW) if high >= FITS_KW else 100.0 + low


def test_the_next_range_is_a_narrow_one_just_above_what_the_car_needs() -> None:
    peaks = Peaks(2.0, 18.0, 7.0)
    peaks.narrow(cost, 30.0)
    assert peaks.range is not None
    low, high = peaks.range
    assert low <= FITS_KW <= high
    assert high - low <= 0.5
    assert peaks.least == CAR_EUR + FITS_KW
    assert peaks.narrowed


def test_plans_with_other_peaks_count_until_they_are_looked_for() -> None:
    peaks = Peaks(2.0, 18.0, 7.0)
    peaks.narrow(cost, 30.0)
    assert peaks.range is not None
    high = peaks.range[1]
    assert peaks.outside == CAR_EUR + high
    peaks.widen(most=14.0, searched=12.0)
    # Searched up to ``high`` without anything below 12 EUR, and above 9 kW nothing costs less than 14.
    assert peaks.range == (high, 10.0)
    assert peaks.outside == 12.0
    assert not peaks.narrowed


def test_a_range_that_was_not_searched_to_its_end_stays() -> None:
    peaks = Peaks(2.0, 18.0, 7.0)
    peaks.narrow(cost, 30.0)
    peaks.widen(most=14.0, searched=None)
    assert peaks.range == (5.5, 10.0)
    assert peaks.outside >= 14.0


def test_nothing_is_left_where_every_peak_costs_more() -> None:
    peaks = Peaks(2.0, 18.0, 7.0)
    peaks.narrow(cost, 10.0)
    assert peaks.range is None
    assert peaks.least == inf
    assert 10.0 <= peaks.outside <= CAR_EUR + FITS_KW


def test_without_a_battery_two_searches_tell_what_a_peak_costs_to_20_ct(monkeypatch: pytest.MonkeyPatch) -> None:
    searches = 0
    solve = LinearProgram.solve

    def counted(itself: LinearProgram, *args: object) -> object:
        nonlocal searches
        searches += 1
        return solve(itself, *args)  # type: ignore[arg-type]  # as given

    monkeypatch.setattr(LinearProgram, "solve", counted)
    home = replace(problem(CAR_AND_PEAK)[0], batteries=())
    found = plan(home, Effort(seconds=1.1), lambda: float(searches))
    assert searches == 2
    # Relaxed, a car is half on below any peak: with the two searches over all peaks the bound was 20.47.
    assert found.proof.bound_eur > 23.775 - 0.2
