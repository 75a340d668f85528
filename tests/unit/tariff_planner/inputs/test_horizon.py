"""The plan's slots, prices and goals come from what is known, in the site's own time."""

import itertools
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from ems.contract.requests import HistoryRow
from ems.contract.site import Rate, Tariff, TariffKind
from ems.forecast.history_grid import past
from tariff_planner.domain.inputs.battery_goals import next_goal
from tariff_planner.domain.inputs.horizon import horizon_slots, slot_prices
from tariff_planner.domain.inputs.prices.rate_timeline import RateTimeline
from tariff_planner.domain.inputs.prices.statistics import prices
from tariff_planner.domain.inputs.rules import GoalRules

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 1, 14, 8, 7, tzinfo=UTC)
QUARTER = timedelta(minutes=15)


def rates(start: datetime, values: list[float], length: timedelta = QUARTER) -> tuple[Rate, ...]:
    return tuple(Rate(start=start + i * length, end=start + (i + 1) * length, value=v) for i, v in enumerate(values))


def tariff(of: tuple[Rate, ...]) -> Tariff:
    return Tariff(kind=TariffKind.GRID, unit="EUR/kWh", fetched_at=NOW, rates=of)


def test_the_first_slot_is_what_is_left_of_the_running_one() -> None:
    cut = horizon_slots(NOW, NOW, 24)
    assert cut[0].end == datetime(2026, 1, 14, 8, 15, tzinfo=UTC)
    assert cut[0].hours == pytest.approx(8 / 60)
    assert cut[-1].end == datetime(2026, 1, 15, 8, 15, tzinfo=UTC)


def test_the_plan_reaches_as_far_as_the_prices_but_never_beyond_three_days() -> None:
    assert horizon_slots(NOW, NOW + timedelta(hours=40), 36)[-1].end >= NOW + timedelta(hours=40)
    assert horizon_slots(NOW, NOW + timedelta(hours=400), 36)[-1].end <= NOW + timedelta(hours=72, minutes=15)


def test_rates_with_a_gap_are_known_only_up_to_it() -> None:
    start = NOW.replace(minute=0)
    known = (*rates(start, [0.3, 0.2]), *rates(start + timedelta(hours=1), [0.1]))
    assert RateTimeline(known).until(NOW) == start + 2 * QUARTER
    assert RateTimeline(rates(start - timedelta(days=1), [0.3])).until(NOW) == NOW


