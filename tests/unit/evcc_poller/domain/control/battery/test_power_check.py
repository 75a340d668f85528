"""What the measured power says about a mode, and what a battery does instead of what it cannot."""

import pytest

from ems.contract.site import BatteryFact, BatteryMode
from evcc_poller.domain.control.battery.capabilities import achievable
from evcc_poller.domain.control.battery.power_check import follows
from evcc_poller.domain.control.settings import ControlSettings

NORMAL, HOLD, CHARGE, HOLDCHARGE = BatteryMode.NORMAL, BatteryMode.HOLD, BatteryMode.CHARGE, BatteryMode.HOLDCHARGE


@pytest.mark.parametrize(
    ("mode", "battery_w", "grid_w", "soc", "fits"),
    [
        (CHARGE, -3000, 4000, 50, True),
        (CHARGE, 0, 1000, 50, False),
        (CHARGE, 2000, 0, 50, False),
        (CHARGE, 0, 1000, 97, None),
        (CHARGE, None, 1000, 50, None),
        (HOLD, 1500, 0, 50, False),
        (HOLD, 0, 1500, 50, True),
        (HOLD, -2000, -100, 50, True),
        (HOLD, 0, 0, 50, None),
        (HOLDCHARGE, -2000, 0, 50, False),
        (HOLDCHARGE, 1000, 0, 50, True),
        (HOLDCHARGE, 0, -1500, 50, True),
        (HOLDCHARGE, 0, 0, 50, None),
        (NORMAL, -3000, 4000, 50, False),
        (NORMAL, -3000, -200, 50, True),
        (NORMAL, 1500, 0, 50, True),
        (NORMAL, 0, 1500, 50, False),
        (NORMAL, 0, 1500, 10, None),
        (NORMAL, 0, None, 50, None),
    ],
)
def test_power_tells_the_truth_or_nothing(
    mode: BatteryMode, battery_w: float | None, grid_w: float | None, soc: float, fits: bool | None
) -> None:
    assert follows(mode, BatteryFact(power_w=battery_w, soc_pct=soc), grid_w, ControlSettings()) is fits


@pytest.mark.parametrize(
    ("wanted", "able", "done"),
    [
        (CHARGE, {HOLD, CHARGE}, CHARGE),
        (CHARGE, {HOLD}, HOLD),
        (CHARGE, set(), NORMAL),
        (HOLD, {CHARGE}, NORMAL),
        (HOLDCHARGE, {HOLD, CHARGE}, NORMAL),
        (NORMAL, set(), NORMAL),
    ],
)
def test_what_a_battery_cannot_do_becomes_the_nearest_that_it_can(
    wanted: BatteryMode, able: set[BatteryMode], done: BatteryMode
) -> None:
    assert achievable(wanted, able) is done
