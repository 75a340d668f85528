"""What the last stored kWh will replace, where anybody can see it."""

import numpy as np
import pytest

from ems.forecast.history_grid import Floats
from ems.house.battery import BatterySpec
from rl_agent.domain.tabular.stored_worth import LEVELS, MULTIPLES, at_filling, stored_worth

BATTERY = BatterySpec(10, 5, 5)
CHEAP, DEAR = 0.2, 0.3
AHEAD = 36


def evening(need_kw: float = 1.0, hours: int = 4) -> Floats:
    """Nothing is needed but for some hours, ten hours from now."""
    net = np.zeros(AHEAD)
    net[10 : 10 + hours] = need_kw
    return net


def prices(now: float = CHEAP) -> Floats:
    """Dear in the evening, not cheap enough for losses until then, and cheaper than now afterwards."""
    found = np.full(AHEAD, 0.28)
    found[10:14], found[14:], found[0] = DEAR, 0.1, now
    return found


def worth(*paths: Floats, price: Floats | None = None) -> Floats:
    """By filling, for paths that are equally likely."""
    net = np.stack(paths, axis=1)[None]
    weights = np.full((1, len(paths)), 1 / len(paths))
    found: Floats = stored_worth(BATTERY, net, (prices() if price is None else price)[None], weights)[0]
    return found


def energy(filling: int) -> float:
    """Of a level, on the AC side."""
    return filling / (LEVELS - 1) * 9.5


def test_a_kwh_that_a_dear_evening_needs_is_worth_its_price() -> None:
    found = worth(evening())
    needed = [found[level] for level in range(LEVELS) if energy(level) < 4]
    # Prices are looked at in steps.
    assert needed == pytest.approx([DEAR / CHEAP] * len(needed), abs=0.15)


def test_what_no_dear_hour_needs_is_worth_less_than_the_present_price() -> None:
    found = worth(evening())
    assert all(found[level] < 1 for level in range(LEVELS - 1) if energy(level) > 4)


def test_the_more_is_stored_the_less_the_last_kwh_is_worth() -> None:
    found = worth(evening(3.0), evening(1.0), evening(0.5))
    assert (np.diff(found) <= 1e-9).all()


def test_sun_before_the_evening_fills_what_it_needs() -> None:
    sunny = evening()
    sunny[3:8] = -2.0
    assert worth(sunny).max() < 1


def test_sun_after_it_does_not() -> None:
    late = evening()
    late[20:25] = -2.0
    assert worth(late)[0] > 1.35


def test_a_cheaper_hour_before_it_makes_waiting_the_better_way() -> None:
    """A kWh that could be charged at 10 ct later is worth 10 ct and what is lost, and not the evening's price."""
    trough = prices()
    trough[5] = 0.1
    assert worth(evening(), price=trough)[0] < 0.1 / 0.95 / 0.95 / CHEAP + 0.1


def test_days_count_by_their_likelihood() -> None:
    never, always = np.zeros(AHEAD), evening()
    assert worth(never, always)[0] == pytest.approx((worth(never)[0] + worth(always)[0]) / 2)


def test_a_full_battery_is_asked_for_its_last_kwh() -> None:
    assert worth(evening(5.0))[LEVELS - 1] > 1.35


@pytest.mark.parametrize("now", [0.0, -0.3])
def test_power_that_costs_nothing_is_worth_storing(now: float) -> None:
    assert worth(evening(), price=prices(now))[0] == pytest.approx(MULTIPLES[-1])


def test_between_two_fillings_it_lies_between_their_worths() -> None:
    table = np.arange(LEVELS, dtype=np.float64)[None].repeat(4, axis=0)
    assert at_filling(table, np.array([0.0, 0.525, 1.0, 1.2])) == pytest.approx([0, 10.5, 20, 20])
