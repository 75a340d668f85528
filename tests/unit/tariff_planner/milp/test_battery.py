"""Batteries as they are: several of them, an inverter in common, a taper near full, and nothing for cars."""

from dataclasses import replace

import pytest

from support.problems import EVENING, FINE, NIGHT, WALLBOX, battery, car, charged, steps, with_car
from tariff_planner.domain.milp.solve import plan
from tariff_planner.domain.problem.problem import Problem
from tariff_planner.domain.problem.storage import Battery, Inverter, TerminalValue


def given(plan_: tuple[float, ...]) -> float:
    return sum(plan_)


def test_two_batteries_on_one_inverter_together_give_and_take_no_more_than_it_converts() -> None:
    pair = tuple(replace(battery(8.0), name=name, inverter="hybrid") for name in ("one", "two"))
    night = steps([0.10, 0.10, 0.50, 0.50], load_kw=6.0)
    free = plan(Problem(night, tuple(replace(b, inverter=None) for b in pair)), FINE)
    shared = plan(Problem(night, pair, inverters=(Inverter("hybrid", 3.0),)), FINE)
    for t in range(4):
        net = sum(b.discharge_kwh[t] - b.charge_kwh[t] for b in shared.batteries.values())
        assert -3.0 - 1e-6 <= net <= 3.0 + 1e-6
    assert sum(b.discharge_kwh[2] for b in free.batteries.values()) == pytest.approx(6.0)
    assert sum(b.discharge_kwh[2] for b in shared.batteries.values()) == pytest.approx(3.0)


def test_sun_beyond_an_inverters_ac_limit_charges_its_battery_and_no_other() -> None:
    sun = steps([0.30] * 2, pv_kw=[8.0] * 2, load_kw=0.0, export=0.08)
    inverter = Inverter("hybrid", 5.0, pv_share=1.0)
    behind = battery(1.0, worth=0.05)
    assert given(plan(Problem(sun, (behind,)), FINE).batteries["battery"].charge_kwh) == pytest.approx(0)
    coupled = plan(Problem(sun, (replace(behind, inverter="hybrid"),), inverters=(inverter,)), FINE)
    assert coupled.batteries["battery"].charge_kwh == pytest.approx((3.0, 3.0))
    assert coupled.export_kwh == pytest.approx((5.0, 5.0))
    assert given(coupled.curtailed_kwh) == 0
    beside = plan(Problem(sun, (behind,), inverters=(inverter,)), FINE)
    assert given(beside.batteries["battery"].charge_kwh) == pytest.approx(0)
    assert beside.curtailed_kwh == pytest.approx((3.0, 3.0))


def test_a_battery_that_only_charges_from_the_sun_takes_what_does_not_fit_even_while_the_house_buys() -> None:
    cooking = steps([0.30], pv_kw=[8.0], load_kw=9.0)
    behind = replace(battery(1.0, worth=0.2), can_charge_from_grid=False, inverter="hybrid")
    found = plan(Problem(cooking, (behind,), inverters=(Inverter("hybrid", 5.0, pv_share=1.0),)), FINE)
    assert found.batteries["battery"].charge_kwh == pytest.approx((3.0,))
    assert found.import_kwh == pytest.approx((4.0,))


def test_sun_is_lost_at_an_inverter_only_beyond_what_fits_though_losing_more_would_pay() -> None:
    paid = steps([0.30], pv_kw=[8.0], load_kw=0.0, export=-0.10)
    found = plan(Problem(paid, inverters=(Inverter("hybrid", 5.0, pv_share=1.0),)), FINE)
    assert found.export_kwh == pytest.approx((5.0,))
    assert found.curtailed_kwh == pytest.approx((3.0,))


def test_a_battery_that_is_nearly_full_takes_less() -> None:
    cheap = steps([0.05] * 4, minutes=15)
    one = battery(8.5, worth=0.30, taper_from_kwh=8.0, taper_to=0.2)
    found = plan(Problem(cheap, (one,)), FINE).batteries["battery"]
    before = (8.5, *found.energy_kwh)
    for energy, kwh in zip(before, found.charge_kwh, strict=False):
        share = 1 - 0.8 * max(0.0, energy - 8.0) / (one.capacity_kwh - 8.0)
        assert kwh <= one.charge_kw / 4 * share + 1e-6
    straight = plan(Problem(cheap, (replace(one, taper_from_kwh=None),)), FINE).batteries["battery"]
    assert straight.energy_kwh[0] > found.energy_kwh[0] + 0.2