def test_beyond_the_known_prices_those_of_the_last_days_at_the_same_local_time_are_foreseen() -> None:
    start = datetime(2026, 1, 14, 0, tzinfo=UTC)
    day = [0.20 + 0.01 * (i // 4) for i in range(96)]
    found = slot_prices(RateTimeline(rates(start, day)), horizon_slots(NOW, NOW, 36), past([], NOW), [], BERLIN)
    assert [p.known for p in found] == [True] * 64 + [False] * (len(found) - 64)
    assert found[0].eur_per_kwh == pytest.approx(0.28)
    assert found[96].eur_per_kwh == pytest.approx(found[0].eur_per_kwh)


def test_prices_of_the_history_shape_the_tail() -> None:
    start = datetime(2026, 1, 14, 8, tzinfo=UTC)
    rows = [
        HistoryRow(
            start=start - i * QUARTER,
            seconds=900,
            coverage_s=900,
            home_w=500,
            import_eur_per_kwh=0.1 if (start - i * QUARTER).hour == 3 else 0.4,
        )
        for i in range(1, 96 * 3)
    ]
    found = slot_prices(
        RateTimeline(rates(start, [0.3] * 4)), horizon_slots(NOW, NOW, 36), past(rows, NOW), rows, BERLIN
    )
    by_hour = dict(zip((s.start.hour for s in horizon_slots(NOW, NOW, 24)), found, strict=False))
    assert by_hour[3].eur_per_kwh == pytest.approx(0.1)
    assert by_hour[15].eur_per_kwh == pytest.approx(0.4)


def test_no_rates_at_all_are_an_error() -> None:
    with pytest.raises(ValueError, match="no rates"):
        slot_prices(RateTimeline([]), horizon_slots(NOW, NOW, 24), past([], NOW), [], BERLIN)


def test_percentiles_and_rank_are_weighted_by_time() -> None:
    start = NOW.replace(minute=0)
    known = (*rates(start, [0.5, 0.1], timedelta(hours=1)), *rates(start + timedelta(hours=2), [0.3, 0.4]))
    found = prices(tariff(known), start, "EUR")
    assert found is not None
    assert found.p20_eur_per_kwh == 0.1
    assert found.p60_eur_per_kwh == 0.4
    assert found.rank == pytest.approx(1.5 / 2.5)
    assert found.spread_eur_per_kwh == pytest.approx(0.4)
    assert found.next_cheap is not None
    assert (found.next_cheap.start, found.next_cheap.end) == (start + timedelta(hours=1), start + timedelta(hours=2))


def test_a_flat_tariff_is_always_at_the_lowest_rank() -> None:
    found = prices(tariff(rates(NOW.replace(minute=0), [0.3] * 8)), NOW, "EUR")
    assert found is not None
    assert found.rank == 0
    assert found.spread_eur_per_kwh == 0
    assert found.next_cheap is not None
    assert found.next_cheap.start == NOW


def test_rates_that_do_not_cover_now_tell_no_price() -> None:
    assert prices(tariff(rates(NOW + timedelta(hours=1), [0.3])), NOW, "EUR") is None
    assert prices(tariff(rates(NOW - timedelta(hours=2), [0.3])), NOW, "EUR") is None


@pytest.mark.parametrize(
    ("now", "by"),
    [
        ("2026-03-28T20:00+01:00", "2026-03-29T05:00+00:00"),  # clocks go forward that night: 07:00 is 05:00 UTC
        ("2026-10-24T20:00+02:00", "2026-10-25T06:00+00:00"),  # and back: 07:00 is 06:00 UTC
        ("2026-06-01T07:00+02:00", "2026-06-02T05:00+00:00"),  # the moment itself has passed
    ],
)
def test_a_weekly_goal_is_at_local_time_whatever_dst_does(now: str, by: str) -> None:
    found = next_goal([GoalRules(soc_pct=80, by=time(7))], datetime.fromisoformat(now).astimezone(UTC), BERLIN)
    assert found == (80, datetime.fromisoformat(by))


def test_a_goal_on_workdays_waits_for_monday() -> None:
    friday_noon = datetime(2026, 1, 16, 11, tzinfo=UTC)
    rule = GoalRules(soc_pct=70, by=time(7), days=("mon", "tue", "wed", "thu", "fri"))
    assert next_goal([rule], friday_noon, BERLIN) == (70, datetime(2026, 1, 19, 6, tzinfo=UTC))
    assert next_goal([], friday_noon, BERLIN) is None


@pytest.mark.parametrize(("second", "minutes"), [(0, 1), (1, 15 + 59 / 60), (59.9, 15 + 0.1 / 60)])
def test_in_the_last_minute_of_a_slot_the_next_one_is_decided_for(second: float, minutes: float) -> None:
    now = datetime(2026, 1, 14, 8, 14, tzinfo=UTC) + timedelta(seconds=second)
    cut = horizon_slots(now, now, 24)
    assert (cut[0].end - cut[0].start) / timedelta(minutes=1) == pytest.approx(minutes)
    assert all(a.end == b.start for a, b in itertools.pairwise(cut))


@pytest.mark.parametrize("order", [1, -1])
def test_of_two_weekly_goals_at_one_moment_the_fuller_one_counts(order: int) -> None:
    goals = [GoalRules(soc_pct=60, by=time(7)), GoalRules(soc_pct=90, by=time(7))][::order]
    now = datetime(2026, 1, 16, 11, tzinfo=UTC)
    assert next_goal(goals, now, BERLIN) == (90, datetime(2026, 1, 17, 6, tzinfo=UTC))
