"""Evidence that may be looked at every day."""

import numpy as np
import pytest

from rl_agent.domain.judge.evidence import EProcess, interval

NEEDED = 20


def ever_reached(differences: "np.typing.NDArray[np.float64]") -> bool:
    process = EProcess()
    for difference in differences:
        process = process.after(float(difference))
        if process.e_value >= NEEDED:
            return True
    return False


def share_of_years(seed: int, mean: float, spread: float, days: int, years: int) -> float:
    random = np.random.default_rng(seed)
    return float(np.mean([ever_reached(random.normal(mean, spread, days)) for _ in range(years)]))


def test_nothing_is_no_evidence() -> None:
    assert EProcess().e_value == pytest.approx(1)


def test_ties_are_no_wins() -> None:
    process = EProcess()
    for _ in range(1000):
        process = process.after(0.0)
    assert process == EProcess()


def test_what_is_no_number_is_no_evidence() -> None:
    assert EProcess().after(float("nan")) == EProcess()


def test_the_first_difference_gives_but_the_scale() -> None:
    assert EProcess().after(1000.0).e_value == pytest.approx(1)


def test_the_unit_of_the_differences_does_not_matter() -> None:
    values = [0.3, -0.1, 0.4, 0.2, 0.5]
    euros, cents = EProcess(), EProcess()
    for value in values:
        euros, cents = euros.after(value), cents.after(100 * value)
    assert euros.e_value == pytest.approx(cents.e_value)


def test_a_useless_learner_that_is_looked_at_every_day_of_a_year_is_hardly_ever_promoted() -> None:
    assert share_of_years(1, mean=0, spread=1, days=365, years=300) <= 0.05


def test_a_learner_that_is_better_by_half_a_spread_is_mostly_found_within_a_year_of_weeks() -> None:
    assert share_of_years(2, mean=0.5, spread=1, days=52, years=200) >= 0.6


def test_steady_losses_never_look_like_wins() -> None:
    assert not ever_reached(np.full(4000, -1.0))


def test_steady_wins_are_found_within_two_weeks_of_days() -> None:
    assert ever_reached(np.full(14, 1.0))


def test_one_huge_win_among_losses_is_no_proof() -> None:
    assert not ever_reached(np.array([-1.0] * 20 + [1e6] + [-1.0] * 20))


def test_evidence_has_no_overflow_however_long_it_goes_on() -> None:
    process = EProcess()
    for _ in range(20_000):
        process = process.after(1.0)
    assert np.isfinite(process.e_value)
    assert process.e_value > 1e100


def test_days_to_go_fall_as_the_evidence_grows_and_are_none_when_it_leads_nowhere() -> None:
    winning = losing = EProcess()
    left = []
    for n in range(30):
        winning, losing = winning.after(1.0 if n % 4 else -1.0), losing.after(-1.0)
        left.append(winning.more_needed(NEEDED))
    assert losing.more_needed(NEEDED) is None
    known = [more for more in left[8:] if more is not None]
    assert known[-1] < known[0]


def test_the_interval_of_two_equal_days_is_wide_open_only_when_they_differ() -> None:
    assert interval([1.0], 0.05) is None
    exact, vague = interval([1.0, 1.0], 0.05), interval([0.0, 2.0], 0.05)
    assert exact is not None
    assert (exact.low, exact.high) == (1, 1)
    assert vague is not None
    assert vague.low < 0 < vague.high


def test_an_interval_that_is_looked_at_every_day_mostly_holds_the_truth() -> None:
    random, missed = np.random.default_rng(3), 0
    for _ in range(100):
        values = random.normal(0.2, 1, 200)
        missed += any(
            not found.low <= 0.2 <= found.high
            for n in range(20, 200, 10)
            if (found := interval(list(values[:n]), 0.05)) is not None
        )
    assert missed <= 8