def test_a_battery_that_feeds_no_cars_gives_what_the_house_lacks_and_the_car_takes_none_of_it() -> None:
    dear = replace(with_car(NIGHT, car()), batteries=(battery(9.0, worth=0.0),), steps=steps(NIGHT, load_kw=0.5))
    freely = plan(dear, FINE)
    assert max(freely.batteries["battery"].discharge_kwh) > 0.6
    kept = plan(replace(dear, batteries=(replace(dear.batteries[0], feeds_cars=False),)), FINE)
    assert max(kept.batteries["battery"].discharge_kwh) <= 0.5 + 1e-6
    assert given(kept.batteries["battery"].discharge_kwh) > 3
    assert given(charged(kept)) == pytest.approx(given(charged(freely)))


def test_what_a_battery_may_sell_but_not_give_a_car_does_not_go_there_through_the_meter() -> None:
    one = replace(battery(9.0, worth=0.0), feeds_cars=False, can_discharge_to_grid=True)
    tight = tuple(replace(s, import_limit_kw=0.0) for s in steps([0.30] * 3, load_kw=0.0, export=0.08))
    found = plan(Problem(tight, (one,), (car(goal_kwh=55.0),), (WALLBOX,)), FINE)
    for imported, exported in zip(found.import_kwh, found.export_kwh, strict=True):
        assert min(imported, exported) < 1e-3
    for t, kwh in enumerate(found.batteries["battery"].discharge_kwh):
        assert kwh <= found.export_kwh[t] + 1e-3


def test_a_battery_for_sun_alone_is_not_filled_by_another_that_buys() -> None:
    lonely = Battery("sunny", 0.0, 5.0, 2.0, 2.0, can_charge_from_grid=False, worth=(TerminalValue(5.0, 0.4),))
    buyer = Battery("buyer", 0.0, 5.0, 2.0, 2.0, worth=(TerminalValue(5.0, 0.0),))
    found = plan(Problem(steps([0.01] * 6, load_kw=0.0), (lonely, buyer)), FINE)
    assert given(found.batteries["sunny"].charge_kwh) == pytest.approx(0, abs=1e-6)
    assert found.proof.bound_eur <= 1e-6


def test_a_battery_whose_least_power_is_more_than_the_sun_gives_does_not_charge_from_it() -> None:
    weak = steps([0.30] * 2, pv_kw=[1.0] * 2, load_kw=0.5)
    one = replace(battery(1.0, worth=0.30), can_charge_from_grid=False, min_charge_kw=1.4)
    assert given(plan(Problem(weak, (one,)), FINE).batteries["battery"].charge_kwh) == 0


def test_a_battery_on_an_inverter_that_is_not_there_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="battery: no inverter 'hybrid'"):
        Problem(steps([0.30], start=EVENING), (replace(battery(), inverter="hybrid"),))
    with pytest.raises(ValueError, match="pv_share"):
        Problem(steps([0.30]), inverters=(Inverter("a", 5.0, 0.6), Inverter("b", 5.0, 0.6)))
    with pytest.raises(ValueError, match="pv_share lies from 0 to 1"):
        Inverter("a", 5.0, 1.2)


def test_a_taper_that_begins_where_the_battery_is_full_is_none() -> None:
    full_kwh = 10.0
    tapered = battery(0.0, taper_from_kwh=full_kwh - 1e-15, taper_to=0.0)
    assert plan(Problem(steps([0.1, 0.4]), (tapered,))).proof.proven


@pytest.mark.parametrize("kw", [1e-9, 5e-6, 1e-4])
@pytest.mark.parametrize("ceiling_kwh", [0.0, 0.4, 1.0])
def test_a_battery_that_takes_next_to_nothing_takes_nothing_and_has_a_plan(kw: float, ceiling_kwh: float) -> None:
    noon = steps([0.0] * 10, pv_kw=[7.5] + [0.0] * 4 + [7.5] + [0.0] * 4, load_kw=0.0, export=0.0, minutes=8)
    noon = tuple(replace(s, load_kwh=1.0 if t == 0 else 0.0, export_eur_per_kwh=0.5) for t, s in enumerate(noon))
    broken = Battery(
        "battery",
        0.5,
        1.0,
        kw,
        kw,
        max_kwh=ceiling_kwh,
        feeds_cars=False,
        inverter="hybrid",
        can_charge_from_grid=False,
    )
    found = plan(Problem(noon, (broken,), inverters=(Inverter("hybrid", 1.0, pv_share=1.0),)), FINE)
    assert found.proof.proven
    assert found.batteries["battery"].charge_kwh == (0.0,) * 10
    assert found.batteries["battery"].discharge_kwh == (0.0,) * 10
