"""What was measured, as columns."""

from datetime import timedelta

import numpy as np
import pytest

from ems.contract.requests import LoadpointMean
from rl_agent.domain.columns import CarPlace, Column, MeasuredColumns
from support.learning import QUARTER, START, measured, measured_row, measured_rows


def test_rows_that_come_in_any_order_stand_in_their_slots() -> None:
    rows = measured_rows(START, START + timedelta(days=1))
    one, other = MeasuredColumns(10), MeasuredColumns(10)
    one.add(rows)
    other.add(rows[50:])
    other.add(rows[:50])
    assert np.array_equal(one.values, other.values, equal_nan=True)
    assert (one.start, one.end) == (other.start, other.end) == (START, START + timedelta(days=1))


def test_what_was_not_measured_is_absent() -> None:
    columns = MeasuredColumns(10)
    columns.add([measured_row(START), measured_row(START + 3 * QUARTER)])
    assert list(np.isfinite(columns.values[Column.LOAD_KW])) == [True, False, False, True]
    assert columns.known_days == pytest.approx(2 / 96)


def test_rows_of_another_length_or_hardly_observed_are_left_out() -> None:
    columns = MeasuredColumns(10)
    hour = measured_row(START).model_copy(update={"seconds": 3600})
    hardly = measured_row(START).model_copy(update={"coverage_s": 100})
    between = measured_row(START + timedelta(minutes=7))
    columns.add([hour, hardly, between])
    assert not columns.values.size


def test_only_the_last_days_are_kept() -> None:
    columns = MeasuredColumns(2)
    for day in range(5):
        columns.add(measured_rows(START + timedelta(days=day), START + timedelta(days=day + 1)))
    assert columns.start == START + timedelta(days=3)
    assert columns.known_days == 2


def test_a_row_that_is_told_anew_counts() -> None:
    columns = measured(1)
    columns.add([measured_row(START).model_copy(update={"home_w": 9000})])
    assert columns.values[Column.LOAD_KW, 0] == 9


def test_the_car_is_home_where_it_was_seen_at_its_charger() -> None:
    columns = MeasuredColumns(10, CarPlace("zoe", 1))
    here = LoadpointMean(power_w=0, vehicle="zoe", soc_pct=60)
    other = LoadpointMean(power_w=0, vehicle="limo", soc_pct=90)
    for n, point in enumerate((here, other, None)):
        points = {"1": point} if point else {}
        columns.add([measured_row(START + n * QUARTER).model_copy(update={"loadpoints": points})])
    assert list(columns.values[Column.CAR_HOME, :2]) == [1, 0]
    assert np.isnan(columns.values[Column.CAR_HOME, 2])
    assert columns.values[Column.CAR_PCT, 0] == 60
    assert np.isnan(columns.values[Column.CAR_PCT, 1])
