"""The stage that a learner sees."""

from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest

from ems.contract.requests import LoadpointMean
from ems.contract.site import Rate
from ems.virtual_house.house import VirtualCar
from rl_agent.domain.columns import CarPlace, Column, MeasuredColumns
from rl_agent.domain.home_world import AHEAD, Ahead, day_bounds, home_world, measured_trips
from support.learning import BERLIN, QUARTER, START, TERMS, measured, measured_row


def rates(start: datetime, *values: float) -> tuple[Rate, ...]:
    hour = timedelta(hours=1)
    return tuple(Rate(start=start + n * hour, end=start + (n + 1) * hour, value=v) for n, v in enumerate(values))


def test_what_has_not_happened_is_idle_and_not_measured() -> None:
    columns = measured(3)
    stage = home_world(columns, TERMS)
    now = columns.values.shape[1]
    assert stage.end == now + AHEAD // QUARTER
    assert stage.idle[now:].all()
    assert np.isnan(stage.past.load_kw[now:]).all()
    assert not stage.idle[:now].any()


def test_prices_are_known_as_far_as_they_are_there() -> None:
    columns = measured(3)
    now = columns.values.shape[1]
    stage = home_world(columns, TERMS, Ahead(buy=rates(columns.end, 0.1, 0.2), sell=rates(columns.end, 0.05)))
    assert list(stage.import_eur_per_kwh[now : now + 8]) == [0.1] * 4 + [0.2] * 4
    assert stage.known[now] == now + 8
    assert stage.export_eur_per_kwh[now] == 0.05


def test_prices_are_known_though_the_last_slot_is_not_measured_yet_when_the_next_begins() -> None:
    columns = measured(3)
    now = columns.values.shape[1] + 1
    stage = home_world(columns, TERMS, Ahead(buy=rates(columns.end + QUARTER, 0.1, 0.2)))
    assert stage.known[now] == now + 8
    buy, sell = stage.prices_seen(now, now + 144)
    assert len(buy) == len(sell) == 144
    assert list(buy[:8]) == [0.1] * 4 + [0.2] * 4
    assert stage.idle[now - 1]


def test_past_prices_were_known_as_day_ahead_prices_are() -> None:
    stage = home_world(measured(3), TERMS)
    morning, afternoon = 12 * 4 - 4, 13 * 4
    assert stage.known[morning] < stage.known[afternoon]


def test_a_gap_in_the_prices_is_idle_and_can_be_looked_across() -> None:
    columns = measured(3)
    columns.values[Column.IMPORT_EUR_PER_KWH, 100:104] = np.nan
    stage = home_world(columns, TERMS)
    assert stage.idle[100:104].all()
    assert np.isfinite(stage.import_eur_per_kwh[: columns.values.shape[1]]).all()


def test_a_home_without_any_price_has_no_stage() -> None:
    columns = measured(3)
    columns.values[Column.IMPORT_EUR_PER_KWH] = np.nan
    with pytest.raises(ValueError, match="price"):
        home_world(columns, TERMS)


def test_local_days_are_whole_also_where_the_clocks_change() -> None:
    since = datetime(2026, 3, 27, tzinfo=START.tzinfo)
    columns = measured(5, since)
    stage = home_world(columns, TERMS)
    bounds = day_bounds(stage, BERLIN, columns.end)
    assert [end - first for first, end in bounds] == [96, 92, 96, 96]
    assert stage.moment(bounds[0][0]).astimezone(BERLIN).hour == 0


def test_a_trip_is_when_the_car_was_away_and_what_it_came_back_without() -> None:
    columns = MeasuredColumns(10, CarPlace("zoe", 1))
    for n in range(40):
        soc = 80 if n < 10 else 50
        there = not 10 <= n < 20
        point = LoadpointMean(power_w=0, vehicle="zoe" if there else None, soc_pct=soc if there else None)
        columns.add([measured_row(START + n * QUARTER).model_copy(update={"loadpoints": {"1": point}})])
    terms = replace(TERMS, car=VirtualCar(capacity_kwh=50))
    (trip,) = measured_trips(columns, terms)
    assert (trip.leave, trip.back) == (START + 10 * QUARTER, START + 20 * QUARTER)
    assert trip.kwh == pytest.approx(15)
    stage = home_world(columns, terms, Ahead(departures=(columns.end + timedelta(hours=5),)))
    now = columns.values.shape[1]
    assert stage.goal_at[now + 20]
    assert stage.home[now : now + 20].all()
    assert not stage.home[now + 20]
