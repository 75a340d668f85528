"""Where evcc steered alone, nothing was saved; where the plan steered, as much as the house model says."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from ems.contract.requests import HistoryRow
from ems.contract.site import BatteryMode
from ems.demo.day import START, real_home
from ems.house.battery import BatterySpec
from ems.house.home import Home, simulate
from tariff_planner.domain.savings.ledger import SavingsLedger, period
from tariff_planner.domain.savings.measured_day import measured_slots

BERLIN = ZoneInfo("Europe/Berlin")
BATTERY = BatterySpec(10, 5, 5)
DAYS = 14


def lived(mode: Callable[[float], BatteryMode]) -> Iterator[HistoryRow]:
    """Two weeks of a real home as a history tells them, its battery steered by the price of each quarter hour."""
    home, stored = real_home(), 5.0
    begin = (START - timedelta(days=DAYS)).astimezone(BERLIN).replace(hour=0, minute=0)
    for n in range(DAYS * 96):
        start = begin + timedelta(minutes=15 * n)
        now = home.at(start)
        price = now.import_eur_per_kwh
        flows = simulate(Home(BATTERY), stored, mode(price), {}, now.load_w / 1000, now.pv_w / 1000, 0.25)
        stored = flows.battery_kwh
        yield HistoryRow(
            start=start,
            seconds=900,
            coverage_s=900,
            grid_w=flows.grid_kw * 1000,
            home_w=now.load_w,
            pv_w=now.pv_w,
            battery_w=flows.battery_kw * 1000,
            battery_soc_pct=stored * 10,
            import_eur_per_kwh=price,
            export_eur_per_kwh=now.export_eur_per_kwh,
        )


def saving(mode: Callable[[float], BatteryMode]) -> tuple[float, float, float]:
    """At least, as told, at most, in EUR over two weeks."""
    slots = list(measured_slots(lived(mode), 0.0))
    first, last = (slots[n].start.astimezone(BERLIN).date() for n in (0, -1))
    ledger = SavingsLedger(began=first).closed(last + timedelta(days=1), slots, BATTERY, BERLIN)
    found = period(ledger.days, 0, len(ledger.days), BERLIN)
    assert found is not None
    return found.saving_low_eur, found.saving_eur, found.saving_high_eur


def test_two_weeks_under_evcc_alone_have_saved_nothing() -> None:
    low, told, high = saving(lambda _: BatteryMode.NORMAL)
    assert told == pytest.approx(0, abs=0.05)
    assert low <= 0 <= high


@pytest.mark.parametrize("charges", [lambda price: price < 0.2, lambda price: price > 0.35], ids=["cheap", "dear"])
def test_a_battery_that_is_filled_by_price_has_saved_what_the_bills_differ_by(
    charges: Callable[[float], bool],
) -> None:
    def steered(price: float) -> BatteryMode:
        return BatteryMode.CHARGE if charges(price) else BatteryMode.NORMAL

    ours, evccs = (list(measured_slots(lived(mode), 0.0)) for mode in (steered, lambda _: BatteryMode.NORMAL))
    bills = [sum(slot.cost_eur for slot in slots) for slots in (ours, evccs)]
    left = [slots[-1].battery_soc_pct or 0.0 for slots in (ours, evccs)]
    assert saving(steered)[1] == pytest.approx(bills[1] - bills[0] + (left[0] - left[1]) / 10 * 0.25, abs=0.1)
